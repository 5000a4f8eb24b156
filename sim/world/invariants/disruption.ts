/**
 * A leader that works is left in peace (thesis §4.2.3, §9.6). A pre-vote changes nothing at whoever is
 * asked, is not granted by one who hears from a leader, and a request for votes that the leader did not
 * call for moves neither the leader nor those who hear from it.
 */
import type { MemberStatus, Message } from "../../../src/raft/mod.ts";
import type { Leaders } from "./leaders.ts";
import type { Subject } from "./subject.ts";
import { mustHold } from "./violation.ts";

interface Contact {
  readonly life: number;
  ticks: number;
  /** When a leader was last heard, in ticks of this member, and in which term it led. */
  heardAtTick: number;
  heardTerm: number;
}

export class Disruption {
  readonly #leaders: Leaders;
  readonly #electionTicks: number;
  /** By the member's number. */
  readonly #contacts: (Contact | undefined)[] = [];

  constructor(leaders: Leaders, electionTicks: number) {
    this.#leaders = leaders;
    this.#electionTicks = electionTicks;
  }

  onTick(subject: Subject): void {
    this.#contactOf(subject).ticks++;
  }

  /** Around the delivery of a message that is no stray. */
  onReceive(subject: Subject, message: Message, receive: () => void): void {
    const { kind } = message;
    if (kind === "preVoteRequest") return this.#mustStay(subject, message, receive, true);
    if (kind === "voteRequest" && !message.isTransfer) {
      const isProtected = this.#hearsLeader(subject, subject.term ?? 0);
      return this.#mustStay(subject, message, receive, isProtected);
    }
    receive();
    if (kind === "appendRequest" || kind === "heartbeatRequest" || kind === "installSnapshot") {
      if (subject.term === message.term) this.#heard(subject, message.term);
    }
  }

  onSend(subject: Subject, message: Message): void {
    if (message.kind !== "preVoteResponse" || !message.isGranted) return;
    const term = subject.term ?? 0;
    // An old question about the very term that this member is in by now changes nothing.
    mustHold(
      message.term <= term || !this.#hearsLeader(subject, term),
      "who hears a leader grants no pre-vote",
      () => `${subject.id} grants ${message.to} one for term ${message.term}, in term ${term}`,
    );
  }

  /** The role, the term and the vote are as before, if `isProtected`. */
  #mustStay(subject: Subject, { kind, from }: Message, receive: () => void, isProtected: boolean) {
    const before = isProtected ? subject.status() : undefined;
    receive();
    const after = before === undefined ? undefined : subject.status();
    if (before === undefined || after === undefined) return;
    mustHold(
      before.term === after.term && before.vote === after.vote && before.role === after.role,
      kind === "preVoteRequest" ? "a pre-vote changes nothing" : "a working leader is left alone",
      () => `${kind} of ${from} moves ${subject.id} from ${standing(before)} to ${standing(after)}`,
    );
  }

  #hearsLeader(subject: Subject, term: number): boolean {
    if (this.#leaders.termLedBy(subject) !== undefined) return true;
    const { ticks, heardAtTick, heardTerm } = this.#contactOf(subject);
    return heardTerm === term && ticks - heardAtTick < this.#electionTicks;
  }

  #heard(subject: Subject, term: number): void {
    const contact = this.#contactOf(subject);
    contact.heardAtTick = contact.ticks;
    contact.heardTerm = term;
  }

  #contactOf({ number, life }: Subject): Contact {
    const known = this.#contacts[number];
    if (known?.life === life) return known;
    return (this.#contacts[number] = { life, ticks: 0, heardAtTick: 0, heardTerm: 0 });
  }
}

function standing({ role, term, vote }: MemberStatus): string {
  return `${role} in term ${term} (vote ${vote ?? "none"})`;
}
