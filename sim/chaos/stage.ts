/**
 * Where a scenario acts: it does things to a cluster and writes down what it did, in one step, so that
 * the ground truth cannot be forgotten.
 */
import { type ChaosCluster, type Direction, FLEET, type Member, memberOf } from "./cluster.ts";
import { FaultLog, type FaultKind } from "./faults.ts";
import { ask, type Answer, readCluster } from "./monitor_api.ts";
import { awaitWhole } from "./readiness.ts";

const ASK_MS = 2_000;
const LOOK_EVERY_MS = 100;

const ISOLATION = { both: "partition", in: "deaf", out: "mute" } as const;

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
  #monitors: readonly Member[];

  constructor(parts: StageParts) {
    this.#parts = parts;
    this.faults = new FaultLog(parts.nowMs);
    this.#monitors = parts.cluster.monitors;
  }

  /** Those that are members now, dead or alive. */
  get monitors(): readonly Member[] {
    return this.#monitors;
  }

  get servers(): readonly Member[] {
    return this.#parts.cluster.servers;
  }

  get fleet(): readonly string[] {
    return this.#parts.cluster.fleet;
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

  /** Which binary a monitor runs, as a hash of all of it. */
  async programOf(monitor: string): Promise<string> {
    const pid = await this.#parts.cluster.pidOf(monitor);
    const binary = await Bun.file(`/proc/${pid}/exe`).arrayBuffer();
    return Bun.hash(binary).toString(16);
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

  /** From now on all servers answer late, but not so late that one could take them for dead. */
  async slow(servers: readonly string[], delaySeconds: number): Promise<() => Promise<void>> {
    const ended = this.faults.begin("server-slow", servers, { measure: `${delaySeconds} s` });
    const tell = (delay: number) =>
      Promise.all(servers.map((server) => this.#control(server, { delay })));
    await tell(delaySeconds);
    return async () => {
      await tell(0);
      ended();
    };
  }

  /** From now on that share of the packets to and from a server is lost; what it gives says how many were. */
  async losePackets(server: string, share: number): Promise<() => Promise<number>> {
    const { cluster } = this.#parts;
    const ended = this.faults.begin("packet-loss", [server], { measure: `${100 * share} %` });
    await cluster.losePackets(server, share);
    return async () => {
      const dropped = await cluster.droppedPackets(server);
      await cluster.heal();
      ended();
      return dropped;
    };
  }

  /** Kills members, all at once; what it gives starts them again. */
  async kill(members: readonly string[], blocksWrites = false): Promise<() => Promise<void>> {
    const { cluster } = this.#parts;
    const isServer = cluster.servers.some(({ name }) => members.includes(name));
    const kind: FaultKind = isServer ? "server-kill" : "monitor-kill";
    const ended = this.faults.begin(kind, members, { blocksWrites });
    await Promise.all(members.map((name) => cluster.kill(name)));
    return async () => {
      await Promise.all(members.map((name) => cluster.restart(name)));
      ended();
    };
  }

  /** Kills the process that all of the fleet's servers are; what it gives starts it again. */
  async killFleet(): Promise<() => Promise<void>> {
    const { cluster } = this.#parts;
    const ended = this.faults.begin("server-kill", cluster.fleet);
    await cluster.kill(FLEET);
    return async () => {
      await cluster.restart(FLEET);
      ended();
    };
  }

  /** Asks a monitor to end, starts it again, and returns once all are one cluster with it. */
  async restart(monitor: string, kind: FaultKind = "monitor-restart"): Promise<void> {
    const { cluster, signal } = this.#parts;
    const ended = this.faults.begin(kind, [monitor]);
    await cluster.terminate(monitor);
    if (kind === "monitor-upgrade") await cluster.upgrade(monitor);
    await cluster.restart(monitor);
    await awaitWhole(cluster, this.#monitors, signal);
    ended();
  }

  /** Starts a spare monitor, which joins, and returns once it is a member. */
  async join(spare: string): Promise<void> {
    const { cluster, signal } = this.#parts;
    const ended = this.faults.begin("monitor-join", [spare]);
    await cluster.restart(spare);
    const joined = [...this.#monitors, memberOf(cluster, spare)];
    await awaitWhole(cluster, joined, signal);
    this.#monitors = joined;
    ended();
  }

  /** Removes a monitor from the cluster, by way of another, and stops it for good. */
  async leave(monitor: string): Promise<Answer> {
    const { cluster, signal } = this.#parts;
    const others = this.#monitors.filter(({ name }) => name !== monitor);
    // It does not come back.
    this.faults.begin("monitor-leave", [monitor]);
    const answer = await this.ask(others[0]!.name, `/cluster/members/${monitor}`, {
      method: "DELETE",
    });
    await awaitWhole(cluster, others, signal);
    this.#monitors = others;
    await cluster.terminate(monitor);
    return answer;
  }

  /** Fills the disk of a monitor; what it gives makes room, and starts the monitor again. */
  async fillDisk(monitor: string): Promise<() => Promise<void>> {
    const { cluster } = this.#parts;
    const ended = this.faults.begin("disk-full", [monitor]);
    await cluster.fillDisk(monitor);
    return async () => {
      await cluster.freeDisk(monitor);
      ended();
      await this.restart(monitor);
    };
  }

  /** Sets the wall clock of a monitor; what it gives puts it right. */
  async setWallClock(monitor: string, offsetSeconds: number): Promise<() => Promise<void>> {
    const { cluster } = this.#parts;
    const measure = `${offsetSeconds > 0 ? "+" : ""}${offsetSeconds} s`;
    const ended = this.faults.begin("clock-jump", [monitor], { measure });
    await cluster.setWallClock(monitor, offsetSeconds);
    return async () => {
      await cluster.setWallClock(monitor, 0);
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
  async isolate(
    monitors: readonly string[],
    direction: Direction = "both",
  ): Promise<() => Promise<void>> {
    const { cluster } = this.#parts;
    const ended = this.faults.begin(ISOLATION[direction], monitors);
    await cluster.isolate(monitors, direction);
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
