/**
 * A cluster of local processes of the compiled binary, on free ports of the loopback. What it starts is
 * written down, so that a later run ends what a run that was killed outright has left behind.
 */
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { freePorts } from "../free_ports.ts";
import { endProcesses } from "../demo/end_processes.ts";
import { identify, isRunning } from "../demo/process_identity.ts";
import { dataDirectoryOf, deleteRecord, readRecords, writeRecord } from "../demo/run_record.ts";
import {
  type ChaosCluster,
  type ClusterPlan,
  FLEET,
  fleetHost,
  type Member,
  namesOf,
} from "./cluster.ts";
import { fakeClockEnvironment, writeOffset } from "./fake_clock.ts";
import {
  fill,
  free,
  mountSmallDisk,
  onSmallDisk,
  pathThrough,
  type SmallDisk,
} from "./small_disk.ts";

const HOST = "127.0.0.1";
/**
 * The loopback's, and this process's own: while a hundred ports are free for some seconds somebody else would
 * take one of them, and the fleet would not come back.
 */
const FLEET_HOST = `127.77.${(process.pid >> 8) & 255}.${(process.pid & 127) + 1}`;
/** Where it is written down what runs. */
const RECORDS = ".run/chaos";
/** One that was asked to end has to have done so by then. */
const END_WITHIN_MS = 10_000;

interface Part extends Member {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  binary: string;
  /** Where its data directory is mounted, if it has a disk of its own. */
  disk: SmallDisk | undefined;
  child: Bun.Subprocess | undefined;
}

type Kind = "monitor" | "sim";

export class ProcessCluster implements ChaosCluster {
  readonly kind = "processes";
  readonly monitors: readonly Part[];
  readonly spares: readonly Part[];
  readonly servers: readonly Part[];
  readonly fleet: readonly string[];
  readonly #fleetProcess: Part | undefined;
  readonly #binary: string;
  #stored = writeRecord(RECORDS, { runner: identify(process.pid)!, children: [] });
  /** Whoever deletes the record deletes it as well. */
  readonly #directory = resolve(dataDirectoryOf(RECORDS, process.pid));

  /** Starts all of it, or nothing; returns before anything of it answers. */
  static async start(plan: ClusterPlan, binary: string): Promise<ProcessCluster> {
    if (!existsSync(binary)) throw new Error(`there is no ${binary}: \`make build\` makes it`);
    const cluster = new ProcessCluster(plan, binary);
    try {
      if (plan.setting.hasSmallDisks === true) await cluster.#mountDisks();
      for (const part of cluster.#parts) {
        if (!cluster.spares.includes(part)) cluster.#spawn(part);
      }
    } catch (error) {
      await cluster.remove();
      throw error;
    }
    return cluster;
  }

