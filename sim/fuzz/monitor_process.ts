/**
 * A monitor of the compiled binary, to be attacked: on free ports of the loopback, in a directory of its own,
 * with what it says in a file. It may contact nothing but this machine.
 */
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "../free_ports.ts";

const BINARY = fileURLToPath(new URL("../../dist/phi", import.meta.url));
export const HOST = "127.0.0.1";
const START_MS = 30_000;
const POLL_MS = 20;

/** What a defect looks like in a log: its own words for one, and the runtime's. */
const DEFECT =
  /a bug:|unhandled|uncaught|panic|segmentation|InvariantError|TypeError|ReferenceError|^\s+at .*[:(]\d+:\d+/imu;

export class MonitorProcess {
  readonly directory: string;
  readonly httpPort: number;
  readonly raftPort: number;
  readonly #logPath: string;
  readonly #child: Bun.Subprocess;

  /** `flagsIn` is told the directory, in which it may write files that the flags name. */
  constructor(flagsIn: (directory: string) => readonly string[]) {
    if (!existsSync(BINARY)) throw new Error("dist/phi is not there: `make build` makes it");
    this.directory = mkdtempSync(join(tmpdir(), "phi-fuzz-"));
    const [httpPort, raftPort] = freePorts(2);
    this.httpPort = httpPort!;
    this.raftPort = raftPort!;
    this.#logPath = join(this.directory, "log");
    const log = openSync(this.#logPath, "a");
    const own = [
      BINARY,
      "monitor",
      "--bootstrap",
      "--id=attacked",
      `--http-bind=${HOST}:${httpPort}`,
      `--raft-bind=${HOST}:${raftPort}`,
      `--datadir=${join(this.directory, "data")}`,
      "--allow-net=127.0.0.0/8",
    ];
    this.#child = Bun.spawn([...own, ...flagsIn(this.directory)], {
      // Its settings may come from the environment too.
      env: { NO_COLOR: "1" },
      stdin: "ignore",
      stdout: log,
      stderr: log,
    });
    closeSync(log);
    process.on("exit", this.#endAtOnce);
  }

  get pid(): number {
    return this.#child.pid;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get url(): string {
    return `http://${HOST}:${this.httpPort}`;
  }

  /** By a connection of its own, which is closed with the answer. */
  async get(path: string): Promise<Response> {
    return await fetch(this.url + path, { keepalive: false });
  }

  log(): string {
    return readFileSync(this.#logPath, "utf8");
  }

  /** The first line that looks like a defect. */
  defect(): string | undefined {
    return this.log()
      .split("\n")
      .find((line) => DEFECT.test(line));
  }

  /** Waits until it watches, with a quorum. */
  async started(): Promise<void> {
    const endMs = performance.now() + START_MS;
    while (!(await this.#isReady())) {
      if (!this.isAlive || performance.now() > endMs) {
        throw new Error(`the monitor does not start; it said:\n${this.log()}`);
      }
      await Bun.sleep(POLL_MS);
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      const response = await this.get("/readyz");
      const text = await response.text();
      return response.status === 200 && /"quorum":\s*true/u.test(text);
    } catch {
      return false;
    }
  }

  /** Ends it, and takes its directory away. */
  async stop(): Promise<void> {
    this.#endAtOnce();
    await this.#child.exited;
    process.off("exit", this.#endAtOnce);
    // It may have written something while it was ended.
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Whoever is interrupted leaves nothing behind either. */
  readonly #endAtOnce = (): void => {
    this.#child.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  };
}
