/** What the two threads say to each other. The order of the answers is that of the requests. */
import type { NodeId } from "../../raft/mod.ts";
import type { FlatWrite } from "./_flat_write.ts";
import type { StoreOptions } from "./_open_store.ts";
import type { PackedEntries, PackedSnapshot, PackedWrite } from "./_packed.ts";
import type { RaftStorageRefusal } from "./_refusal.ts";

export type StorageRequest =
  /** The first. */
  | { readonly kind: "open"; readonly options: StoreOptions }
  | { readonly kind: "store"; readonly write: PackedWrite }
  /** As "store". */
  | FlatWrite
  | { readonly kind: "readSnapshot" }
  /** The last. */
  | { readonly kind: "close" };

/** One transaction: what went into it, and how long it took to make durable. */
export interface CommitReport {
  /** How many `store` calls were gathered in it. */
  readonly writes: number;
  readonly entries: number;
  readonly durationMs: number;
}

/** A `StoredState`, and whose it is. */
export interface PackedStore {
  readonly id: NodeId;
  readonly clusterId: string;
  readonly incarnation: number;
  readonly term: number;
  readonly vote: NodeId | undefined;
  readonly commit: number;
  readonly compacted: { readonly index: number; readonly term: number };
  readonly snapshot: PackedSnapshot | undefined;
  readonly entries: PackedEntries;
}

export type StorageReply =
  | { readonly kind: "opened"; readonly store: PackedStore }
  | { readonly kind: "refused"; readonly refusal: RaftStorageRefusal }
  /** The next writes are durable, as many as it says. */
  | ({ readonly kind: "stored" } & CommitReport)
  | { readonly kind: "snapshot"; readonly snapshot: PackedSnapshot }
  | { readonly kind: "noSnapshot"; readonly detail: string }
  | { readonly kind: "checkpointed"; readonly durationMs: number }
  | { readonly kind: "space"; readonly freeBytes: number }
  /** All writes that have no answer yet have failed, and every later one fails. */
  | { readonly kind: "failed"; readonly detail: string }
  | { readonly kind: "closed" };
