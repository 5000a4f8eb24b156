/**
 * Several monitors with their observers in virtual time: real pipelines on servers that live or die, and a wire
 * that delays, breaks, and is cut. A monitor can be paused, as by SIGSTOP, and started anew; the ways from
 * monitors to servers can be cut one by one. All chance comes from a seed.
 */
import { Random } from "../../sim/world/random.ts";
import { Monitor, type SavedWatch } from "../../src/monitor/mod.ts";
import {
  NO_DOUBTS,
  Observers,
  type CombinedChange,
  type DoubtSource,
} from "../../src/observers/mod.ts";
import type { Timers } from "../../src/port.ts";
import type { Prober } from "../../src/probe/mod.ts";
import { ANSWER, failure } from "../kit/hand_prober.ts";
import { makeTarget } from "../kit/target.ts";

const WALL_ORIGIN_MS = Date.UTC(2026, 0, 1);
/** A peer that takes nothing for so long is given up, and one that is there again is reached within a second. */
const GIVEN_UP_AFTER_MS = 2_000;
const LONGEST_BACK_OFF_MS = 1_000;
const PROBE_TIMEOUT_MS = 500;

/** Quick to judge. */
export const INTERVAL_MS = 500;
const targetOf = (intervalMs: number) => ({
  intervalMillis: intervalMs,
  timeoutMillis: PROBE_TIMEOUT_MS,
  monitor: { threshold: 8, minStdDeviationMillis: 100, firstHeartbeatEstimateMillis: intervalMs },
});

/**
 * Others that nothing happens to, so that repeating everything takes its several seconds: what comes sooner was told
 * when it changed. They report by themselves, and not within a test.
 */
const QUIET_TARGETS = 60;
const QUIET_MS = 3_600_000;
const QUIET = {
  url: "push:",
  intervalMillis: QUIET_MS,
  monitor: { firstHeartbeatEstimateMillis: QUIET_MS },
};

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** From one monitor to another. */
interface Way {
  isUp: boolean;
  /** Another one each time it breaks: what was under way is lost then. */
  connection: number;
  lastArrivalMs: number;
}

export interface Claim extends CombinedChange {
  readonly by: string;
  readonly atMs: number;
}

export interface WorldOptions {
  readonly seed?: number;
  readonly monitors: number;
  readonly targets?: readonly string[];
  readonly doubtsOf?: (id: string) => DoubtSource;
  /** How often the targets are asked. */
  readonly intervalMs?: number;
  /** A monitor that is started anew goes on where it was. */
  readonly isRemembering?: boolean;
}

export class World {
  readonly random: Random;
  readonly targets: readonly string[];
  readonly nodes: readonly Node[];
  readonly members = new Set<string>();
  readonly intervalMs: number;
  readonly isRemembering: boolean;
  readonly deadServers = new Set<string>();
  /** `a>s`: monitor a does not reach the server of target s. */
  readonly cutServers = new Set<string>();
  /** `a b`, in both orders: they do not reach each other. */
  readonly #cutPeers = new Set<string>();
  readonly #ways = new Map<string, Way>();
  /** Every change of a combined verdict, by whoever made it. */
  readonly claims: Claim[] = [];
  #events: Event[] = [];
  #order = 0;
  nowMs = 0;

  constructor({ seed = 1, monitors, targets = ["s"], ...options }: WorldOptions) {
    const { doubtsOf = () => NO_DOUBTS, isRemembering = false, intervalMs = INTERVAL_MS } = options;
    this.isRemembering = isRemembering;
    this.intervalMs = intervalMs;
    this.random = new Random(seed, "observers");
    this.targets = targets;
    const ids = Array.from("abcdefg").slice(0, monitors);
    for (const id of ids) this.members.add(id);
    this.nodes = ids.map((id) => new Node(this, id, doubtsOf(id)));
    for (const node of this.nodes) node.start();
    for (const from of this.nodes)
      for (const to of this.nodes) if (from !== to) this.#open(from, to);
  }

