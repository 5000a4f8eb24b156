/** A prober for tests of what stands around one: it keeps the questions, and the test answers them by hand. */
import type { ProbeFailureReason, ProbeOutcome, Prober } from "../../src/probe/mod.ts";

export interface Question {
  readonly done: (outcome: ProbeOutcome) => void;
}

const TIMINGS = { resolveMs: 0, connectMs: 0, tlsMs: 0, firstByteMs: 1, bodyMs: 0, totalMs: 1 };

export const ANSWER: ProbeOutcome = {
  ok: true,
  status: 200,
  reusedConnection: true,
  timings: TIMINGS,
  certificateExpiresWallMs: undefined,
};

export function failure(reason: ProbeFailureReason): ProbeOutcome {
  return {
    ok: false,
    reason,
    detail: reason,
    timings: TIMINGS,
    certificateExpiresWallMs: undefined,
  };
}

export class HandProber implements Prober {
  /** Asked and not answered yet, oldest first. */
  readonly out: Question[] = [];
  askedCount = 0;
  isClosed = false;
  /** Called at each question. */
  onAsk: (question: Question) => void = () => {};

  ask(done: (outcome: ProbeOutcome) => void): void {
    const question = { done };
    this.askedCount++;
    this.out.push(question);
    this.onAsk(question);
  }

  close(): void {
    this.isClosed = true;
    this.out.length = 0;
  }

  /** Ends the oldest question. */
  end(outcome: ProbeOutcome = ANSWER): void {
    this.out.shift()!.done(outcome);
  }
}
