/** The monitor that the tests of this folder watch at work: what its probes find is written by hand, all else is real. */
import { ANSWER, failure, HandProber } from "../../test/kit/hand_prober.ts";
import { makeTarget, type TargetPart } from "../../test/kit/target.ts";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import type { ProbeFailureReason, ProbeOutcome } from "../probe/mod.ts";
import { Monitor } from "./monitor.ts";
import type { VerdictChange } from "./reading.ts";
import type { RememberedWatch } from "./saved_watch.ts";
import type { Recall } from "./watch_set.ts";

const TIMEOUT_MS = 5_000;

/** What a server does with a question: answers after so many milliseconds, well or badly, or never. */
export type Behaviour = (
  slot: number,
) => number | "never" | ProbeFailureReason | { readonly refusesAfterMs: number };

function outcomeOf(does: ReturnType<Behaviour>): { outcome: ProbeOutcome; afterMs: number } {
  if (typeof does === "number") return { outcome: ANSWER, afterMs: does };
  if (does === "never") return { outcome: failure("timeout"), afterMs: TIMEOUT_MS };
  if (typeof does === "string") return { outcome: failure(does), afterMs: 1 };
  return { outcome: failure("status"), afterMs: does.refusesAfterMs };
}

export interface BenchOptions {
  readonly time?: VirtualTime;
  readonly recall?: Recall;
  /** Where in its interval the first target is asked: [0, 1). */
  readonly phase?: number;
}

/** A monitor in virtual time, whose targets all do as `behaviour` says. */
export class Bench {
  readonly time: VirtualTime;
  readonly probers: HandProber[] = [];
  readonly changes: VerdictChange[] = [];
  readonly monitor: Monitor;
  readonly loopLagsSeconds: number[] = [];
  behaviour: Behaviour = () => 1;
  #slot = 0;

  constructor({ time = new VirtualTime(), recall, phase = 0 }: BenchOptions = {}) {
    this.time = time;
    this.monitor = new Monitor({
      clock: this.time,
      timers: this.time,
      random: () => phase,
      gauges: {
        eventLoopLag: (seconds) => this.loopLagsSeconds.push(seconds),
        scheduleLag: () => {},
      },
      makeProbers: () => () => this.#makeProber(),
      ...(recall && { recall }),
    });
    this.monitor.onVerdictChange((change) => this.changes.push(change));
  }

  put(part: TargetPart = {}): void {
    this.monitor.put(makeTarget(part));
  }

  verdicts(): string[] {
    return this.changes.map((change) => `${change.target}: ${change.from} -> ${change.to}`);
  }

  phi(name = "server1"): number {
    return this.monitor.watch(name)!.phi(this.monitor.nowMs());
  }

  #makeProber(): HandProber {
    const prober = new HandProber();
    prober.onAsk = (question) => {
      const { outcome, afterMs } = outcomeOf(this.behaviour(this.#slot++));
      const answer = () => {
        const index = prober.out.indexOf(question);
        if (index < 0) return;
        prober.out.splice(index, 1);
        question.done({ ...outcome, timings: { ...outcome.timings, totalMs: afterMs } });
      };
      this.time.after(afterMs, answer);
    };
    this.probers.push(prober);
    return prober;
  }
}

/** Answers take some 20 ms, one in fifty five times as long. */
export function jitter(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const share = state / 2_147_483_648;
    return share < 0.02 ? 100 * (1 + share) : 15 + 10 * share;
  };
}

export function watchOf(bench: Bench): RememberedWatch {
  return bench.monitor.watch("server1")!;
}
