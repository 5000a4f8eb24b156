/**
 * Membership changes one at a time: a leader proposes one only when the change before it and an entry
 * of its own term are committed, and it adds or removes one voter (thesis §4.1, and the correction of
 * 2015). So no log ever holds two that are not committed.
 */
import { type Entry, type LogWrite, membersOf, type Membership } from "../../../src/raft/mod.ts";
import type { CommittedLog } from "./committed_log.ts";
import type { Leaders } from "./leaders.ts";
import type { Subject } from "./subject.ts";
import { mustHold } from "./violation.ts";

export class MembershipChanges {
  readonly #committed: CommittedLog;
  readonly #leaders: Leaders;

  constructor(committed: CommittedLog, leaders: Leaders) {
    this.#committed = committed;
    this.#leaders = leaders;
  }

  /** Before `write` changes what the member has written. */
  beforeWrite(subject: Subject, write: LogWrite): void {
    const change = write.entries.find(({ body }) => body.kind === "membership");
    if (change === undefined) return;
    const term = this.#leaders.termLedBy(subject);
    if (term !== undefined) this.#checkProposed(subject, term, change);
  }

  /** After a write. */
  afterWrite({ id, written }: Subject, write: LogWrite): void {
    if (!write.entries.some(({ body }) => body.kind === "membership")) return;
    const uncommitted = written.changesAfter(this.#committed.lastIndex);
    mustHold(
      uncommitted.length <= 1,
      "at most one uncommitted membership change",
      () => `${id} holds those at ${uncommitted.map(({ index }) => index).join(", ")}`,
    );
  }

  #checkProposed({ id, written }: Subject, term: number, { index, body }: Entry): void {
    const before = written.membership();
    mustHold(
      before.index <= this.#committed.lastIndex,
      "at most one uncommitted membership change",
      () => `${id} proposes one at ${index} while that at ${before.index} is not committed`,
    );
    mustHold(
      this.#committed.lastTerm >= term,
      "a membership change waits for the term's first commit",
      () =>
        `${id} proposes one at ${index} in term ${term}; committed is ${this.#committed.lastTerm}`,
    );
    if (body.kind !== "membership") return;
    mustHold(
      differences(before.membership, body.membership) === 1,
      "a membership change changes one server",
      () =>
        `${id} makes ${JSON.stringify(body.membership)} of ${JSON.stringify(before.membership)}`,
    );
  }
}

/** In how many members two memberships differ: in whether they belong, whether they vote, and where they are. */
function differences(left: Membership, right: Membership): number {
  const ids = new Set([...membersOf(left), ...membersOf(right)].map(({ id }) => id));
  return [...ids].filter((id) => standing(left, id) !== standing(right, id)).length;
}

function standing({ voters, learners }: Membership, id: string): string {
  const [voter, learner] = [voters, learners].map((members) =>
    members.find((one) => one.id === id),
  );
  if (voter !== undefined) return `voter at ${voter.address}`;
  return learner === undefined ? "none" : `learner at ${learner.address}`;
}
