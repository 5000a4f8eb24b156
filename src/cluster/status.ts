/** What a member of the cluster shows of itself and takes from outside, as plain data. */
import type { NodeId } from "../raft/mod.ts";

export interface ClusterMember {
  readonly id: NodeId;
  /** Where its peers reach it, `HOST:PORT`. */
  readonly address: string;
  readonly role: "voter" | "learner";
  readonly isLeader: boolean;
  /** Its log is the leader's up to here. Like the next two, the leader's knowledge: absent on others. */
  readonly matchIndex?: number;
  /** How many entries it lacks. */
  readonly lagEntries?: number;
  /** Whether the leader heard of it within the last election timeout. */
  readonly isActive?: boolean;
}

export interface ClusterStatus {
  readonly clusterId: string;
  readonly id: NodeId;
  /** `learner` also as long as it has not been told of a membership. */
  readonly role: "leader" | "follower" | "candidate" | "learner";
  readonly leader: NodeId | null;
  readonly term: number;
  /** Whether a leader is known that was heard of lately, and this member takes part. */
  readonly quorum: boolean;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly lastIndex: number;
  /** The latest snapshot that is durable here; 0 for none. */
  readonly snapshotIndex: number;
  /** Why this member takes no further part; null while it does. */
  readonly halted: string | null;
  /** Entries that a later version wrote and this one cannot read. */
  readonly unreadableEntries: number;
  readonly members: readonly ClusterMember[];
}

export interface JoinRequest {
  readonly id: NodeId;
  /** Where it listens for its peers, `HOST:PORT`. */
  readonly address: string;
}

export type JoinResult =
  | {
      readonly ok: true;
      readonly clusterId: string;
      readonly members: readonly ClusterMember[];
    }
  | {
      readonly ok: false;
      /**
       * `not_verified`: who listens at the address did not prove that it is that id and has the
       * cluster's credentials. `conflict`: the id belongs to another address.
       */
      readonly reason: "not_verified" | "conflict" | "unavailable";
      readonly detail: string;
    };

export type RemoveResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: "unknown_member" | "refused" | "unavailable";
      readonly detail: string;
    };

/** The cluster, seen from one of its members. */
export interface ClusterView {
  status(): ClusterStatus;
  /** Makes another monitor a learner, which is promoted by itself once it has caught up. Any member takes it. */
  join(request: JoinRequest): Promise<JoinResult>;
  /** Takes a member out for good. Any member takes it, also of itself. */
  remove(id: NodeId): Promise<RemoveResult>;
}
