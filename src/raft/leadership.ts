/**
 * What a member has only while it leads one term: where each follower stands, which reads and which
 * transfer are under way. It is made when an election is won and thrown away whole when the leader
 * steps down, so that nothing of one term can leak into another.
 */
import { assert } from "./assert.ts";
import type { NodeId, RequestId } from "./entry.ts";
import { type Member, membersOf, type Membership } from "./membership.ts";
import { Progress } from "./progress.ts";

/** A read that waits for a quorum to confirm that this member still led when it was asked. */
export interface PendingRead {
  readonly id: RequestId;
  readonly from: NodeId;
  /** The commit index when it was asked. */
  readonly index: number;
  /** The first heartbeat round that began after it was asked. */
  readonly round: number;
}

export class Leadership {
  /** Every other member, and only those. Follows the membership in force. */
  readonly peers = new Map<NodeId, Progress>();
  /** The no-op that opened the term. Invariant: nothing before it commits by counting copies. */
  readonly noopIndex: number;
  /** The latest heartbeat round that was begun. */
  round = 0;
  /** Reads whose round is not confirmed. Invariant: rounds do not fall along it. */
  reads: PendingRead[] = [];
  /** Reads asked for before the no-op committed, when the commit index might lag (thesis §6.4). */
  earlyReads: { readonly id: RequestId; readonly from: NodeId }[] = [];
  transfer: { readonly to: NodeId; ticksLeft: number; isAsked: boolean } | undefined;
  /** Whom this leader last asked to lead because it has no room itself. */
  lastAskedToLead: NodeId | undefined;
  ticksSinceHeartbeat = 0;
  ticksSinceQuorumCheck = 0;
  /**
   * The commit index at the last quorum check: by the next one it has to be durable here. At first
   * 0: all that was in the log when the election was won is, since the vote was written after it.
   */
  commitIndexAtCheck = 0;
  /** The last request taken from each member, so that a doubled message is not a second proposal. */
  readonly lastForwarded = new Map<NodeId, RequestId>();

  constructor(noopIndex: number) {
    this.noopIndex = noopIndex;
  }

  peer(id: NodeId): Progress | undefined {
    return this.peers.get(id);
  }

  /** Takes up new members and lets go of removed ones. */
  follow(membership: Membership, self: NodeId, nextIndex: number, nowTick: number): void {
    const others = membersOf(membership).filter(({ id }) => id !== self);
    for (const { id } of others) {
      if (!this.peers.has(id)) this.peers.set(id, new Progress(nextIndex, nowTick));
    }
    for (const id of this.peers.keys()) if (!isAmong(others, id)) this.peers.delete(id);
    assert(this.peers.size === others.length, "every other member has a progress");
  }
}

function isAmong(members: readonly Member[], id: NodeId): boolean {
  return members.some((member) => member.id === id);
}
