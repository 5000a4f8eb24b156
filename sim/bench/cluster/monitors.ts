/**
 * Monitors of the compiled binary as processes of their own, on free ports of the loopback, with what they
 * say in files. They are linked to a name of their own first: a build in between changes nothing.
 */
import { closeSync, copyFileSync, existsSync, linkSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "../../free_ports.ts";

const BINARY = fileURLToPath(new URL("../../../dist/phi", import.meta.url));
const HOST = "127.0.0.1";
const WAIT_MS = 30_000;
const POLL_MS = 10;

export interface ClusterMember {
  readonly id: string;
  readonly role: string;
  readonly lagEntries?: number;
  readonly isActive?: boolean;
}

/** What is read of `GET /cluster`. */
export interface ClusterAnswer {
  readonly id: string;
  readonly leader: string | null;
  readonly members: readonly ClusterMember[];
}

export interface MonitorsOptions {
  readonly directory: string;
  /** How many there may be; the first founds the cluster. */
  readonly size: number;
  /** A file with what the founder is to watch. */
  readonly config?: string;
  /** What else a monitor is started with; the first has place 0. */
  readonly flagsOf?: (place: number) => readonly string[];
}

export class Monitor {
  readonly id: string;
  readonly port: number;
  readonly logPath: string;
  readonly #command: readonly string[];
  #child: Bun.Subprocess | undefined;

  constructor(id: string, port: number, directory: string, command: readonly string[]) {
    this.id = id;
    this.port = port;
    this.logPath = join(directory, `${id}.log`);
    this.#command = command;
  }

  get url(): string {
    return `http://${HOST}:${this.port}`;
  }

  /** Returns before it answers. */
  start(): void {
    const log = openSync(this.logPath, "a");
    this.#child = Bun.spawn([...this.#command], {
      // Its settings may come from the environment too.
      env: { NO_COLOR: "1" },
      stdin: "ignore",
      stdout: "ignore",
      stderr: log,
    });
    closeSync(log);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async ended(): Promise<void> {
    await this.#child?.exited;
  }

  async log(): Promise<string> {
    return await Bun.file(this.logPath).text();
  }
}

export class Monitors {
  readonly all: readonly Monitor[];
  /** The file that they run. */
  readonly binary: string;

  /** Nothing runs yet. */
  constructor({ directory, size, config, flagsOf = () => [] }: MonitorsOptions) {
    this.binary = linkBinary(directory);
    const ports = freePorts(2 * size);
    this.all = Array.from({ length: size }, (_, place) => {
      const id = `monitor${place + 1}`;
      const [port, raftPort] = [ports[place]!, ports[size + place]!];
      const founding = ["--bootstrap", ...(config === undefined ? [] : [`--config=${config}`])];
      return new Monitor(id, port, directory, [
        this.binary,
        "monitor",
        `--id=${id}`,
        `--http-bind=${HOST}:${port}`,
        `--raft-bind=${HOST}:${raftPort}`,
        `--datadir=${join(directory, id)}`,
        "--allow-net=127.0.0.0/8",
        ...(place === 0 ? founding : [`--join=${HOST}:${ports[0]}`]),
        ...flagsOf(place),
      ]);
    });
  }

  /** All of them, once each is a voter that lacks nothing. */
  async start(withinMs = WAIT_MS): Promise<void> {
    for (const monitor of this.all) monitor.start();
    await this.settled(withinMs);
  }

  /** Waits until a leader hears all members, all are voters, and none lacks an entry. */
  async settled(withinMs = WAIT_MS): Promise<Monitor> {
    const settledLeader = async () => {
      const leader = await this.leader();
      if (leader === undefined) return undefined;
      const { members } = (await clusterOf(leader)) ?? { members: [] };
      return members.length === this.all.length && members.every(isSettled) ? leader : undefined;
    };
    return await until("all monitors to be voters that lack nothing", settledLeader, withinMs);
  }

  /** The one that says of itself that it leads. */
  async leader(): Promise<Monitor | undefined> {
    for (const monitor of this.all) {
      const cluster = await clusterOf(monitor);
      if (cluster !== undefined && cluster.leader === cluster.id) return monitor;
    }
    return undefined;
  }

  async stop(): Promise<void> {
    // One that is stopped would not hear that it is asked to end.
    for (const monitor of this.all) monitor.signal("SIGKILL");
    await Promise.all(this.all.map((monitor) => monitor.ended()));
  }
}

function isSettled({ role, lagEntries, isActive }: ClusterMember): boolean {
  return role === "voter" && lagEntries === 0 && isActive === true;
}

/** Undefined while it does not answer. */
export async function clusterOf({ url }: Monitor): Promise<ClusterAnswer | undefined> {
  return (await askJson(`${url}/cluster`)) as ClusterAnswer | undefined;
}

/** Undefined where there is no answer that says 200. */
export async function askJson(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    const text = await response.text();
    return response.ok ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Looks again and again until there is something; an error that names `what` when it has taken too long. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined>,
  withinMs = WAIT_MS,
): Promise<Found> {
  for (const endMs = performance.now() + withinMs; performance.now() < endMs;) {
    // One look after the other.
    const found = await look();
    if (found !== undefined) return found;
    await Bun.sleep(POLL_MS);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** A second name of the same file, or a copy where the directory is on another file system. */
function linkBinary(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "phi");
  if (existsSync(path)) return path;
  try {
    linkSync(BINARY, path);
  } catch {
    copyFileSync(BINARY, path);
  }
  return path;
}
