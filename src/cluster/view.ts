/** A Raft member's status as the cluster's, for people and the API. */
import {
  type BriefStatus,
  isLearner,
  isMember,
  membersOf,
  type MemberStatus,
  type NodeId,
} from "../raft/mod.ts";
import type { ClusterMember, ClusterStanding, ClusterStatus } from "./status.ts";

/** What a monitor knows beside its log. */
export interface Beside {
  readonly clusterId: string;
  /** As `standingOf`, or more where more is known. */
  readonly standing: ClusterStanding;
  readonly isConnected: (peer: NodeId) => boolean;
}

export function clusterStatusOf(
  asSaid: MemberStatus,
  { clusterId, standing, isConnected }: Beside,
): ClusterStatus {
  const status = withoutPast(asSaid);
  const { id, leader, term, halted, commitIndex, appliedIndex, lastIndex, snapshotIndex } = status;
  const { unreadableEntries } = status;
  return {
    clusterId,
    id,
    standing,
    role: roleOf(status),
    leader: leader ?? null,
    term,
    quorum: leader !== undefined && standing !== "removed",
    commitIndex,
    appliedIndex,
    lastIndex,
    snapshotIndex,
    halted: halted ?? null,
    unreadableEntries,
    members: clusterMembers(status, isConnected),
    membersCommitted: isSettled(status),
  };
}

/** As far as the log here says. */
export function standingOf(status: BriefStatus): ClusterStanding {
  const { id, membership } = status;
  if (isMember(membership, id)) return "member";
  if (membership.removed?.includes(id) !== true) return "joining";
  return isSettled(status) ? "removed" : "member";
}

/** Whether the membership in force is committed. Until then it may be cut off again. */
function isSettled({ membershipIndex, commitIndex }: BriefStatus): boolean {
  return membershipIndex <= commitIndex;
}

/** Whether `id` is a member, or one whose removal may be cut off again. */
export function mayBeMember(status: BriefStatus, id: NodeId): boolean {
  const { membership } = status;
  if (isMember(membership, id)) return true;
  return !isSettled(status) && membership.removed?.includes(id) === true;
}

/** One that is halted says for good what it was when it halted: it leads nobody, and hears of no leader. */
function withoutPast(status: MemberStatus): MemberStatus {
  if (status.halted === undefined) return status;
  return { ...status, role: "follower", leader: undefined, peers: [] };
}

/** All members, by id in ascending order. */
function clusterMembers(
  status: MemberStatus,
  isConnected: Beside["isConnected"],
): readonly ClusterMember[] {
  const { id: self, leader, membership, peers, lastIndex, role } = status;
  return membersOf(membership)
    .map(({ id, address }): ClusterMember => {
      const peer = peers.find((each) => each.id === id);
      const matchIndex = id === self && role === "leader" ? lastIndex : peer?.matchIndex;
      return {
        id,
        address,
        role: isLearner(membership, id) ? "learner" : "voter",
        isLeader: id === leader,
        isConnected: id === self || isConnected(id),
        ...(matchIndex !== undefined && { matchIndex, lagEntries: lastIndex - matchIndex }),
        ...(matchIndex !== undefined && { isActive: peer?.isActive ?? true }),
      };
    })
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

function roleOf({ id, role, membership }: MemberStatus): ClusterStatus["role"] {
  if (role === "leader") return role;
  if (!isMember(membership, id) || isLearner(membership, id)) return "learner";
  return role === "follower" ? role : "candidate";
}
