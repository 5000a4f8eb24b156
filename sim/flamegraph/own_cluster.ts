/**
 * A cluster to look at where none runs: the demo, on free ports, and some work for one of its monitors, so
 * that there is more to see than ten heartbeats a second.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "../free_ports.ts";

const RUN = fileURLToPath(new URL("../demo/run.ts", import.meta.url));
const SERVERS = 10;
const MONITORS = 3;
/** Between one answer and the next question. */
const PACE_MS = 5;

export class OwnCluster {
  readonly runDirectory: string;
  readonly #runner: Bun.Subprocess;
  #isOver = false;

  /** Returns before anything answers. */
  constructor() {
    this.runDirectory = mkdtempSync(join(tmpdir(), "phi-flamegraph-"));
    const ports = freePorts(SERVERS + 3 * MONITORS);
    const take = (count: number) => ports.splice(0, count).join(",");
    this.#runner = Bun.spawn([process.execPath, RUN], {
      env: {
        ...process.env,
        PHI_DEMO_SIM_PORTS: take(SERVERS),
        PHI_DEMO_HTTP_PORTS: take(MONITORS),
        PHI_DEMO_METRICS_PORTS: take(MONITORS),
        PHI_DEMO_RAFT_PORTS: take(MONITORS),
        PHI_DEMO_RUN_DIRECTORY: this.runDirectory,
      },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
      detached: true,
    });
  }

  /** Writes, reads and scrapes through the monitor at `url`, until the cluster ends. */
  async work(url: string): Promise<void> {
    for (let turn = 0; !this.#isOver; turn++) {
      const target = { name: `flamegraph-${turn % 16}`, url: "push:", labels: { turn: `${turn}` } };
      await ask(`${url}/config`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(target),
      });
      if (turn % 4 === 0) await ask(`${url}/metrics`);
      if (turn % 8 === 0) await ask(`${url}/config`);
      await Bun.sleep(PACE_MS);
    }
  }

  /** Once nothing of it is left. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#runner.kill("SIGTERM");
    await this.#runner.exited;
    rmSync(this.runDirectory, { recursive: true, force: true });
  }
}

/** What is answered does not matter. */
async function ask(url: string, init?: RequestInit): Promise<void> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
  } catch {
    // It starts, or ends.
  }
}