  private constructor({ monitors, servers, setting, previous }: ClusterPlan, binary: string) {
    mkdirSync(this.#directory, { recursive: true });
    this.#binary = resolve(binary);
    this.fleet = namesOf(FLEET, setting.fleetServers ?? 0);
    const count = monitors + (setting.spareMonitors ?? 0);
    const ports = freePorts(2 * count + servers + this.fleet.length);
    const httpPorts = ports.splice(0, count);
    const raftPorts = ports.splice(0, count);
    const fleetPorts = ports.splice(0, this.fleet.length);
    const detours = fleetPorts.map(
      (port, index) => `--connect-to=${fleetHost(index)}=${FLEET_HOST}:${port}`,
    );
    const first = setting.startsAsPrevious === true ? resolve(previous ?? "") : this.#binary;
    const all = namesOf("monitor", count).map((name, index) => {
      const http = `${HOST}:${httpPorts[index]}`;
      const env = {
        IDENTIFIER: name,
        RAFT_BIND: `${HOST}:${raftPorts[index]}`,
        DATA_DIR: join(this.#directory, name, "data"),
        ...(index === 0 ? { BOOTSTRAP: "True" } : { JOIN: `${HOST}:${httpPorts[0]}` }),
        ...(setting.hasFakeClocks === true && fakeClockEnvironment(this.#offsetFile(name))),
      };
      const args = [`--http-bind=${http}`, `--allow-net=127.0.0.0/8`, ...detours];
      return this.#part(name, `http://${http}`, "monitor", args, env, first);
    });
    this.monitors = all.slice(0, monitors);
    this.spares = all.slice(monitors);
    this.servers = namesOf("server", servers).map((name, index) =>
      this.#part(name, `http://${HOST}:${ports[index]}`, "sim", [`--port=${ports[index]}`]),
    );
    if (fleetPorts.length > 0) {
      this.#fleetProcess = this.#part(FLEET, "", "sim", [
        `--bind=${FLEET_HOST}`,
        `--port=${fleetPorts.join(",")}`,
      ]);
    }
  }

  #part(
    name: string,
    url: string,
    kind: Kind,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    binary = this.#binary,
  ): Part {
    return { name, url, args: [kind, ...args], env, binary, disk: undefined, child: undefined };
  }

  addressOf(server: string): string {
    return this.fleet.includes(server)
      ? `http://${fleetHost(this.fleet.indexOf(server))}`
      : this.#named(server).url;
  }

  async kill(name: string): Promise<void> {
    const { child } = this.#named(name);
    child?.kill("SIGKILL");
    await child?.exited;
  }

  async terminate(name: string): Promise<void> {
    const { child } = this.#named(name);
    child?.kill("SIGTERM");
    const isOver = Promise.withResolvers<"late">();
    const timer = setTimeout(() => isOver.resolve("late"), END_WITHIN_MS);
    const end = await Promise.race([child?.exited, isOver.promise]);
    clearTimeout(timer);
    if (end === "late") throw new Error(`${name} did not end when it was asked to`);
  }

  upgrade(name: string): Promise<void> {
    this.#named(name).binary = this.#binary;
    return Promise.resolve();
  }

  restart(name: string): Promise<void> {
    const part = this.#named(name);
    if (part.child?.exitCode === null && part.child.signalCode === null) {
      throw new Error(`Cannot restart ${name}: it runs`);
    }
    this.#spawn(part);
    return Promise.resolve();
  }

  pause(name: string): Promise<void> {
    this.#named(name).child?.kill("SIGSTOP");
    return Promise.resolve();
  }

  resume(name: string): Promise<void> {
    this.#named(name).child?.kill("SIGCONT");
    return Promise.resolve();
  }

  isolate(): Promise<void> {
    return Promise.reject(new Error("Cannot isolate: processes of one machine share its network"));
  }

  losePackets(): Promise<void> {
    return Promise.reject(new Error("Cannot lose packets: processes share one machine's network"));
  }

  droppedPackets(): Promise<number> {
    return Promise.resolve(0);
  }

  heal(): Promise<void> {
    return Promise.resolve();
  }

  async fillDisk(monitor: string): Promise<void> {
    await fill(this.#diskOf(monitor));
  }

  freeDisk(monitor: string): Promise<void> {
    free(this.#diskOf(monitor));
    return Promise.resolve();
  }

  setWallClock(monitor: string, offsetSeconds: number): Promise<void> {
    writeOffset(this.#offsetFile(monitor), offsetSeconds);
    return Promise.resolve();
  }

  pidOf(name: string): Promise<number> {
    const { child } = this.#named(name);
    if (child?.exitCode !== null) throw new Error(`${name} does not run`);
    return Promise.resolve(child.pid);
  }

  async log(name: string): Promise<string> {
    const file = Bun.file(this.#logPath(name));
    return (await file.exists()) ? lastLines(await file.text()) : "";
  }

  async remove(): Promise<void> {
    // One that is stopped would not hear that it is asked to end.
    for (const { child } of this.#parts) child?.kill("SIGKILL");
    for (const { disk } of this.#parts) disk?.holder.kill("SIGKILL");
    const ends = this.#parts.flatMap(({ child, disk }) => [
      child?.exited ?? [],
      disk?.holder.exited ?? [],
    ]);
    await Promise.all(ends.flat());
    deleteRecord(this.#stored);
  }

  get #parts(): readonly Part[] {
    const fleet = this.#fleetProcess === undefined ? [] : [this.#fleetProcess];
    return [...this.servers, ...fleet, ...this.monitors, ...this.spares];
  }

  #named(name: string): Part {
    const part = this.#parts.find((each) => each.name === name);
    if (part === undefined) throw new RangeError(`Cannot find process: there is no "${name}"`);
    return part;
  }

  #logPath(name: string): string {
    return join(this.#directory, `${name}.log`);
  }

  #offsetFile(name: string): string {
    return join(this.#directory, `${name}.clock`);
  }

  /** The data directory of that monitor, as it is reached from here. */
  #diskOf(name: string): string {
    const { disk } = this.#named(name);
    if (disk === undefined) throw new Error(`${name} has no disk of its own`);
    return pathThrough(disk.holder.pid, disk.directory);
  }

  async #mountDisks(): Promise<void> {
    for (const part of this.monitors) {
      const directory = join(this.#directory, part.name, "data");
      mkdirSync(directory, { recursive: true });
      part.disk = await mountSmallDisk(directory);
      this.#record();
    }
  }

  #spawn(part: Part): void {
    const cwd = join(this.#directory, part.name);
    mkdirSync(cwd, { recursive: true });
    const log = openSync(this.#logPath(part.name), "a");
    const where = part.disk === undefined ? [] : onSmallDisk(part.disk);
    try {
      part.child = Bun.spawn([...where, part.binary, ...part.args], {
        cwd,
        env: { ...withoutMonitorSettings(process.env), NO_COLOR: "1", ...part.env },
        stdin: "ignore",
        stdout: "ignore",
        stderr: log,
      });
    } finally {
      closeSync(log);
    }
    this.#record();
  }

  #record(): void {
    const running = this.#parts.flatMap(({ child, disk }) => [child, disk?.holder]);
    const children = running.flatMap((child) =>
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
