/**
 * The demo's processes: the compiled binary four times, once as ten simulated servers and three times as
 * a monitor. What they say is kept back until somebody asks to see it, so that it comes beneath the
 * explanations and not between them.
 */
import { copyFileSync, linkSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Demo } from "./demo.ts";
import { endProcesses } from "./end_processes.ts";
import { identify } from "./process_identity.ts";
import { dataDirectoryOf, deleteRecord, type StoredRecord, writeRecord } from "./run_record.ts";
import { connectTo, type DemoSettings, HOST } from "./settings.ts";

const BINARY = "dist/phi";

type Child = Bun.Subprocess<"ignore", "inherit", "pipe">;

export class DemoProcesses implements Demo {
  /** The end of the servers, or of the last monitor. */
  readonly downfall: Promise<string>;
  readonly killCommands: readonly string[];
  readonly #stored: StoredRecord;
  readonly #logs: readonly Promise<void>[];
  readonly #shown = Promise.withResolvers<void>();

  static start(settings: DemoSettings): DemoProcesses {
    const dataDirectory = dataDirectoryOf(settings.runDirectory, process.pid);
    const servers = startServers(settings);
    const monitors = settings.httpPorts.map((_, place) =>
      startMonitor(settings, place, dataDirectory),
    );
    return new DemoProcesses(settings.runDirectory, servers, monitors);
  }

  private constructor(runDirectory: string, servers: Child, monitors: readonly Child[]) {
    const children = [servers, ...monitors];
    const [runner, ...others] = [process.pid, ...children.map(({ pid }) => pid)].map((pid) =>
      identify(pid),
    );
    // One that has ended already needs no looking after.
    const running = others.filter((identity) => identity !== undefined);
    this.#stored = writeRecord(runDirectory, { runner: runner!, children: running });
    this.#logs = [
      this.#copyLog(servers.stderr, ""),
      ...monitors.map(({ stderr }, place) => this.#copyLog(stderr, `${nameOf(place)}: `)),
    ];
    this.killCommands = monitors.map(({ pid }) => `kill -9 ${pid}`);
    this.downfall = Promise.race([
      servers.exited.then(() => "phi-sim has ended"),
      Promise.all(monitors.map(({ exited }) => exited)).then(() => "all monitors have ended"),
    ]);
    for (const [place, { exited }] of monitors.entries()) void this.#tellEnd(place, exited);
  }

  showLog(): void {
    this.#shown.resolve();
  }

  async end(): Promise<undefined> {
    await endProcesses(this.#stored.record.children);
    await Promise.all(this.#logs);
    deleteRecord(this.#stored);
  }

  async #tellEnd(place: number, exited: Promise<number>): Promise<void> {
    await exited;
    await this.#logs[place + 1];
    process.stderr.write(`${nameOf(place)} has ended\n`);
  }

  async #copyLog(stream: ReadableStream<Uint8Array>, prefix: string): Promise<void> {
    await this.#shown.promise;
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) process.stderr.write(`${prefix}${line}\n`);
    }
    if (rest !== "") process.stderr.write(`${prefix}${rest}\n`);
  }
}

const nameOf = (place: number) => `monitor${place + 1}`;

function startServers({ simPorts, runDirectory }: DemoSettings): Child {
  // `pidof` goes by the file name too, so the servers are run by another name of the same file.
  mkdirSync(runDirectory, { recursive: true });
  const binary = join(runDirectory, "phi-sim");
  rmSync(binary, { force: true });
  try {
    linkSync(BINARY, binary);
  } catch {
    copyFileSync(BINARY, binary);
  }
  return spawn(binary, "phi-sim", ["sim", `--bind=${HOST}`, `--port=${simPorts.join(",")}`]);
}

/** The first founds the cluster, the others join it by way of the first. */
function startMonitor(settings: DemoSettings, place: number, dataDirectory: string): Child {
  const { httpPorts, metricsPorts, raftPorts } = settings;
  const role =
    place === 0 ? ["--bootstrap", "--config=servers.yml"] : [`--join=${HOST}:${httpPorts[0]}`];
  return spawn(BINARY, "phi", [
    "monitor",
    `--id=${nameOf(place)}`,
    `--http-bind=${HOST}:${httpPorts[place]}`,
    `--metrics-bind=${HOST}:${metricsPorts[place]}`,
    `--raft-bind=${HOST}:${raftPorts[place]}`,
    `--datadir=${join(dataDirectory, nameOf(place))}`,
    ...role,
    "--allow-net=127.0.0.0/8",
    "--compat-metrics",
    ...connectTo(settings),
  ]);
}

function spawn(binary: string, argv0: string, args: readonly string[]): Child {
  return Bun.spawn([binary, ...args], {
    argv0,
    env: withoutMonitorSettings(process.env),
    stdin: "ignore",
    stdout: "inherit",
    stderr: "pipe",
  });
}

/** What a monitor would read from its environment: the demo is the same whatever stands there. */
export const MONITOR_VARIABLES: ReadonlySet<string> = new Set(
  (
    "HTTP_BIND METRICS_BIND RAFT_BIND RAFT_ADVERTISE JOIN BOOTSTRAP DATA_DIR IDENTIFIER IDENTIFIER_FILE CONFIG " +
    "ALERTS ALLOW_NET HISTORY_DAYS HISTORY_MAX_BYTES API_TOKEN_FILE API_CA CLUSTER_SECRET_FILE INSECURE_API " +
    "TLS_CERT TLS_KEY PEER_CERT PEER_KEY PEER_CA"
  ).split(" "),
);

function withoutMonitorSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !MONITOR_VARIABLES.has(name)),
  );
}