  node(id: string): Node {
    return this.nodes.find((node) => node.id === id)!;
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.nowMs = next.atMs;
      next.run();
      // What the event has left for the end of its turn; twice, for what that leaves again.
      await Promise.resolve();
      await Promise.resolve();
    }
    this.nowMs = endMs;
  }

  /** Passes time, in small steps, until it holds; how long that took. Throws after a minute. */
  async until(what: string, holds: () => boolean): Promise<number> {
    const startMs = this.nowMs;
    while (!holds()) {
      if (this.nowMs - startMs > 60_000) throw new Error(`waited in vain for ${what}`);
      await this.pass(10);
    }
    return this.nowMs - startMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const event = { atMs: this.nowMs + Math.max(delayMs, 0), order: this.#order++, run };
    const place = this.#events.findLastIndex(({ atMs }) => atMs <= event.atMs) + 1;
    this.#events.splice(place, 0, event);
    return () => {
      const index = this.#events.indexOf(event);
      if (index !== -1) this.#events.splice(index, 1);
    };
  }

  isReached(node: string, target: string): boolean {
    return !this.deadServers.has(target) && !this.cutServers.has(`${node}>${target}`);
  }

  /** All groups from each other; one group, or none, is whole. */
  partition(...groups: readonly (readonly string[])[]): void {
    const groupOf = (id: string) => groups.findIndex((group) => group.includes(id));
    this.#cutPeers.clear();
    for (const from of this.nodes) {
      for (const to of this.nodes) {
        if (from === to || groupOf(from.id) === groupOf(to.id)) continue;
        this.#cutPeers.add(`${from.id} ${to.id}`);
        this.breakWay(from, to);
      }
    }
  }

  /** The connection is lost, with what is under way; another is made as soon as that can be. */
  breakWay(from: Node, to: Node): void {
    const way = this.#way(from, to);
    way.connection++;
    way.isUp = false;
    this.#openLater(from, to);
  }

  send(from: Node, to: Node, bytes: Uint8Array): void {
    const way = this.#way(from, to);
    if (!way.isUp) return;
    const { connection } = way;
    way.lastArrivalMs = Math.max(way.lastArrivalMs, this.nowMs + 1 + this.random.fraction() * 30);
    this.after(way.lastArrivalMs - this.nowMs, () => {
      // What has arrived can be read, whatever becomes of the connection.
      if (way.connection === connection) to.run(() => to.observers.receive(from.id, bytes));
    });
  }

  giveUpOn(node: Node): void {
    this.after(GIVEN_UP_AFTER_MS, () => {
      if (!node.isPaused) return;
      for (const other of this.nodes) if (other !== node) this.breakWay(other, node);
    });
  }

  /** All combined verdicts on a target, as `down down partial` in the monitors' order. */
  combined(target = "s"): string {
    return this.nodes.map(({ observers }) => observers.combinedVerdict(target)).join(" ");
  }

  own(target = "s"): string {
    return this.nodes.map(({ monitor }) => monitor.watch(target)!.verdict).join(" ");
  }

  #openLater(from: Node, to: Node): void {
    this.after(50 + this.random.fraction() * LONGEST_BACK_OFF_MS, () => {
      if (!this.#way(from, to).isUp) this.#open(from, to);
    });
  }

  #open(from: Node, to: Node): void {
    const isPossible =
      !this.#cutPeers.has(`${from.id} ${to.id}`) && !to.isPaused && !from.isPaused && to.isUp;
    if (!isPossible) return this.#openLater(from, to);
    const way = this.#way(from, to);
    way.isUp = true;
    from.run(() => from.observers.opened(to.id));
  }

  #way(from: Node, to: Node): Way {
    const key = `${from.id} ${to.id}`;
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    const way = { isUp: false, connection: 0, lastArrivalMs: 0 };
    this.#ways.set(key, way);
    return way;
  }

  #next(endMs: number): Event | undefined {
    return (this.#events[0]?.atMs ?? Infinity) <= endMs ? this.#events.shift() : undefined;
  }
}

