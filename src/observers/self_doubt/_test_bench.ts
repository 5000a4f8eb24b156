/** A whole monitor in virtual time that doubts itself: what its probes find is written by hand, all else is real. */
import type { Doubt } from "../reading.ts";
import { ANSWER, failure, HandProber } from "../../../test/kit/hand_prober.ts";
import { makeTarget, type TargetPart } from "../../../test/kit/target.ts";
import { VirtualTime } from "../../../test/kit/virtual_time.ts";
import { Monitor, type VerdictChange } from "../../monitor/mod.ts";
import { SelfDoubt, type SelfDoubtChange } from "./self_doubt.ts";
import type { SelfProbeResult } from "./self_probe.ts";

const ANSWER_MS = 2;
const TIMEOUT_MS = 500;

/** Quick to judge: suspect when an answer is 0.3 s late. */
export const QUICK: TargetPart = {
  intervalMillis: 100,
  timeoutMillis: TIMEOUT_MS,
  monitor: { threshold: 8, minStdDeviationMillis: 100, firstHeartbeatEstimateMillis: 200 },
};

export class Bench {
  readonly time = new VirtualTime();
  readonly monitor: Monitor;
  readonly selfDoubt: SelfDoubt;
  readonly changes: SelfDoubtChange[] = [];
  /** Each verdict's change for the worse, and what the monitor thought of itself then. */
  readonly worsened: { readonly change: VerdictChange; readonly doubts: readonly Doubt[] }[] = [];
  /** Whether a target answers. */
  answers: (name: string) => boolean = () => true;
  selfAnswer: SelfProbeResult = { ok: true };
  /** What it takes to send one probe. */
  askingMs = 0;

  constructor() {
    this.monitor = new Monitor({
      clock: this.time,
      timers: this.time,
      random: () => 0,
      gauges: {
        // Not called before its timer rings, and then both are made.
        eventLoopLag: () => this.selfDoubt.turned(),
        scheduleLag: (seconds) => this.selfDoubt.sent(seconds * 1_000),
      },
      makeProbers: () => (target) => this.#makeProber(target.name),
    });
    this.selfDoubt = new SelfDoubt({
      monitor: this.monitor,
      clock: this.time,
      probeSelf: (done) => void this.time.after(1, () => done(this.selfAnswer)),
    });
    this.selfDoubt.onChange((change) => this.changes.push(change));
    // After the doubt's own, as whoever tells others does.
    this.monitor.onVerdictChange((change) => {
      if (change.to === "up") return;
      // As last told, by which who keeps it goes.
      this.worsened.push({ change, doubts: this.changes.at(-1)?.doubts ?? [] });
    });
  }

  put(count: number, part: TargetPart = {}): void {
    for (let index = 0; index < count; index++) {
      const url = part.url ?? `http://10.1.0.${index}:8080/`;
      this.monitor.put(makeTarget({ ...part, name: `server${index}`, url }));
    }
  }

  /** The event loop does nothing for so long, and then runs on. */
  stall(ms: number): void {
    this.time.stop(ms);
    this.time.pass(0);
  }

  /** `+paused`, `-paused`: each change as it was told. */
  get story(): string[] {
    return this.changes.flatMap(({ began, ended }) => [
      ...began.map(({ doubt }) => `+${doubt}`),
      ...ended.map((doubt) => `-${doubt}`),
    ]);
  }

  #makeProber(name: string): HandProber {
    const prober = new HandProber();
    prober.onAsk = (question) => {
      this.time.stop(this.askingMs);
      // As a real one does, which stamps its phases.
      this.monitor.nowMs();
      const isReachable = this.answers(name);
      const answer = () => {
        const index = prober.out.indexOf(question);
        if (index < 0) return;
        prober.out.splice(index, 1);
        question.done(isReachable ? ANSWER : failure("timeout"));
      };
      this.time.after(isReachable ? ANSWER_MS : TIMEOUT_MS, answer);
    };
    return prober;
  }
}
