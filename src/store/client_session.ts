/**
 * One session of this monitor with the replicated log (`SessionStateMachine`): runs one command at a time,
 * and attempts it under the same number until it is known what became of it, so that it is applied once
 * however often it is attempted. What it says of a command that nothing was heard of is never too much:
 * `failed` only where no attempt can have had, or have yet, an effect.
 */
import {
  decodeSessionId,
  encodeOpenSession,
  encodeRun,
  sessionRefusalOf,
  type ApplyResult,
  type MemberStatus,
  type ProposalOutcome,
} from "../raft/mod.ts";
import { Attempts, type AttemptsWorld } from "./attempts.ts";

/** As much of a `RaftMember` as it takes to propose. */
export interface Proposer {
  propose(data: Uint8Array, done: (outcome: ProposalOutcome) => void): void;
  briefStatus(): Pick<MemberStatus, "halted">;
}

export type CommandOutcome =
  /** What the state machine says. */
  | { readonly kind: "answered"; readonly result: ApplyResult }
  /** `failed`: it has had no effect and never will. `unknown`: it may have had, or may have yet. */
  | { readonly kind: "failed" | "unknown"; readonly detail: string };

/** A command under way. */
interface Run {
  readonly command: Uint8Array;
  readonly done: (outcome: CommandOutcome) => void;
  /** Of the session's opening, or of the command. */
  attempts: Attempts<ProposalOutcome> | undefined;
  /** How many of the command's attempts can have no effect, now or later. */
  harmlessCount: number;
  isProposed: boolean;
  /** Why the last attempt that ended came to nothing. */
  reason: string;
}

export class ClientSession {
  readonly #log: Proposer;
  readonly #world: AttemptsWorld;
  /** Undefined while none is open. */
  #id: number | undefined;
  /** Of the last command. Invariant: no two commands of one id have the same. */
  #sequence = 0;
  #run: Run | undefined;

  constructor(log: Proposer, world: AttemptsWorld) {
    this.#log = log;
    this.#world = world;
  }

  /**
   * Runs a command, in a session that is opened if there is none. `done` is called once, perhaps at once,
   * unless `giveUp` is called first. One at a time: the command before has to be done, or given up.
   */
  run(command: Uint8Array, done: (outcome: CommandOutcome) => void): void {
    const { halted } = this.#log.briefStatus();
    if (halted !== undefined) return done({ kind: "failed", detail: halted });
    this.#run = {
      command,
      done,
      attempts: undefined,
      harmlessCount: 0,
      isProposed: false,
      reason: "no answer came",
    };
    this.#proceed(this.#run);
  }

  /** Ends the command under way, with what is known of it. */
  giveUp(): Exclude<CommandOutcome, { kind: "answered" }> {
    const run = this.#run;
    this.#run = undefined;
    if (run === undefined) return { kind: "failed", detail: "it was not begun" };
    run.attempts?.stop();
    return { kind: isHarmless(run) ? "failed" : "unknown", detail: run.reason };
  }

  #proceed(run: Run): void {
    run.harmlessCount = 0;
    run.isProposed = this.#id !== undefined;
    if (this.#id === undefined) {
      this.#attempt(run, encodeOpenSession(), (outcome) => this.#isOpenedBy(run, outcome));
    } else {
      const envelope = encodeRun(this.#id, ++this.#sequence, run.command);
      this.#attempt(run, envelope, (outcome) => this.#isAnsweredBy(run, outcome));
    }
  }

  #attempt(run: Run, data: Uint8Array, isSettledBy: (outcome: ProposalOutcome) => boolean): void {
    run.attempts = new Attempts(this.#world, {
      begin: (done) => this.#log.propose(data, done),
      isSettledBy,
    });
    run.attempts.begin();
  }

  #isOpenedBy(run: Run, outcome: ProposalOutcome): boolean {
    if (outcome.kind !== "committed") return this.#isHopeless(run, outcome.reason);
    const { result } = outcome;
    const id = result.ok ? decodeSessionId(result.output) : { ok: false as const };
    if (!id.ok) {
      run.reason = result.ok ? "the session's id cannot be read" : result.error;
      return false;
    }
    this.#id = id.value;
    this.#sequence = 0;
    run.attempts?.stop();
    this.#proceed(run);
    return true;
  }

  #isAnsweredBy(run: Run, outcome: ProposalOutcome): boolean {
    if (outcome.kind === "dropped") run.harmlessCount++;
    if (outcome.kind !== "committed") return this.#isHopeless(run, outcome.reason);
    const { result } = outcome;
    switch (sessionRefusalOf(result)) {
      case undefined:
        return this.#end(run, { kind: "answered", result });
      case "answerForgotten":
        return this.#end(run, { kind: "unknown", detail: "its answer is no longer kept" });
      case "expired":
      case "superseded":
        return this.#restart(run, result.ok ? "" : result.error);
    }
  }

  /** The session is of no more use. Another may run the command if no attempt in this one took effect. */
  #restart(run: Run, reason: string): boolean {
    this.#id = undefined;
    run.reason = reason;
    // This attempt did nothing: that is what the refusal says.
    run.harmlessCount++;
    if (!isHarmless(run)) return this.#end(run, { kind: "unknown", detail: reason });
    run.attempts?.stop();
    this.#proceed(run);
    return true;
  }

  /** A member that has halted, or was removed, takes no part again: there is nothing to wait for. */
  #isHopeless(run: Run, reason: string): boolean {
    run.reason = reason;
    const { halted } = this.#log.briefStatus();
    if (halted === undefined) return false;
    return this.#end(run, { kind: isHarmless(run) ? "failed" : "unknown", detail: halted });
  }

  #end(run: Run, outcome: CommandOutcome): true {
    run.attempts?.stop();
    this.#run = undefined;
    run.done(outcome);
    return true;
  }
}

function isHarmless({ isProposed, attempts, harmlessCount }: Run): boolean {
  return !isProposed || attempts === undefined || harmlessCount === attempts.begunCount;
}
