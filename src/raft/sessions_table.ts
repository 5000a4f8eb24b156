/**
 * The open sessions of clients, each with the last command that was applied for it and that command's
 * answer. All members keep the same table, so what is forgotten to stay within bounds is chosen by log
 * indexes alone: who has gone unused for longest goes first.
 */
import type { ApplyResult } from "./state_machine.ts";

export interface SessionLimits {
  /**
   * How many sessions may be open; a further one closes the least recently used. Higher: more memory,
   * larger snapshots. Lower: a busy cluster closes sessions whose clients are still there, and their
   * retries are refused. >= 1.
   */
  readonly maxSessions: number;
  /**
   * A session is closed when this many entries have come after the last that used it. Higher: what
   * clients left open stays longer. Lower: a client that pauses finds its session gone. >= 1.
   */
  readonly expireAfterEntries: number;
  /**
   * Bytes of all answers together; above it the least recently used sessions lose theirs, while it
   * stays known that their commands were applied. Higher: more memory, larger snapshots. Lower: more
   * retries learn only that they were applied, not with what answer. >= 0.
   */
  readonly maxAnswerBytes: number;
}

export interface Session {
  /** The index of the entry that opened it. >= 1. */
  readonly id: number;
  /** The index of the last entry that used it. Invariant: >= id, and no other session's. */
  readonly usedIndex: number;
  /** Of the last command applied; 0 before the first. Invariant: never falls. */
  readonly sequence: number;
  /** The last command's answer; undefined before the first, or if it is no longer kept. */
  readonly answer: ApplyResult | undefined;
}

/** What an answer counts for in `maxAnswerBytes`: its text or output, and a flat sum for the rest. */
function answerBytes(answer: ApplyResult): number {
  const flatBytes = 16;
  // Two bytes each, as texts are held; the size in UTF-8 would have to be computed.
  return flatBytes + (answer.ok ? answer.output.length : 2 * answer.error.length);
}

export class SessionTable {
  readonly limits: SessionLimits;
  /** By id. Invariant: in ascending order of usedIndex; at most `maxSessions`. */
  readonly #sessions = new Map<number, Session>();
  /** Bytes of the answers that are kept, by session. Invariant: in the same order. */
  readonly #answers = new Map<number, number>();
  /** Invariant: the sum of #answers; <= maxAnswerBytes. */
  #answerBytes = 0;

  constructor(limits: SessionLimits, sessions: Iterable<Session> = []) {
    this.limits = limits;
    for (const session of sessions) this.#put(session);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** How much of `maxAnswerBytes` is in use. */
  get answerBytes(): number {
    return this.#answerBytes;
  }

  /** The sessions, the least recently used first. */
  sessions(): Iterable<Session> {
    return this.#sessions.values();
  }

  find(id: number): Session | undefined {
    return this.#sessions.get(id);
  }

  /** Closes what no entry has used for too long, as of the entry at `index`. */
  expire(index: number): void {
    for (const { id, usedIndex } of this.#sessions.values()) {
      if (index - usedIndex <= this.limits.expireAfterEntries) return;
      this.close(id);
    }
  }

  /** Opens the session that the entry at `index` asks for. */
  open(index: number): void {
    for (const id of this.#sessions.keys()) {
      if (this.#sessions.size < this.limits.maxSessions) break;
      this.close(id);
    }
    this.#put({ id: index, usedIndex: index, sequence: 0, answer: undefined });
  }

  /** The entry at `index` asked again for what was answered. */
  touch(session: Session, index: number): void {
    this.close(session.id);
    this.#put({ ...session, usedIndex: index });
  }

  /** The entry at `index` was applied as the session's command `sequence`, with this answer. */
  record({ id }: Session, index: number, sequence: number, answer: ApplyResult): void {
    this.close(id);
    const bytes = answerBytes(answer);
    // One answer that no room could be made for shall not cost all the others.
    const isKept = bytes <= this.limits.maxAnswerBytes;
    if (isKept) this.#makeRoom(bytes);
    this.#put({ id, usedIndex: index, sequence, answer: isKept ? answer : undefined });
  }

  close(id: number): void {
    this.#sessions.delete(id);
    this.#answerBytes -= this.#answers.get(id) ?? 0;
    this.#answers.delete(id);
  }

  #makeRoom(bytes: number): void {
    for (const [id, freedBytes] of this.#answers) {
      if (this.#answerBytes + bytes <= this.limits.maxAnswerBytes) return;
      this.#answers.delete(id);
      this.#answerBytes -= freedBytes;
      const session = this.#sessions.get(id);
      // Setting what is there already keeps its place in the order.
      if (session !== undefined) this.#sessions.set(id, { ...session, answer: undefined });
    }
  }

  /** Puts a session that is not in the table last: it is the most recently used. */
  #put(session: Session): void {
    this.#sessions.set(session.id, session);
    if (session.answer === undefined) return;
    const bytes = answerBytes(session.answer);
    this.#answers.set(session.id, bytes);
    this.#answerBytes += bytes;
  }
}
