/**
 * What a member says must be true of its disk at that moment: a vote is given once a term and is
 * durable when it leaves, an agreed entry is durable, and is the leader's. Crashes make no difference,
 * since the record of what was said is the world's and not the member's.
 */
import type { Message, MessageOf } from "../../../src/raft/mod.ts";
import type { Leaders } from "./leaders.ts";
import type { Subject } from "./subject.ts";
import { mustHold } from "./violation.ts";

export class Promises {
  readonly #leaders: Leaders;
  /** By term, then by member: whom it voted for. */
  readonly #votes = new Map<number, Map<string, string>>();

  constructor(leaders: Leaders) {
    this.#leaders = leaders;
  }

  onSend(subject: Subject, message: Message): void {
    const { kind, term, to } = message;
    if (kind === "voteRequest") this.#voted(subject, term, subject.id);
    if (kind === "voteResponse" && message.isGranted) this.#voted(subject, term, to);
    if (kind === "appendResponse" && message.result.ok) {
      this.#agreed(subject, message, message.result.matchIndex);
    }
  }

  #voted({ id, synced }: Subject, term: number, candidate: string): void {
    let ofTerm = this.#votes.get(term);
    if (ofTerm === undefined) this.#votes.set(term, (ofTerm = new Map()));
    const before = ofTerm.get(id);
    mustHold(
      before === undefined || before === candidate,
      "one vote a term",
      () => `${id} votes for ${candidate} in term ${term}, and voted for ${before}`,
    );
    ofTerm.set(id, candidate);
    const { hardState } = synced;
    mustHold(
      hardState.term > term || (hardState.term === term && hardState.vote === candidate),
      "a vote is durable before it is given",
      () =>
        `${id} votes for ${candidate} in term ${term}; its disk says ${hardState.vote} in term ` +
        `${hardState.term}`,
    );
  }

  #agreed(subject: Subject, { term }: MessageOf<"appendResponse">, matchIndex: number): void {
    const { id, synced } = subject;
    // A member that was paused may speak after its disk has gone on to a later term.
    if (synced.hardState.term > term) return;
    mustHold(
      synced.hardState.term === term && synced.lastIndex >= matchIndex,
      "an agreed entry is durable",
      () =>
        `${id} agrees to ${matchIndex} in term ${term}; its disk ends at ${synced.lastIndex} in ` +
        `term ${synced.hardState.term}`,
    );
    const here = synced.termAt(matchIndex);
    const there = this.#leaders.inOffice(term)?.written.termAt(matchIndex);
    mustHold(
      here === undefined || there === undefined || here === there,
      "an agreed entry is the leader's",
      () => `${id} agrees to ${matchIndex}: of term ${here} here, of term ${there} at the leader`,
    );
  }
}
