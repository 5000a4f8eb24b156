/**
 * Committed means durable on a quorum. From the disks' side: what a quorum of the voters holds in the
 * term of its leader is committed, whether or not anybody knows. From the members' side: a leader may
 * say so only of an entry of its own term that a quorum's disks hold, and followers repeat. Nobody who
 * has come to the term in which it was committed, or a later one, ever loses it from its log.
 */
import type { LogWrite } from "../../../src/raft/mod.ts";
import type { CommittedLog } from "./committed_log.ts";
import type { Leaders } from "./leaders.ts";
import { majority, type Subject } from "./subject.ts";
import { mustHold } from "./violation.ts";

export class Commits {
  readonly #committed: CommittedLog;
  readonly #leaders: Leaders;
  readonly #subjectOf: (id: string) => Subject | undefined;

  constructor(
    committed: CommittedLog,
    leaders: Leaders,
    subjectOf: (id: string) => Subject | undefined,
  ) {
    this.#committed = committed;
    this.#leaders = leaders;
    this.#subjectOf = subjectOf;
  }

  /** A write of `subject` became durable: perhaps it was the one that made a quorum. */
  onSynced({ synced }: Subject): void {
    const term = synced.lastTerm;
    const leader = this.#leaders.inOffice(term);
    if (leader === undefined) return;
    const { voters } = leader.written.membership().membership;
    const durable = voters.map(({ id }) => {
      const image = this.#subjectOf(id)?.synced;
      return image?.lastTerm === term ? image.lastIndex : 0;
    });
    durable.sort((left, right) => right - left);
    const reached = durable[majority(voters.length) - 1] ?? 0;
    this.#recordThrough(leader, reached, term, "a quorum's disks");
  }

  /** A member holds that everything through `index` is committed, and led `termLed` if it led. */
  onClaim(subject: Subject, index: number, termLed: number | undefined): void {
    // A new member knows of nothing.
    if (index === 0) return;
    const { lastIndex } = this.#committed;
    if (index > lastIndex) this.#checkLeader(subject, index, termLed);
    const term = this.#committed.termAt(index);
    mustHold(
      term !== undefined && subject.written.holds(index, term),
      "state-machine safety",
      () =>
        `${subject.id} holds ${index} to be committed with term ` +
        `${subject.written.termAt(index)}, and it is of term ${term}`,
    );
  }

  /**
   * Before `write` changes what the member has written: what is committed may not go. One that is behind may
   * still follow a leader of a term before that, whose log was another; its copy was never counted.
   */
  beforeWrite({ id, written }: Subject, write: LogWrite): void {
    const snapshotIndex = Math.max(write.snapshot?.index ?? 0, written.snapshotIndex);
    const first = write.discardsLog ? snapshotIndex + 1 : write.entries[0]?.index;
    if (first === undefined) return;
    const memberTerm = (write.hardState ?? written.hardState).term;
    const last = Math.min(written.lastIndex, this.#committed.lastIndexBefore(memberTerm + 1));
    for (let index = Math.max(first, written.compacted.index + 1); index <= last; index++) {
      const term = this.#committed.termAt(index);
      if (written.termAt(index) !== term) return;
      const replacement = write.entries[index - (write.entries[0]?.index ?? 0)];
      mustHold(
        replacement?.term === term,
        "what is committed stays",
        () => `${id} cuts off entry ${index} of term ${term}, which is committed`,
      );
    }
  }

  #checkLeader(subject: Subject, index: number, termLed: number | undefined): void {
    const { id, written } = subject;
    mustHold(
      termLed !== undefined,
      "only a leader commits",
      () => `${id} holds ${index} to be committed; known is ${this.#committed.lastIndex}`,
    );
    mustHold(
      written.termAt(index) === termLed,
      "a leader commits entries of its own term",
      () => `${id} commits ${index} of term ${written.termAt(index)} in term ${termLed}`,
    );
    const { voters } = written.membership().membership;
    const holders = voters.filter((voter) =>
      this.#subjectOf(voter.id)?.synced.holds(index, termLed),
    );
    mustHold(
      holders.length >= majority(voters.length),
      "committed means durable on a quorum",
      () =>
        `${id} commits ${index} in term ${termLed}; of ${voters.map((one) => one.id).join(" ")} ` +
        `it is on the disks of ${holders.map((one) => one.id).join(" ") || "nobody"}`,
    );
    this.#recordThrough(subject, index, termLed, id);
  }

  #recordThrough({ written }: Subject, index: number, term: number, who: string): void {
    if (index <= this.#committed.lastIndex) return;
    for (let next = this.#committed.lastIndex + 1; next <= index; next++) {
      const entry = written.entryAt(next);
      mustHold(
        entry !== undefined,
        "state-machine safety",
        () => `${who} commits ${index}, but ${next} is not in the log`,
      );
      this.#committed.record(entry, term, who);
    }
    this.#leaders.onCommitted(term, index);
  }
}
