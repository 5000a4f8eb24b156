/**
 * Where a scenario acts: it does things to a cluster and writes down what it did, in one step, so that
 * the ground truth cannot be forgotten.
 */
import { type ChaosCluster, type Member, memberOf } from "./cluster.ts";
import { FaultLog, type FaultKind } from "./faults.ts";
import { ask, type Answer, readCluster } from "./monitor_api.ts";

const ASK_MS = 2_000;
const LOOK_EVERY_MS = 100;

export interface StageParts {
  readonly cluster: ChaosCluster;
  /** Milliseconds since the run began. */
  readonly nowMs: () => number;
  /** Aborts what waits when the run is to end. */
  readonly signal: AbortSignal;
}

export class Stage {
  readonly faults: FaultLog;
  readonly #parts: StageParts;

  constructor(parts: StageParts) {
    this.#parts = parts;
    this.faults = new FaultLog(parts.nowMs);
  }

  get monitors(): readonly Member[] {
    return this.#parts.cluster.monitors;
  }

  get servers(): readonly Member[] {
    return this.#parts.cluster.servers;
  }

  nowMs(): number {
    return this.#parts.nowMs();
  }

  /** Lets time pass. Throws if the run is to end meanwhile. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs() + ms;
    while (this.nowMs() < endMs) {
      this.#parts.signal.throwIfAborted();
      await Bun.sleep(Math.min(LOOK_EVERY_MS, endMs - this.nowMs()));
    }
  }

  /** Who leads, as one of the monitors other than `except` says; the only one there is leads alone. */
  async leader(except: readonly string[] = []): Promise<string> {
    const [only, ...others] = this.monitors;
    if (only !== undefined && others.length === 0) return only.name;
    return await this.until(
      `a leader other than ${except.join(", ") || "none"}`,
      30_000,
      async () => {
        for (const { name, url } of this.monitors) {
          if (except.includes(name)) continue;
          const cluster = await readCluster(url, ASK_MS);
          if (typeof cluster === "string" || !cluster.quorum) continue;
          if (cluster.leader !== null && !except.includes(cluster.leader)) return cluster.leader;
        }
        return undefined;
      },
    );
  }

  /** Polls until `look` finds something. Throws after `timeoutMs`, naming `what`. */
  async until<Found>(
    what: string,
    timeoutMs: number,
    look: () => Promise<Found | undefined>,
  ): Promise<Found> {
    const endMs = this.nowMs() + timeoutMs;
    while (this.nowMs() < endMs) {
      const found = await look();
      if (found !== undefined) return found;
      await this.pass(LOOK_EVERY_MS);
    }
    throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
  }

  /** Asks a monitor something beside what the clients ask. */
  ask(monitor: string, path: string, init?: RequestInit): Promise<Answer> {
    return ask(`${memberOf(this.#parts.cluster, monitor).url}${path}`, 2 * ASK_MS, init);
  }

  /** From now on the server answers each question only after so many seconds. */
  async delay(server: string, seconds: number): Promise<() => Promise<void>> {
    const ended = this.faults.begin("server-delay", [server]);
    await this.#control(server, { delay: seconds });
    return async () => {
      await this.#control(server, { delay: 0 });
      ended();
    };
  }

  /** Kills members, all at once; what it gives starts them again. */
  async kill(members: readonly string[], blocksWrites = false): Promise<() => Promise<void>> {
    const { cluster } = this.#parts;
    const isServer = cluster.servers.some(({ name }) => members.includes(name));
    const kind: FaultKind = isServer ? "server-kill" : "monitor-kill";
    const ended = this.faults.begin(kind, members, blocksWrites);
    await Promise.all(members.map((name) => cluster.kill(name)));
    return async () => {
      await Promise.all(members.map((name) => cluster.restart(name)));
      ended();
    };
  }

  /** Stops a monitor where it stands; what it gives lets it go on. */
  async pause(monitor: string): Promise<() => Promise<void>> {
    const { cluster } = this.#parts;
    const ended = this.faults.begin("monitor-pause", [monitor]);
    await cluster.pause(monitor);
    return async () => {
      await cluster.resume(monitor);
      ended();
    };
  }

  /** Cuts monitors off from the others, who go on as a majority; what it gives heals it. */
  async isolate(monitors: readonly string[]): Promise<() => Promise<void>> {
    const { cluster } = this.#parts;
    const ended = this.faults.begin("partition", monitors);
    await cluster.isolate(monitors);
    return async () => {
      await cluster.heal();
      ended();
    };
  }

  async #control(server: string, settings: object): Promise<void> {
    const { url } = memberOf(this.#parts.cluster, server);
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(settings),
    };
    const answer = await ask(`${url}/control`, ASK_MS, init);
    if (!answer.ok) throw new Error(`${server} takes no orders: ${answer.detail}`);
    if (answer.status !== 200) throw new Error(`${server} refused an order: ${answer.text}`);
  }
}
