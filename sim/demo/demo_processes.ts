/**
 * The demo's processes: the compiled binary twice, once as ten simulated servers and once as a
 * monitor. What they say is kept back until somebody asks to see it, so that it comes beneath the
 * explanations and not between them.
 */
import { copyFileSync, linkSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { endProcesses } from "./end_processes.ts";
import { identify } from "./process_identity.ts";
import { deleteRecord, type StoredRecord, writeRecord } from "./run_record.ts";
import { connectTo, type DemoSettings, HOST } from "./settings.ts";

const BINARY = "dist/phi";

type Child = Bun.Subprocess<"ignore", "inherit", "pipe">;

export class DemoProcesses {
  /** The name of the first one that ended. */
  readonly firstDeath: Promise<string>;
  readonly #stored: StoredRecord;
  readonly #logs: readonly Promise<void>[];
  readonly #shown = Promise.withResolvers<void>();

  static start(settings: DemoSettings): DemoProcesses {
    return new DemoProcesses(settings.runDirectory, [
      ["phi-sim", startServers(settings)],
      ["the monitor", startMonitor(settings)],
    ]);
  }

  private constructor(runDirectory: string, children: readonly (readonly [string, Child])[]) {
    const pids = [process.pid, ...children.map(([, child]) => child.pid)];
    const [runner, ...others] = pids.map((pid) => identify(pid));
    // One that has ended already needs no looking after.
    const running = others.filter((identity) => identity !== undefined);
    this.#stored = writeRecord(runDirectory, { runner: runner!, children: running });
    this.#logs = children.map(([, child]) => this.#copyLog(child.stderr));
    this.firstDeath = Promise.race(children.map(([name, child]) => child.exited.then(() => name)));
  }

  /** From now on what they say, and have said, goes to this process's stderr. */
  showLog(): void {
    this.#shown.resolve();
  }

  /** Ends all of them; afterwards nothing is left but what they said. */
  async end(): Promise<void> {
    await endProcesses(this.#stored.record.children);
    await Promise.all(this.#logs);
    deleteRecord(this.#stored);
  }

  async #copyLog(stream: ReadableStream<Uint8Array>): Promise<void> {
    await this.#shown.promise;
    for await (const chunk of stream) process.stderr.write(chunk);
  }
}

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

function startMonitor(settings: DemoSettings): Child {
  return spawn(BINARY, "phi", [
    "monitor",
    `--http-bind=${HOST}:${settings.httpPort}`,
    `--metrics-bind=${HOST}:${settings.metricsPort}`,
    "--config=servers.yml",
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

/** What the monitor would read from its environment: the demo is the same whatever stands there. */
const MONITOR_VARIABLES = ["HTTP_BIND", "METRICS_BIND", "CONFIG", "ALLOW_NET", "IDENTIFIER"];

function withoutMonitorSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const kept = Object.entries(environment).filter(([name]) => !MONITOR_VARIABLES.includes(name));
  return Object.fromEntries(kept);
}
