/**
 * Client sessions (Raft thesis §6.3): a state machine around another one, so that a command which a
 * client proposes again, because it never heard what became of the first attempt, is applied once. A
 * client opens a session and numbers its commands; the table of sessions, in which all members agree
 * because it is itself made by the log, remembers for each the last number applied and its answer.
 *
 * A session has one command under way at a time: the next number may be proposed once the one before
 * it is answered, or given up. A client that wants several at once opens several sessions.
 *
 * The machine inside never throws (`StateMachine`). If it does, the throw passes through.
 */
import {
  decodeSessionCommand,
  decodeSessionState,
  encodeSessionId,
  encodeSessionState,
  isLaterSessionCommand,
  type SessionCommand,
} from "./sessions_codec.ts";
import { SessionTable, type SessionLimits } from "./sessions_table.ts";
import type { AppliedCommand, ApplyResult, StateMachine } from "./state_machine.ts";

/**
 * The limits are part of the replicated state: a member that closed a session sooner than another
 * would answer otherwise. So all founding members of a cluster must be given the same, and after that
 * the cluster's own hold, since `restore` brings them with the table, whatever a member was given.
 */
export type SessionOptions = Partial<SessionLimits>;

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  maxSessions: 1024,
  expireAfterEntries: 1_000_000,
  maxAnswerBytes: 4 << 20,
};

/**
 * Why a command was not applied, now, for the sake of its session. Whether an earlier attempt was, each
 * says as far as it is known.
 */
export const SESSION_REFUSALS = {
  expired:
    "session not open: never opened, closed, or expired; nothing was applied now, " +
    "and whether an earlier attempt was is no longer known",
  superseded:
    "session superseded: a later command of the session was applied before; " +
    "nothing was applied now",
  answerForgotten:
    "session answer forgotten: the command was applied before, and its answer is no longer kept; " +
    "nothing was applied now",
} as const;

export type SessionRefusal = keyof typeof SESSION_REFUSALS;

/** The kind of refusal, or undefined for any other answer, such as one of the machine inside. */
export function sessionRefusalOf(result: ApplyResult): SessionRefusal | undefined {
  if (result.ok) return undefined;
  const kinds = ["expired", "superseded", "answerForgotten"] as const;
  return kinds.find((kind) => SESSION_REFUSALS[kind] === result.error);
}

export class SessionStateMachine implements StateMachine {
  readonly #inner: StateMachine;
  #table: SessionTable;

  /** Throws RangeError for a limit that is not a whole number in its range. */
  constructor(inner: StateMachine, options: SessionOptions = {}) {
    const limits = { ...DEFAULT_SESSION_LIMITS, ...options };
    checkLimit("maxSessions", limits.maxSessions, 1);
    checkLimit("expireAfterEntries", limits.expireAfterEntries, 1);
    checkLimit("maxAnswerBytes", limits.maxAnswerBytes, 0);
    this.#inner = inner;
    this.#table = new SessionTable(limits);
  }

  /** How many sessions are open, as of the last command applied. */
  get sessionCount(): number {
    return this.#table.size;
  }

  /** What the answers kept count for. Invariant: <= the limits' maxAnswerBytes. */
  get answerBytes(): number {
    return this.#table.answerBytes;
  }

  /** The limits that hold: those given, or those that came with the state restored. */
  get limits(): SessionLimits {
    return this.#table.limits;
  }

  apply({ index, data }: AppliedCommand): ApplyResult {
    // First and always: what is open may depend on nothing but the log.
    this.#table.expire(index);
    const decoded = decodeSessionCommand(data);
    if (!decoded.ok) {
      const error = `session command unreadable: ${decoded.detail}`;
      return isLaterSessionCommand(data)
        ? { ok: false, error, isPassedOver: true }
        : { ok: false, error };
    }
    const command = decoded.value;
    switch (command.kind) {
      case "open":
        this.#table.open(index);
        return { ok: true, output: encodeSessionId(index) };
      case "run":
        return this.#run(index, command);
      case "close":
        // Also when it is closed: a client that closes twice has what it wants.
        this.#table.close(command.session);
        return { ok: true, output: new Uint8Array() };
      case "once":
        return this.#inner.apply({ index, data: command.command });
    }
  }

  /** The table, and the state of the machine inside. */
  snapshot(): Uint8Array {
    return encodeSessionState({ table: this.#table, inner: this.#inner.snapshot() });
  }

  snapshotParts(): Iterable<Uint8Array> {
    const head = encodeSessionState({ table: this.#table, inner: new Uint8Array() });
    const parts = this.#inner.snapshotParts?.() ?? [this.#inner.snapshot()];
    return after(head, parts);
  }

  restore(data: Uint8Array): ReturnType<StateMachine["restore"]> {
    const decoded = decodeSessionState(data);
    if (!decoded.ok) return { ok: false, error: `session table unreadable: ${decoded.detail}` };
    const restored = this.#inner.restore(decoded.value.inner);
    if (restored.ok) this.#table = decoded.value.table;
    return restored;
  }

  #run(
    index: number,
    { session: id, sequence, command }: Extract<SessionCommand, { kind: "run" }>,
  ): ApplyResult {
    const session = this.#table.find(id);
    if (session === undefined) return refused("expired");
    if (sequence < session.sequence) return refused("superseded");
    if (sequence === session.sequence) {
      // The client is there: it asks again.
      this.#table.touch(session, index);
      return session.answer ?? refused("answerForgotten");
    }
    const answer = this.#inner.apply({ index, data: command });
    this.#table.record(session, index, sequence, ownCopy(answer));
    return answer;
  }
}

/** The machine's state stands behind the table. */
function* after(head: Uint8Array, parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield head;
  yield* parts;
}

function refused(kind: SessionRefusal): ApplyResult {
  return { ok: false, error: SESSION_REFUSALS[kind] };
}

/** An answer that stays as it is: output often is a view of a larger buffer, which may change. */
function ownCopy(answer: ApplyResult): ApplyResult {
  if (answer.ok) return { ok: true, output: answer.output.slice() };
  // As it would come back from a snapshot, or members would answer a retry in two ways.
  return { ok: false, error: answer.error.toWellFormed() };
}

function checkLimit(name: keyof SessionLimits, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(
    `Cannot create SessionStateMachine: "${name}" must be a whole number >= ${least}, ` +
      `received ${value}`,
  );
}
