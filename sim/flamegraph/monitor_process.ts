/**
 * A monitor of a local cluster as the system knows it: found in the record of who started it, ended, and
 * started again the same way, with more in its environment if that is wanted.
 */
import { closeSync, existsSync, openSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { endProcesses } from "../demo/end_processes.ts";
import { identify, isRunning, type ProcessIdentity } from "../demo/process_identity.ts";
import { readRecords, writeRecord } from "../demo/run_record.ts";

interface Command {
  /** The file that is run. */
  readonly file: string;
  readonly argv: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

export class MonitorProcess {
  readonly #runDirectory: string;
  readonly #command: Command;
  #identity: ProcessIdentity;

  private constructor(runDirectory: string, identity: ProcessIdentity, command: Command) {
    this.#runDirectory = runDirectory;
    this.#identity = identity;
    this.#command = command;
  }

  /** All that run and are written down in `runDirectory`, by a runner that runs too. Linux only: elsewhere none. */
  static findAll(runDirectory: string): MonitorProcess[] {
    return readRecords(runDirectory)
      .filter(({ record }) => isRunning(record.runner))
      .flatMap(({ record }) => record.children.filter(isRunning))
      .flatMap((identity) => {
        const command = readCommand(identity.pid);
        const isMonitor = command?.argv[1] === "monitor";
        return isMonitor ? [new MonitorProcess(runDirectory, identity, command)] : [];
      });
  }

  get pid(): number {
    return this.#identity.pid;
  }

  /** The value of a flag that it was started with. */
  flag(name: string): string | undefined {
    const start = `--${name}=`;
    return this.#command.argv.find((argument) => argument.startsWith(start))?.slice(start.length);
  }

  get id(): string {
    return this.flag("id") ?? String(this.pid);
  }

  get url(): string {
    return `http://${this.flag("http-bind") ?? "127.0.0.1:8000"}`;
  }

  /** Asks it to end, and returns when it has. */
  async end(): Promise<void> {
    await endProcesses([this.#identity]);
  }

  /**
   * Starts it as it was, and `more` in its environment. It outlives this process; whoever ends the cluster
   * by its record ends it too. What it says goes into a file, the result.
   */
  start(more: Readonly<Record<string, string>> = {}): string {
    const { file, argv, directory, environment } = this.#command;
    const logPath = join(this.#runDirectory, `${this.id}.log`);
    const log = openSync(logPath, "a");
    const child = Bun.spawn([file, ...argv.slice(1)], {
      argv0: argv[0]!,
      cwd: directory,
      env: { ...environment, ...more },
      stdin: "ignore",
      stdout: "ignore",
      stderr: log,
      // The end of this process's terminal is not meant for it.
      detached: true,
    });
    child.unref();
    closeSync(log);
    const identity = identify(child.pid);
    if (identity === undefined) throw new Error(`${this.id} did not start: see ${logPath}`);
    this.#rewriteRecord(identity);
    this.#identity = identity;
    return logPath;
  }

  #rewriteRecord(now: ProcessIdentity): void {
    for (const { record } of readRecords(this.#runDirectory)) {
      const { runner, children } = record;
      if (!children.some((child) => isSame(child, this.#identity))) continue;
      const others = children.filter((child) => !isSame(child, this.#identity));
      writeRecord(this.#runDirectory, { runner, children: [...others, now] });
    }
  }
}

function isSame(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.started === other.started;
}

/** Undefined where the system does not say, or it has ended. */
function readCommand(pid: number): Command | undefined {
  try {
    const [argv, environment] = [words(pid, "cmdline"), words(pid, "environ")];
    const directory = readlinkSync(`/proc/${pid}/cwd`);
    // A file that another has taken the place of since: that one, then.
    const file = readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/u, "");
    const binary = existsSync(file) ? file : join(directory, "dist/phi");
    const variables = environment.map((line) => line.split(/=(.*)/su).slice(0, 2));
    return { file: binary, argv, directory, environment: Object.fromEntries(variables) };
  } catch {
    return undefined;
  }
}

function words(pid: number, name: "cmdline" | "environ"): string[] {
  return readFileSync(`/proc/${pid}/${name}`, "utf8").split("\0").slice(0, -1);
}
