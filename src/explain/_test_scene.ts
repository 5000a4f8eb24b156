/** One target under a real watch, driven by hand, and observers of it that say what they are told. */
import { ANSWER, failure } from "../../test/kit/hand_prober.ts";
import { makeTarget, type TargetPart } from "../../test/kit/target.ts";
import { WatchSet, type Watch } from "../monitor/mod.ts";
import type {
  CombinedReading,
  Doubt,
  ObserverReading,
  ObserversReading,
  Vote,
} from "../observers/mod.ts";
import { explain, sentencesOf, type Explanation, type ExplainSources } from "./mod.ts";

/** 2026-01-31T12:00:00Z at the monitor's moment 0. */
const WALL_ORIGIN_MS = 1_769_860_800_000;

export class Scene {
  #nowMs = 0;
  /** As an `AwakeClock` has it. */
  #pausedMs = 0;
  #wokeMs = 0;
  watches: WatchSet;
  watch: Watch;

  constructor(part: TargetPart = {}) {
    this.watches = this.#begin();
    this.watch = this.watches.put(makeTarget(part));
  }

  #begin(): WatchSet {
    return new WatchSet({
      nowMs: () => this.#nowMs,
      wallMsOf: (monitorMs) =>
        WALL_ORIGIN_MS + monitorMs + (monitorMs >= this.#wokeMs ? this.#pausedMs : 0),
      pausedMs: 0,
      excusingPauses: [],
    });
  }

  /** The monitor ends, and goes on as another process so much later. */
  restart(ms: number): void {
    const saved = this.watch.save(this.#nowMs);
    this.#nowMs += ms;
    this.watches = this.#begin();
    this.watch = this.watches.put(this.watch.target, () => saved);
  }

  /** So many seconds in which each probe is answered, one a second, with a jitter of 10 ms. */
  answered(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.#nowMs += 1_000 + (second % 2 === 0 ? 10 : -10);
      this.watch.probed(ANSWER, this.#nowMs);
    }
  }

  failed(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.#nowMs += 1_000;
      this.watch.probed(failure("timeout"), this.#nowMs);
    }
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    this.watches.settle();
  }

  /** The monitor does not run for so long. */
  pause(ms: number): void {
    this.#nowMs += 20;
    this.#pausedMs = ms - 20;
    this.#wokeMs = this.#nowMs;
  }

  explain(sources: Omit<ExplainSources, "monitor"> = {}): Explanation {
    return explain(this.watch, { monitor: this.watches, ...sources });
  }

  /** The sentences, a line each. */
  text(sources: Omit<ExplainSources, "monitor"> = {}): string {
    return sentencesOf(this.explain(sources), formatTime).join("\n");
  }

  /** A vote given now, so many seconds old. */
  vote(observer: string, verdict: Vote["verdict"], phi: number, isCounted = true): Vote {
    return {
      observer,
      verdict,
      phi,
      isCounted,
      sinceWallMs: this.watches.wallMsOf(this.#nowMs) - 30_000,
    };
  }
}

export function formatTime(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

/** As an observer reading has it, sound and heard. */
export function observing(id: string, part: Partial<ObserverReading> = {}): ObserverReading {
  return {
    id,
    isSelf: false,
    isHeard: true,
    silentMs: 500,
    doubts: [],
    targetCounts: null,
    ...part,
  };
}

export function observersOf(
  observers: readonly ObserverReading[],
  combined: Partial<CombinedReading>,
  isMinority = false,
): ObserversReading {
  const reading: CombinedReading = {
    target: "server1",
    verdict: "up",
    sinceWallMs: WALL_ORIGIN_MS,
    votes: [],
    dissenters: [],
    neededCount: 2,
    memberCount: observers.length,
    ...combined,
  };
  return {
    observers: () => observers,
    memberCount: reading.memberCount,
    neededCount: reading.neededCount,
    isMinority,
    combined: () => reading,
    combinedVerdict: () => reading.verdict,
    onCombinedChange: () => () => {},
    onObserverChange: () => () => {},
  };
}

export function doubting(doubt: Doubt, detail: string): NonNullable<ExplainSources["selfDoubt"]> {
  return { doubts: () => [doubt], detail: () => detail };
}
