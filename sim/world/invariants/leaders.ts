/**
 * Who leads, and whether that is right: Election Safety (at most one leader a term), Leader
 * Completeness (a leader has every entry committed before it came), Leader Append-Only, and that only
 * voters run for office (Raft figure 3, thesis §4.2).
 */
import {
  isVoter,
  type Effect,
  type LogWrite,
  type MemberStatus,
  type Message,
  type Role,
} from "../../../src/raft/mod.ts";
import type { CommittedLog } from "./committed_log.ts";
import type { Subject } from "./subject.ts";
import { mustHold } from "./violation.ts";

interface Office {
  readonly role: Role;
  readonly term: number;
  readonly life: number;
}

export class Leaders {
  readonly #committed: CommittedLog;
  /** By term. */
  readonly #leaders = new Map<number, Subject>();
  /** What each member last said of itself, by number. */
  readonly #offices: (Office | undefined)[] = [];
  /** The term that each member led last, and the event in which it ceased to. */
  readonly #left: ({ readonly term: number; readonly event: number } | undefined)[] = [];
  #latestTerm = 0;
  /** Counts the events of the run; set before each. */
  event = 0;

  constructor(committed: CommittedLog) {
    this.#committed = committed;
  }

  /** How many terms had a leader. */
  get elections(): number {
    return this.#leaders.size;
  }

  /** The highest term that had a leader. */
  get latestTerm(): number {
    return this.#latestTerm;
  }

  /** Who was elected in `term`, if anybody. */
  ofTerm(term: number): Subject | undefined {
    return this.#leaders.get(term);
  }

  /** Who leads `term` and has not stepped down, crashed or halted. */
  inOffice(term: number): Subject | undefined {
    const leader = this.#leaders.get(term);
    return leader !== undefined && this.termLedBy(leader) === term ? leader : undefined;
  }

  /** The term that a member leads now. */
  termLedBy({ number, life }: Subject): number | undefined {
    const office = this.#offices[number];
    return office?.role === "leader" && office.life === life ? office.term : undefined;
  }

  /** The term that a member leads, or led when this event began. */
  termLedInEvent(subject: Subject): number | undefined {
    const left = this.#left[subject.number];
    return this.termLedBy(subject) ?? (left?.event === this.event ? left.term : undefined);
  }

  roleOf({ number, life }: Subject): Role | undefined {
    const office = this.#offices[number];
    return office?.life === life ? office.role : undefined;
  }

  /** A member says what it is now. */
  onRole(subject: Subject, { role, term }: Effect & { kind: "role" }): void {
    const { life } = subject;
    const termLed = this.termLedBy(subject);
    if (termLed !== undefined) this.#left[subject.number] = { term: termLed, event: this.event };
    this.#offices[subject.number] = { role, term, life };
    // Not when its messages leave: those may have waited for the disk, and the world has moved on.
    if (role !== "follower") mayCampaign(subject);
    if (role === "leader") this.#elected(subject, term);
  }

  /** After each event that touched the member. */
  afterEvent({ id, written }: Subject, { role, term, commitIndex }: MemberStatus): void {
    if (role !== "leader") return;
    const { index, membership } = written.membership();
    mustHold(
      commitIndex < index || isVoter(membership, id),
      "a removed leader steps down",
      () => `${id} leads term ${term}, and its removal at ${index} is committed`,
    );
  }

  onSend(subject: Subject, message: Message): void {
    const { kind, term } = message;
    if (kind === "appendRequest" || kind === "heartbeatRequest" || kind === "timeoutNow") {
      this.#elected(subject, term);
    }
  }

  /** Before `write` changes what the member has written. */
  beforeWrite(subject: Subject, write: LogWrite): void {
    if (this.termLedBy(subject) === undefined) return;
    const first = write.entries[0];
    const { lastIndex } = subject.written;
    mustHold(
      write.discardsLog === undefined && (first === undefined || first.index === lastIndex + 1),
      "append-only leaders",
      () => `${subject.id} leads and replaces its log from ${first?.index} on, of ${lastIndex}`,
    );
  }

  #elected(subject: Subject, term: number): void {
    const known = this.#leaders.get(term);
    if (known === subject) return;
    mustHold(
      known === undefined,
      "at most one leader a term",
      () => `${subject.id} leads term ${term}, as ${known?.id} did`,
    );
    this.#leaders.set(term, subject);
    this.#latestTerm = Math.max(this.#latestTerm, term);
    this.#checkComplete(subject, term, this.#committed.lastIndexBefore(term));
  }

  /** Entries up to `index` were committed in `term`: whoever leads a later one has them. */
  onCommitted(term: number, index: number): void {
    const leader = this.#latestTerm > term ? this.inOffice(this.#latestTerm) : undefined;
    if (leader !== undefined) this.#checkComplete(leader, this.#latestTerm, index);
  }

  #checkComplete({ id, written }: Subject, term: number, index: number): void {
    const expected = this.#committed.termAt(index)!;
    mustHold(
      written.holds(index, expected),
      "leader completeness",
      () =>
        `${id} leads term ${term} with a log up to ${written.lastIndex} of term ` +
        `${written.lastTerm}; committed is ${index} of term ${expected}`,
    );
  }
}

/** A voter, or one whose removal is in its log and not known there to be committed. */
function mayCampaign(subject: Subject): void {
  const { written, id } = subject;
  const commitIndex = subject.status()?.commitIndex ?? 0;
  const { membership } = written.membership();
  mustHold(
    isVoter(membership, id) || isVoter(written.membershipAt(commitIndex), id),
    "learners never campaign",
    () => `${id} asks for votes and is no voter of ${JSON.stringify(membership)}`,
  );
}
