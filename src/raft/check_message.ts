/**
 * Whether a message could have come from a correct member. Peers are trusted to run this program, not
 * to be free of defects, so nothing they send may reach an assertion unchecked: each number is a
 * place in a log or a term, entries follow on each other, ids are their sender's. What depends on the
 * receiver's own log is checked by the core when it knows the term.
 */
import { type Entry, isNodeId, type NodeId, type RequestId } from "./entry.ts";
import { MAX_MEMBERS, MAX_REMOVED, type Membership, membersOf } from "./membership.ts";
import { type Message, RAFT_FORMAT_VERSION } from "./message.ts";
import { isSnapshotIntact, type Snapshot } from "./snapshot.ts";

/** The highest term, index or count that a message may name: what is added to it stays exact. */
const MAX_NUMBER = 2 ** 48;

/** What is wrong with a message for the member `self` of `clusterId`; undefined if nothing is. */
export function faultOf(message: Message, clusterId: string, self: NodeId): string | undefined {
  if (message.version !== RAFT_FORMAT_VERSION) {
    return `its format is version ${message.version}, and this member reads ${RAFT_FORMAT_VERSION}`;
  }
  if (message.clusterId !== clusterId) return `it is of another cluster, ${message.clusterId}`;
  if (message.to !== self) return `it is for ${message.to}`;
  if (message.from === self) return "it claims to come from this member";
  if (!isNodeId(message.from)) return "its sender's id is not one";
  if (!isPositive(message.term)) return "its term is out of range";
  return faultOfBody(message);
}

function faultOfBody(message: Message): string | undefined {
  switch (message.kind) {
    case "preVoteRequest":
    case "voteRequest": {
      const { lastLogIndex, lastLogTerm, term } = message;
      const isInRange = isCount(lastLogIndex) && isCount(lastLogTerm) && lastLogTerm <= term;
      return isInRange ? undefined : "its log's end is out of range";
    }
    case "appendRequest":
      return faultOfAppend(message);
    case "appendResponse":
      return faultOfResult(message.result);
    case "heartbeatRequest":
      return isCount(message.round) && isCount(message.leaderCommit)
        ? undefined
        : "its numbers are out of range";
    case "heartbeatResponse":
      return isCount(message.round) ? undefined : "its round is out of range";
    case "installSnapshot":
      return faultOfSnapshot(message.snapshot, message.term);
    case "proposeRequest":
      return faultOfRequest(message.proposal.id, message.from);
    case "readIndexRequest":
      return faultOfRequest(message.id, message.from);
    case "proposeResponse":
      return faultOfRequest(message.id, message.to);
    case "readIndexResponse": {
      const isInRange = message.index === undefined || isCount(message.index);
      return isInRange ? faultOfRequest(message.id, message.to) : "its index is out of range";
    }
    case "preVoteResponse":
    case "voteResponse":
    case "timeoutNow":
      return undefined;
  }
}

function faultOfAppend(message: Message & { kind: "appendRequest" }): string | undefined {
  const { prevLogIndex, prevLogTerm, entries, leaderCommit, term } = message;
  if (!isCount(prevLogIndex) || !isCount(prevLogTerm) || !isCount(leaderCommit)) {
    return "its numbers are out of range";
  }
  let before: { index: number; term: number } = { index: prevLogIndex, term: prevLogTerm };
  for (const entry of entries) {
    const fault = faultOfEntry(entry, before, term);
    if (fault !== undefined) return fault;
    before = entry;
  }
  return undefined;
}

function faultOfEntry(
  { index, term, body }: Entry,
  before: { index: number; term: number },
  messageTerm: number,
): string | undefined {
  if (index !== before.index + 1) return `its entry ${index} does not follow on ${before.index}`;
  if (!isPositive(term) || term < before.term || term > messageTerm) {
    return `the term of its entry ${index} is out of range`;
  }
  return body.kind === "membership" ? faultOfMembership(body.membership) : undefined;
}

function faultOfResult(
  result: (Message & { kind: "appendResponse" })["result"],
): string | undefined {
  const numbers = result.ok
    ? [result.matchIndex]
    : [result.rejectedIndex, result.hintIndex, result.hintTerm];
  if (!numbers.every(isCount)) return "its numbers are out of range";
  if (!result.ok && result.hintIndex > result.rejectedIndex) return "its hint is not before it";
  return undefined;
}

function faultOfSnapshot(snapshot: Snapshot, term: number): string | undefined {
  if (!isPositive(snapshot.index) || !isPositive(snapshot.term) || snapshot.term > term) {
    return "its snapshot's place is out of range";
  }
  if (!isSnapshotIntact(snapshot)) return "its snapshot does not match its checksum";
  return faultOfMembership(snapshot.membership);
}

function faultOfMembership(membership: Membership): string | undefined {
  const ids = membersOf(membership).map(({ id }) => id);
  if (membership.voters.length === 0) return "its membership has no voter";
  if (ids.length > MAX_MEMBERS) return `its membership has more than ${MAX_MEMBERS} members`;
  if (new Set(ids).size !== ids.length) return "its membership names a member twice";
  const { removed = [] } = membership;
  if (removed.length > MAX_REMOVED) return `it remembers more than ${MAX_REMOVED} removed members`;
  if (removed.some((id) => ids.includes(id))) return "its membership has a member that was removed";
  return [...ids, ...removed].every(isNodeId)
    ? undefined
    : "its membership has an id that is not one";
}

function faultOfRequest(
  { node, incarnation, sequence }: RequestId,
  by: NodeId,
): string | undefined {
  if (node !== by) return "its request is somebody else's";
  return isPositive(incarnation) && isPositive(sequence)
    ? undefined
    : "its request's number is out of range";
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= MAX_NUMBER;
}

function isPositive(value: number): boolean {
  return isCount(value) && value >= 1;
}
