/**
 * Finds that many targets became suspicious at once: each one that turns suspect or down comes in. Servers
 * fail one by one; when most of what a monitor watches falls silent within seconds, what they have in common
 * is the monitor. It may be wrong: the servers may share a switch, and then every other monitor says the
 * same. So this doubt alone does not silence a monitor that nobody contradicts (see the combined verdict).
 *
 * Targets on one server stand and fall together, and tell nothing of the monitor: a few servers at the least
 * have to be among those that turned.
 */
import { formatSeconds } from "./_format.ts";
import type { Cause } from "./cause.ts";

export interface ManySuspectedOptions {
  /** Turned within so long counts as at once. Longer adds up what chance did; shorter misses slow targets. */
  readonly windowMs: number;
  /**
   * From this share of those that were well before; > 0, at most 1. Lower doubts when one rack fails; higher
   * trusts a monitor that lost half of its network.
   */
  readonly share: number;
  /** On at least so many servers. Fewer lets two servers that fail together silence a monitor. */
  readonly servers: number;
  /**
   * The doubt stays while at least half as many as began it are still suspect, but no longer than this.
   * Shorter ends in the middle of a cut-off; longer keeps the votes of one whose fleet has really shrunk.
   */
  readonly longestMs: number;
}

export const DEFAULT_MANY_SUSPECTED: ManySuspectedOptions = {
  windowMs: 10_000,
  share: 0.5,
  servers: 3,
  longestMs: 3_600_000,
};

/** What is watched, as it is now. */
export interface Fleet {
  /** Whether the target is still watched, and suspect or down. */
  isWorse(target: string): boolean;
  /** How many are neither suspect nor down. */
  fineCount(): number;
}

/** How often all targets are looked through, at the most, unless enough of them turned. */
const LOOK_EVERY_MS = 1_000;

interface Turned {
  readonly server: string;
  readonly atMs: number;
}

interface Episode {
  readonly sinceMs: number;
  readonly targets: Set<string>;
  /** It is over when fewer than these are left. */
  readonly fewest: number;
}

export class ManySuspected implements Cause {
  readonly doubt = "many_suspected";
  readonly #fleet: Fleet;
  readonly #options: ManySuspectedOptions;
  /** Those that turned within the window, the longest ago first. */
  readonly #turned = new Map<string, Turned>();
  /** How many of them there are of each server. */
  readonly #servers = new Map<string, number>();
  #episode: Episode | null = null;
  /** So many were needed when all were looked through last. */
  #neededCount = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  lastPresentMs = Number.NEGATIVE_INFINITY;
  detail = "";

  constructor(fleet: Fleet, options: ManySuspectedOptions = DEFAULT_MANY_SUSPECTED) {
    this.#fleet = fleet;
    this.#options = options;
  }

  /** A target became suspect or down. */
  turned(target: string, server: string, nowMs: number): void {
    this.#forgetOlderThan(nowMs - this.#options.windowMs);
    this.#forget(target);
    this.#turned.set(target, { server, atMs: nowMs });
    this.#servers.set(server, (this.#servers.get(server) ?? 0) + 1);
    if (this.#episode !== null) {
      this.#episode.targets.add(target);
      return;
    }
    // To look through all of them at each that turns would cost the square of their number.
    if (this.#servers.size < this.#options.servers) return;
    const isTime = nowMs - this.#lookedMs >= LOOK_EVERY_MS;
    if (isTime || this.#turned.size >= this.#neededCount) this.#judge(nowMs);
  }

  /** Time has passed. */
  look(nowMs: number): void {
    const episode = this.#episode;
    if (episode === null) return;
    if (nowMs - this.#lookedMs >= LOOK_EVERY_MS) {
      this.#lookedMs = nowMs;
      for (const target of episode.targets) {
        if (!this.#fleet.isWorse(target)) episode.targets.delete(target);
      }
      const isOld = nowMs - episode.sinceMs >= this.#options.longestMs;
      if (isOld || episode.targets.size < episode.fewest) {
        this.#episode = null;
        this.#neededCount = 0;
        return;
      }
    }
    this.lastPresentMs = nowMs;
  }

  #judge(nowMs: number): void {
    const { share, servers, windowMs } = this.#options;
    this.#lookedMs = nowMs;
    for (const target of this.#turned.keys()) {
      if (!this.#fleet.isWorse(target)) this.#forget(target);
    }
    const turnedCount = this.#turned.size;
    const wellBefore = turnedCount + this.#fleet.fineCount();
    this.#neededCount = Math.ceil(wellBefore * share);
    if (turnedCount < this.#neededCount || this.#servers.size < servers) return;
    const fewest = Math.ceil(turnedCount / 2);
    this.#episode = { sinceMs: nowMs, targets: new Set(this.#turned.keys()), fewest };
    this.lastPresentMs = nowMs;
    this.detail =
      `${turnedCount} of ${wellBefore} targets, on ${this.#servers.size} servers, ` +
      `became suspect within ${formatSeconds(windowMs)}`;
  }

  #forgetOlderThan(atMs: number): void {
    for (const [target, turned] of this.#turned) {
      if (turned.atMs > atMs) return;
      this.#forget(target);
    }
  }

  #forget(target: string): void {
    const turned = this.#turned.get(target);
    if (turned === undefined) return;
    this.#turned.delete(target);
    const left = this.#servers.get(turned.server)! - 1;
    if (left === 0) this.#servers.delete(turned.server);
    else this.#servers.set(turned.server, left);
  }
}