/** One monitor, over all its runs. */
export class Node {
  readonly id: string;
  readonly #world: World;
  readonly #doubts: DoubtSource;
  isPaused = false;
  isUp = false;
  /** What came up while it was paused, in order. */
  #deferred: (() => void)[] = [];
  #run = 0;
  /** What its last run has left, by the target's name. */
  #saved = new Map<string, SavedWatch>();
  monitor!: Monitor;
  observers!: Observers;

  constructor(world: World, id: string, doubts: DoubtSource) {
    this.#world = world;
    this.id = id;
    this.#doubts = doubts;
  }

  start(): void {
    const world = this.#world;
    const run = ++this.#run;
    this.isUp = true;
    // Nothing of an earlier run comes up in a later one.
    const inRun = (task: () => void) => () =>
      this.run(() => run === this.#run && this.isUp && task());
    const timers: Timers = {
      after: (delayMs, task) => world.after(delayMs, inRun(task)),
      yieldToLoop: () => new Promise((resolve) => world.after(0, inRun(resolve))),
    };
    // No two clocks agree.
    const skewMs = this.id.charCodeAt(0) * 777_000;
    const clock = {
      monotonicMs: () => world.nowMs + skewMs,
      wallMs: () => WALL_ORIGIN_MS + world.nowMs - skewMs,
    };
    this.monitor = new Monitor({
      clock,
      timers,
      random: () => world.random.fraction(),
      gauges: { eventLoopLag: () => {}, scheduleLag: () => {} },
      recall: (name) => (world.isRemembering ? this.#saved.get(name) : undefined),
      makeProbers: () => (target) => this.#proberOf(target.name, inRun),
    });
    this.observers = new Observers({
      self: this.id,
      monitor: this.monitor,
      members: () => [...world.members],
      doubts: this.#doubts,
      wire: {
        broadcast: (bytes) => {
          for (const to of world.nodes) if (to !== this) world.send(this, to, bytes);
        },
        exchange: (peer, bytes) => world.send(this, world.node(peer), bytes),
      },
      clock,
      timers,
      run: run * 1_000 + this.id.charCodeAt(0),
    });
    this.observers.onCombinedChange((change) =>
      world.claims.push({ ...change, by: this.id, atMs: world.nowMs }),
    );
    for (let count = 0; count < QUIET_TARGETS; count++) {
      this.monitor.put(makeTarget({ name: `quiet${count}`, ...QUIET }));
    }
    const settings = targetOf(world.intervalMs);
    for (const name of world.targets) this.monitor.put(makeTarget({ name, ...settings }));
  }

  /** Now, or when it goes on. */
  run(task: () => void): void {
    if (this.isPaused) this.#deferred.push(task);
    else task();
  }

  pause(): void {
    this.isPaused = true;
    this.#world.giveUpOn(this);
  }

  resume(): void {
    this.isPaused = false;
    for (const task of this.#deferred.splice(0)) task();
  }

  /** As by SIGKILL. */
  kill(): void {
    this.isUp = false;
    this.#deferred = [];
    const nowMs = this.monitor.nowMs();
    for (const watch of this.monitor.watches())
      this.#saved.set(watch.target.name, watch.save(nowMs));
    this.observers.close();
    this.monitor.close();
    for (const other of this.#world.nodes) {
      if (other === this) continue;
      this.#world.breakWay(other, this);
      this.#world.breakWay(this, other);
    }
  }

  #proberOf(target: string, inRun: (task: () => void) => () => void): Prober {
    const world = this.#world;
    const cancels = new Set<() => void>();
    return {
      ask: (done) => {
        const isReached = world.isReached(this.id, target);
        const afterMs = isReached ? 1 + world.random.fraction() * 20 : PROBE_TIMEOUT_MS;
        const cancel = world.after(
          afterMs,
          inRun(() => {
            cancels.delete(cancel);
            done(isReached ? ANSWER : failure("timeout"));
          }),
        );
        cancels.add(cancel);
      },
      close: () => {
        for (const cancel of cancels) cancel();
      },
    };
  }
}
