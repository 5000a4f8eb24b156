/** Three observers that only hold what they are told to: this one is `b`, `c` doubts itself, and `d` is not heard. */
import type { MonitorReading } from "../monitor/mod.ts";
import type {
  CombinedChange,
  CombinedReading,
  CombinedVerdict,
  ObserverChange,
  ObserverReading,
  ObserversReading,
  Vote,
} from "../observers/mod.ts";
import { WALL_ORIGIN_MS } from "./_test_world.ts";

export const VOTES: readonly Vote[] = [
  { observer: "a", verdict: "down", phi: 17.5, sinceWallMs: WALL_ORIGIN_MS, isCounted: true },
  { observer: "b", verdict: "up", phi: 0.25, sinceWallMs: WALL_ORIGIN_MS + 1, isCounted: true },
  { observer: "c", verdict: "suspect", phi: 9, sinceWallMs: WALL_ORIGIN_MS, isCounted: false },
];

export const OBSERVERS: readonly ObserverReading[] = [
  {
    id: "a",
    isSelf: false,
    isHeard: true,
    silentMs: 250.4,
    doubts: [],
    targetCounts: { unknown: 0, up: 0, suspect: 0, down: 1 },
  },
  {
    id: "b",
    isSelf: true,
    isHeard: true,
    silentMs: 0,
    doubts: [],
    targetCounts: { unknown: 0, up: 1, suspect: 0, down: 0 },
  },
  {
    id: "c",
    isSelf: false,
    isHeard: true,
    silentMs: 100,
    doubts: ["paused", "loop_lag"],
    targetCounts: { unknown: 0, up: 0, suspect: 1, down: 0 },
  },
  { id: "d", isSelf: false, isHeard: false, silentMs: null, doubts: [], targetCounts: null },
];

export class FakeObservers implements ObserversReading {
  readonly #monitor: Pick<MonitorReading, "watch">;
  readonly #combinedListeners = new Set<(change: CombinedChange) => void>();
  readonly #observerListeners = new Set<(change: ObserverChange) => void>();
  readonly memberCount = 4;
  readonly neededCount = 3;
  readonly isMinority = false;

  constructor(monitor: Pick<MonitorReading, "watch">) {
    this.#monitor = monitor;
  }

  get listenerCount(): number {
    return this.#combinedListeners.size + this.#observerListeners.size;
  }

  observers(): readonly ObserverReading[] {
    return OBSERVERS;
  }

  combined(target: string): CombinedReading | undefined {
    if (this.#monitor.watch(target) === undefined) return undefined;
    return {
      target,
      verdict: "partial",
      sinceWallMs: WALL_ORIGIN_MS,
      votes: VOTES,
      dissenters: ["a"],
      neededCount: this.neededCount,
      memberCount: this.memberCount,
    };
  }

  combinedVerdict(target: string): CombinedVerdict | undefined {
    return this.combined(target)?.verdict;
  }

  changeCombined(target: string, part: Partial<CombinedChange> = {}): void {
    const change = { isNews: true, target, from: "up", to: "partial", dissenters: ["a"] } as const;
    const more = { reason: "a says down; b says up", atWallMs: WALL_ORIGIN_MS };
    for (const listener of this.#combinedListeners) listener({ ...change, ...more, ...part });
  }

  changeObserver(observer: ObserverReading): void {
    for (const listener of this.#observerListeners) {
      listener({ observer, atWallMs: WALL_ORIGIN_MS });
    }
  }

  onCombinedChange(listener: (change: CombinedChange) => void): () => void {
    this.#combinedListeners.add(listener);
    return () => this.#combinedListeners.delete(listener);
  }

  onObserverChange(listener: (change: ObserverChange) => void): () => void {
    this.#observerListeners.add(listener);
    return () => this.#observerListeners.delete(listener);
  }
}
