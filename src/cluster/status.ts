/**
 * What a member of the cluster says of it, and the two changes that somebody may ask of one, as plain data.
 */

export type ClusterRole = "leader" | "follower" | "candidate" | "learner";

export interface ClusterMember {
  readonly id: string;
  /** `HOST:PORT` of its peer port. */
  readonly address: string;
  readonly role: "voter" | "learner";
  readonly isLeader: boolean;
  /** Whether the monitor that answers has a connection to it now; true for itself. */
  readonly isConnected: boolean;
  /** The last entry that the leader knows it to have. As the leader sees it; absent on others. */
  readonly matchIndex?: number;
  /** Entries that it has not confirmed. As the leader sees it; absent on others. */
  readonly lagEntries?: number;
  /** Whether it was heard within an election timeout. As the leader sees it; absent on others. */
  readonly isActive?: boolean;
}

/**
 * `joining`: it has yet to be let in. `removed`: it was a member, and never will be again under its id; its
 * log says so, or a member that has proved to be one.
 */
export type ClusterStanding = "member" | "joining" | "removed";

/** Why a monitor that was removed decides nothing, and what to do. The end of a sentence. */
export const REMOVED_DETAIL =
  "this monitor was removed from its cluster. Ask one of the members; stop this one, or start it with an " +
  "empty data directory, a new id and --join";

export interface ClusterStatus {
  readonly clusterId: string;
  /** Of the monitor that answers. */
  readonly id: string;
  readonly standing: ClusterStanding;
  /** One that is halted leads nobody: it is a follower, or a learner. */
  readonly role: ClusterRole;
  /** Its id; null while none is known, and to one that is halted none is. */
  readonly leader: string | null;
  readonly term: number;
  /**
   * True if a leader is known and was heard within an election timeout (or this monitor leads and hears a
   * quorum), and this monitor is neither halted nor removed.
   */
  readonly quorum: boolean;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly lastIndex: number;
  /** 0 for none. */
  readonly snapshotIndex: number;
  /** Why this monitor takes no further part; null while it does. */
  readonly halted: string | null;
  /** Entries of a later version of phi that were passed over. */
  readonly unreadableEntries: number;
  /** In force, committed or not. */
  readonly members: readonly ClusterMember[];
  /** False while the last change of `members` may still be undone. */
  readonly membersCommitted: boolean;
}

export interface JoinRequest {
  readonly id: string;
  /** `HOST:PORT` of the joiner's peer port, where the members reach it. */
  readonly address: string;
}

/** `detail` is the end of a sentence: no capital, no full stop. */
export type JoinResult =
  /** It is a member: as a learner from now on, or as what it was already. */
  | {
      readonly ok: true;
      readonly clusterId: string;
      readonly members: readonly ClusterMember[];
    }
  | {
      readonly ok: false;
      /**
       * `not_verified`: the peer port at `address` did not prove the cluster's credentials. `conflict`: the
       * id is taken by another address. `refused`: who was asked can let nobody in any more.
       */
      readonly reason: "not_verified" | "conflict" | "refused" | "unavailable";
      readonly detail: string;
    };

/** `detail` is the end of a sentence: no capital, no full stop. */
export type RemoveResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: "unknown_member" | "refused" | "unavailable";
      readonly detail: string;
    };

export interface ClusterView {
  /** Of now, as far as this monitor knows. */
  status(): ClusterStatus;
  /** Only asks: the peer port at the address has to prove itself before the id is added. */
  join(request: JoinRequest): Promise<JoinResult>;
  remove(id: string): Promise<RemoveResult>;
}
