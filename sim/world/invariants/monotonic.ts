/**
 * What may only rise, and what must agree. Within a run: term, commit and applied index. Across crashes:
 * the term on the disk, the vote within it, the commit index on it. And a member's word about its log is what its
 * disk was given.
 */
import type { HardState, MemberStatus, Membership } from "../../../src/raft/mod.ts";
import type { Subject } from "./subject.ts";
import { mustHold } from "./violation.ts";

interface LastSeen {
  readonly life: number;
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
}

export class Monotonic {
  /** By the member's number. */
  readonly #last: (LastSeen | undefined)[] = [];

  /** After each event that touched the member. */
  check(subject: Subject, status: MemberStatus): void {
    const { id, life, written, synced, number } = subject;
    const { term, commitIndex, appliedIndex, lastIndex, lastTerm, snapshotIndex } = status;
    const last = this.#last[number];
    if (last !== undefined && last.life === life) {
      mustHold(
        term >= last.term && commitIndex >= last.commitIndex && appliedIndex >= last.appliedIndex,
        "term, commit and applied never fall",
        () =>
          `${id}: ${last.term}/${last.commitIndex}/${last.appliedIndex} became ` +
          `${term}/${commitIndex}/${appliedIndex}`,
      );
    } else {
      const { hardState } = synced;
      mustHold(
        term >= hardState.term && commitIndex >= hardState.commit,
        "a restart forgets nothing",
        () => `${id} starts in ${term}/${commitIndex}; its disk says ${describe(hardState)}`,
      );
    }
    this.#last[number] = { life, term, commitIndex, appliedIndex };
    mustHold(
      appliedIndex <= commitIndex && commitIndex <= lastIndex,
      "applied <= committed <= log",
      () => `${id}: ${appliedIndex}, ${commitIndex}, ${lastIndex}`,
    );
    const isAsWritten =
      lastIndex === written.lastIndex &&
      lastTerm === written.lastTerm &&
      status.compacted.index === written.compacted.index &&
      isSame(status.membership, written.membership().membership) &&
      snapshotIndex <= written.snapshotIndex;
    mustHold(
      status.halted !== undefined || isAsWritten,
      "the log is what was written",
      () => `${id} says ${describeLog(status)}; written is ${describeImage(subject)}`,
    );
  }

  /** The hard state on a disk is replaced. */
  static checkReplaced(id: string, before: HardState, after: HardState): void {
    const keepsVote =
      after.term > before.term || before.vote === undefined || before.vote === after.vote;
    mustHold(
      after.term >= before.term && after.commit >= before.commit && keepsVote,
      "the hard state never goes back",
      () => `${id}: ${describe(before)} became ${describe(after)}`,
    );
  }
}

/** Mostly they are one object. */
function isSame(left: Membership, right: Membership): boolean {
  return left === right || idsOf(left) === idsOf(right);
}

function idsOf({ voters, learners }: Membership): string {
  return `${voters.map(({ id }) => id).join()} ${learners.map(({ id }) => id).join()}`;
}

function describe({ term, vote, commit }: HardState): string {
  return `term ${term}, vote ${vote ?? "none"}, commit ${commit}`;
}

function describeLog(status: MemberStatus): string {
  const { lastIndex, lastTerm, compacted, membershipIndex, snapshotIndex } = status;
  return `${compacted.index}..${lastIndex}/${lastTerm} m${membershipIndex} s${snapshotIndex}`;
}

function describeImage({ written }: Subject): string {
  const { lastIndex, lastTerm, compacted, snapshotIndex } = written;
  return `${compacted.index}..${lastIndex}/${lastTerm} m${written.membership().index} s${snapshotIndex}`;
}
