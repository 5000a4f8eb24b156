/**
 * A cluster of local processes of the compiled binary, on free ports of the loopback. What it starts is
 * written down, so that a later run ends what a run that was killed outright has left behind.
 */
import { mkdirSync, mkdtempSync, openSync, closeSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePorts } from "../free_ports.ts";
import { endProcesses } from "../demo/end_processes.ts";
import { identify, isRunning } from "../demo/process_identity.ts";
import { deleteRecord, readRecords, type StoredRecord, writeRecord } from "../demo/run_record.ts";
import { type ChaosCluster, type ClusterSize, type Member, namesOf } from "./cluster.ts";

const HOST = "127.0.0.1";
/** Where it is written down what runs. */
const RECORDS = ".run/chaos";

interface Part extends Member {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  child: Bun.Subprocess | undefined;
}

export class ProcessCluster implements ChaosCluster {
  readonly kind = "processes";
  readonly monitors: readonly Part[];
  readonly servers: readonly Part[];
  readonly #binary: string;
  readonly #directory = mkdtempSync(join(tmpdir(), "phi-chaos-"));
  #stored: StoredRecord | undefined;

  /** Starts all of it; returns before anything of it answers. */
  static start(size: ClusterSize, binary: string): ProcessCluster {
    const cluster = new ProcessCluster(size, binary);
    for (const part of cluster.#parts) cluster.#spawn(part);
    return cluster;
  }

  private constructor({ monitors, servers }: ClusterSize, binary: string) {
    this.#binary = resolve(binary);
    const ports = freePorts(2 * monitors + servers);
    const httpPorts = ports.splice(0, monitors);
    const raftPorts = ports.splice(0, monitors);
    this.monitors = namesOf("monitor", monitors).map((name, index) => ({
      name,
      url: `http://${HOST}:${httpPorts[index]}`,
      args: ["monitor", `--http-bind=${HOST}:${httpPorts[index]}`, `--allow-net=127.0.0.0/8`],
      env: {
        IDENTIFIER: name,
        RAFT_BIND: `${HOST}:${raftPorts[index]}`,
        DATA_DIR: join(this.#directory, name),
        ...(index === 0 ? { BOOTSTRAP: "True" } : { JOIN: `${HOST}:${httpPorts[0]}` }),
      },
      child: undefined,
    }));
    this.servers = namesOf("server", servers).map((name, index) => ({
      name,
      url: `http://${HOST}:${ports[index]}`,
      args: ["sim", `--port=${ports[index]}`],
      env: {},
      child: undefined,
    }));
  }

  addressOf(server: string): string {
    return this.#part(server).url;
  }

  async kill(name: string): Promise<void> {
    const { child } = this.#part(name);
    child?.kill("SIGKILL");
    await child?.exited;
  }

  restart(name: string): Promise<void> {
    const part = this.#part(name);
    if (part.child?.exitCode === null && part.child.signalCode === null) {
      throw new Error(`Cannot restart ${name}: it runs`);
    }
    this.#spawn(part);
    return Promise.resolve();
  }

  pause(name: string): Promise<void> {
    this.#part(name).child?.kill("SIGSTOP");
    return Promise.resolve();
  }

  resume(name: string): Promise<void> {
    this.#part(name).child?.kill("SIGCONT");
    return Promise.resolve();
  }

  isolate(): Promise<void> {
    return Promise.reject(new Error("Cannot isolate: processes of one machine share its network"));
  }

  heal(): Promise<void> {
    return Promise.resolve();
  }

  async log(name: string): Promise<string> {
    const file = Bun.file(this.#logPath(name));
    return (await file.exists()) ? lastLines(await file.text()) : "";
  }

  async remove(): Promise<void> {
    // One that is stopped would not hear that it is asked to end.
    for (const { child } of this.#parts) child?.kill("SIGKILL");
    await Promise.all(this.#parts.flatMap(({ child }) => child?.exited ?? []));
    if (this.#stored !== undefined) deleteRecord(this.#stored);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get #parts(): readonly Part[] {
    return [...this.servers, ...this.monitors];
  }

  #part(name: string): Part {
    const part = this.#parts.find((each) => each.name === name);
    if (part === undefined) throw new RangeError(`Cannot find process: there is no "${name}"`);
    return part;
  }

  #logPath(name: string): string {
    return join(this.#directory, `${name}.log`);
  }

  #spawn(part: Part): void {
    const cwd = join(this.#directory, part.name);
    mkdirSync(cwd, { recursive: true });
    const log = openSync(this.#logPath(part.name), "a");
    part.child = Bun.spawn([this.#binary, ...part.args], {
      cwd,
      env: { ...withoutMonitorSettings(process.env), NO_COLOR: "1", ...part.env },
      stdin: "ignore",
      stdout: "ignore",
      stderr: log,
    });
    closeSync(log);
    this.#record();
  }

  #record(): void {
    const children = this.#parts.flatMap(({ child }) =>
      child === undefined ? [] : (identify(child.pid) ?? []),
    );
    this.#stored = writeRecord(RECORDS, { runner: identify(process.pid)!, children });
  }
}

/** Ends the processes of runs that have ended without doing so themselves. */
export async function removeLeftProcesses(): Promise<void> {
  for (const stored of readRecords(RECORDS)) {
    if (isRunning(stored.record.runner)) continue;
    // SIGKILL follows for those that are stopped and hear nothing.
    await endProcesses(stored.record.children);
    deleteRecord(stored);
  }
}

const MONITOR_VARIABLES = ["HTTP_BIND", "METRICS_BIND", "CONFIG", "ALLOW_NET"];

function withoutMonitorSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const kept = Object.entries(environment).filter(([name]) => !MONITOR_VARIABLES.includes(name));
  return Object.fromEntries(kept);
}

const SHOWN_LINES = 20;

/** What a person would look at. */
export function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n");
}
