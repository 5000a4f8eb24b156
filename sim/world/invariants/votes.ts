/**
 * What elections are made of: a vote, and a pre-vote, goes only to a candidate whose log is at least as
 * up to date (Raft §5.4.1); a member runs for a term only after a majority would vote for it there, or
 * when the leader asked it to; and only then it says that the leader asked.
 */
import type { Effect, MemberStatus, Message } from "../../../src/raft/mod.ts";
import { majority, type Subject } from "./subject.ts";
import { mustHold } from "./violation.ts";

export class Votes {
  /** By `CANDIDATE in TERM`: who would vote for it. */
  readonly #preVotes = new Map<string, Set<string>>();
  /** `MEMBER after TERM` for each that the leader of that term asked to take over. */
  readonly #successors = new Set<string>();
  /** The question that is being answered. */
  #question: Message | undefined;

  /** Around the delivery of a message that is no stray. */
  onReceive(subject: Subject, message: Message, receive: () => void): void {
    if (message.kind !== "voteRequest" && message.kind !== "preVoteRequest") return receive();
    const before = subject.status();
    this.#question = message;
    receive();
    this.#question = undefined;
    const after = subject.status();
    if (before === undefined || after === undefined) return;
    if (message.kind === "voteRequest" && gaveVote(before, after, message)) {
      checkUpToDate(subject, message);
    }
  }

  onSend(subject: Subject, message: Message): void {
    const { kind, term, from, to } = message;
    if (kind === "timeoutNow") this.#successors.add(`${to} after ${term}`);
    if (kind === "preVoteResponse" && message.isGranted) this.#granted(subject, message);
    if (kind === "voteRequest" && message.isTransfer) {
      mustHold(
        this.#successors.has(`${from} after ${term - 1}`),
        "only the leader's successor says that it was asked",
        () => `${from} asks for votes in term ${term} as if the leader had asked it`,
      );
    }
  }

  onRole(subject: Subject, { role, term }: Effect & { kind: "role" }): void {
    const { id } = subject;
    if (role !== "candidate" || this.#successors.has(`${id} after ${term - 1}`)) return;
    const willing = this.#preVotes.get(`${id} in ${term}`);
    const { voters } = subject.written.membership().membership;
    const counted = voters.filter((voter) => voter.id === id || willing?.has(voter.id));
    mustHold(
      counted.length >= majority(voters.length),
      "a candidate was found electable",
      () => `${id} runs for term ${term}; of ${voters.length} voters ${counted.length} would vote`,
    );
  }

  #granted(subject: Subject, { to, term }: Message): void {
    const key = `${to} in ${term}`;
    const known = this.#preVotes.get(key);
    if (known === undefined) this.#preVotes.set(key, new Set([subject.id]));
    else known.add(subject.id);
    if (this.#question?.from === to) checkUpToDate(subject, this.#question);
  }
}

function gaveVote(before: MemberStatus, after: MemberStatus, { from, term }: Message): boolean {
  const isGiven = after.vote === from && after.term === term;
  return isGiven && (before.term !== term || before.vote !== from);
}

function checkUpToDate({ id, written }: Subject, question: Message): void {
  if (question.kind !== "voteRequest" && question.kind !== "preVoteRequest") return;
  const { from, lastLogIndex, lastLogTerm } = question;
  const { lastIndex, lastTerm } = written;
  const isUpToDate =
    lastLogTerm > lastTerm || (lastLogTerm === lastTerm && lastLogIndex >= lastIndex);
  mustHold(
    isUpToDate,
    "votes go to logs that are up to date",
    () =>
      `${id}, whose log ends at ${lastIndex} of term ${lastTerm}, would have ${from}, whose log ` +
      `ends at ${lastLogIndex} of term ${lastLogTerm}`,
  );
}
