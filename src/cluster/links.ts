/** What a member needs of the connections to its peers; `peer/` has them. */
import type { NodeId, Transport } from "../raft/mod.ts";

export type Verified = { readonly ok: true } | { readonly ok: false; readonly detail: string };

export interface Links extends Transport {
  /**
   * Who the others are and where, as of a log index, and the index of the latest membership that is committed.
   * Replaces what was said before.
   */
  setPeers(
    peers: ReadonlyMap<NodeId, string>,
    membershipIndex: number,
    committedIndex: number,
  ): void;
  /** Who was removed for good: they are told so when they knock. Replaces what was said before. */
  setRemoved(removed: readonly NodeId[]): void;
  /** Whether there is a connection to it on which messages can be sent now. */
  isConnected(peer: NodeId): boolean;
  /** Where a peer is that was not found where it should be: it says so, and there is a connection to it there. */
  movedTo(peer: NodeId): string | undefined;
  /** Whether `id` listens at `address` and proves that it belongs to this cluster. Never rejects. */
  verify(id: NodeId, address: string): Promise<Verified>;
}
