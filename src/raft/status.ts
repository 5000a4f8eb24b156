/** What a member is, as plain data: for metrics, for people, and for checking it from outside. */
import type { LogPosition, NodeId } from "./entry.ts";
import type { Membership } from "./membership.ts";
import type { ProgressState } from "./progress.ts";
import type { RaftState } from "./state.ts";
import type { Role } from "./step.ts";

export interface PeerStatus {
  readonly id: NodeId;
  readonly state: ProgressState;
  readonly matchIndex: number;
  readonly nextIndex: number;
  /** Append messages under way to it. */
  readonly inflightBatches: number;
  /** Whether it was heard within the last election timeout. */
  readonly isActive: boolean;
}

export interface RaftStatus {
  readonly id: NodeId;
  readonly role: Role;
  readonly term: number;
  readonly vote: NodeId | undefined;
  readonly leader: NodeId | undefined;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  /** What stands before the log's first entry. */
  readonly compacted: LogPosition;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** Durable here up to this entry. */
  readonly stableIndex: number;
  /** The latest snapshot that is durable here; 0 for none. */
  readonly snapshotIndex: number;
  /** In force, committed or not. */
  readonly membership: Membership;
  /** The entry or snapshot that says so. */
  readonly membershipIndex: number;
  /** The latest that cannot be cut off again: the one in force, or the one before it. */
  readonly committedMembership: Membership;
  readonly committedMembershipIndex: number;
  readonly logBytes: number;
  readonly uncommittedBytes: number;
  /** Reads that wait at this member, its own and, if it leads, others'. */
  readonly pendingReads: number;
  /** The others, as a leader sees them; empty for the rest. */
  readonly peers: readonly PeerStatus[];
}

/** As much of a status as may be asked for at every write: what is soon told. */
export type BriefStatus = Pick<
  RaftStatus,
  "id" | "term" | "leader" | "commitIndex" | "membership" | "membershipIndex"
>;

export function briefStatusOf({ id, term, leader, log }: RaftState): BriefStatus {
  const { commitIndex, membership, membershipIndex } = log;
  return { id, term, leader, commitIndex, membership, membershipIndex };
}

export function statusOf(state: RaftState): RaftStatus {
  const { log, leadership } = state;
  const taken = [...(leadership?.reads ?? []), ...(leadership?.earlyReads ?? [])];
  const otherReads = taken.filter(({ from }) => from !== state.id).length;
  return {
    ...briefStatusOf(state),
    role: state.role,
    vote: state.vote,
    committedMembership: log.membershipAt(log.commitIndex),
    committedMembershipIndex: log.membershipIndexAt(log.commitIndex),
    appliedIndex: log.appliedIndex,
    compacted: log.compacted,
    lastIndex: log.lastIndex,
    lastTerm: log.lastTerm,
    stableIndex: log.stableIndex,
    snapshotIndex: log.snapshotIndex,
    logBytes: log.bytes,
    uncommittedBytes: log.uncommittedBytes,
    pendingReads: state.ownReads.length + otherReads,
    peers: peersOf(state),
  };
}

function peersOf({ leadership, nowTick, options }: RaftState): readonly PeerStatus[] {
  if (leadership === undefined) return [];
  return [...leadership.peers].map(([id, peer]) => ({
    id,
    state: peer.state,
    matchIndex: peer.matchIndex,
    nextIndex: peer.nextIndex,
    inflightBatches: peer.inflightBatches,
    isActive: nowTick - peer.lastHeardTick <= options.electionTicks,
  }));
}
