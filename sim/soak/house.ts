/** What a soak runs: simulated servers, each of which stands for many targets, and the monitors that watch them, in a directory of their own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Monitor, Monitors } from "../bench/cluster/monitors.ts";
import { freePorts } from "../free_ports.ts";

/** Each process has five: with all of them in one, two connections a target would be more than it may open. */
const SERVERS = 50;
const SERVERS_A_PROCESS = 5;
/** As `Monitors` names them. */
export const MONITOR_IDS = ["monitor1", "monitor2", "monitor3"];
export const INTERVAL_MS = 1_000;

export class House {
  readonly targetCount: number;
  readonly #ports = freePorts(SERVERS);
  readonly #directory = mkdtempSync(join(tmpdir(), "phi-soak-"));
  readonly #servers: Bun.Subprocess[] = [];
  #monitors: Monitors | undefined;

  /** Nothing runs yet. */
  constructor(targetCount: number) {
    this.targetCount = targetCount;
  }

  get monitors(): readonly Monitor[] {
    return this.#monitors?.all ?? [];
  }

  get serverUrls(): readonly string[] {
    return this.#ports.map((port) => `http://127.0.0.1:${port}`);
  }

  targetOf(place: number): object {
    const url = `${this.serverUrls[place % SERVERS]}/heartbeat`;
    return { name: `target-${place + 1}`, url, intervalMillis: INTERVAL_MS };
  }

  /**
   * Returns once the monitors are a cluster. All is started before it first waits, so that `remove` ends all of it at any time from then
   * on.
   */
  async start(withinMs: number): Promise<void> {
    const config = join(this.#directory, "config.json");
    const targets = Array.from({ length: this.targetCount }, (_, place) => this.targetOf(place));
    writeFileSync(config, JSON.stringify({ servers: targets }));
    const directory = join(this.#directory, "soak");
    this.#monitors = new Monitors({ directory, size: MONITOR_IDS.length, config });
    for (let first = 0; first < SERVERS; first += SERVERS_A_PROCESS) {
      const ports = this.#ports.slice(first, first + SERVERS_A_PROCESS).join(",");
      const command = [this.#monitors.binary, "sim", `--port=${ports}`];
      const nowhere = { stdin: "ignore", stdout: "ignore", stderr: "ignore" } as const;
      this.#servers.push(Bun.spawn(command, nowhere));
    }
    await this.#monitors.start(withinMs);
  }

  async remove(): Promise<void> {
    await this.#monitors?.stop();
    for (const server of this.#servers) server.kill("SIGKILL");
    await Promise.all(this.#servers.map(({ exited }) => exited));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
