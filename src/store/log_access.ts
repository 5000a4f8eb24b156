/**
 * How a store on top of the replicated log writes and reads: commands in sessions, each attempted until it is
 * known what became of it, and linearizable reads, which wait until all that was acknowledged anywhere is
 * applied here. Everything is answered within one deadline.
 */
import type { Timers } from "../port.ts";
import type { MemberStatus, RaftMember, ReadOutcome } from "../raft/mod.ts";
import { Attempts, type AttemptsWorld } from "./attempts.ts";
import type { CommandOutcome } from "./client_session.ts";
import { ClientSessions, type ClientSessionsOptions } from "./client_sessions.ts";

/** As much of a `RaftMember` as a store needs. */
export interface LogMember extends Pick<RaftMember, "propose" | "read"> {
  /** `halted`: why nothing can be decided by way of this member any more; undefined while it can. */
  briefStatus(): Pick<MemberStatus, "halted" | "leader" | "term">;
}

export type LogRead<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly detail: string };

export class LogAccess {
  readonly #member: LogMember;
  readonly #world: AttemptsWorld;
  readonly #deadlineMs: number;
  readonly #sessions: ClientSessions;
  /** Ends a read that is under way, with why. */
  readonly #reads = new Set<(detail: string) => void>();

  constructor(member: LogMember, timers: Timers, options: ClientSessionsOptions) {
    this.#member = member;
    this.#deadlineMs = options.deadlineMs;
    this.#world = { timers, leadership: () => leadershipOf(member) };
    this.#sessions = new ClientSessions(member, this.#world, options);
  }

  /** Never rejects. */
  run(command: Uint8Array): Promise<CommandOutcome> {
    return new Promise((resolve) => this.#sessions.run(command, resolve));
  }

  /** What `look` sees once this member has all that was acknowledged before the call. Never rejects. */
  caughtUp<Value>(look: () => Value): Promise<LogRead<Value>> {
    return new Promise((resolve) => this.#read(look, resolve));
  }

  /** Answers all that is under way with what is known of it, now; later commands fail. */
  close(): void {
    this.#sessions.close();
    for (const end of this.#reads) end("this monitor is stopping");
  }

  #read<Value>(look: () => Value, done: (result: LogRead<Value>) => void): void {
    const { halted } = this.#member.briefStatus();
    if (halted !== undefined) return done({ ok: false, detail: halted });
    let reason = "no answer came";
    const settle = (result: LogRead<Value>) => {
      attempts.stop();
      cancelDeadline();
      this.#reads.delete(fail);
      done(result);
    };
    const fail = (detail: string) => settle({ ok: false, detail });
    const isSettledBy = (outcome: ReadOutcome) => {
      // The moment at which the state has what it must have is this one.
      if (outcome.ok) settle({ ok: true, value: look() });
      else {
        const { halted: over } = this.#member.briefStatus();
        if (over !== undefined) fail(over);
        reason = outcome.reason;
      }
      return false;
    };
    const begin = (ended: (outcome: ReadOutcome) => void) => this.#member.read(ended);
    const attempts = new Attempts<ReadOutcome>(this.#world, { begin, isSettledBy });
    const cancelDeadline = this.#world.timers.after(this.#deadlineMs, () =>
      fail(`nothing came of it within ${this.#deadlineMs} ms: ${reason}`),
    );
    this.#reads.add(fail);
    attempts.begin();
  }
}

/** Names the leadership that a member follows; undefined while there is none. */
function leadershipOf(member: LogMember): string | undefined {
  const { leader, term } = member.briefStatus();
  return leader === undefined ? undefined : `${term} ${leader}`;
}

/** Throws `RangeError` for a number out of its range. */
export function checkRange(
  what: string,
  name: string,
  value: number,
  least: number,
  most: number,
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `Cannot create ${what}: "${name}" must be a whole number in ${least}..${most}, ` +
      `received ${value}`,
  );
}
