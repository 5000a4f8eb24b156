/**
 * The durable half of a Raft member: a `LogStorage` on SQLite, in one directory, for one member of one
 * cluster. What is in the directory decides: a store that is there is checked from end to end and
 * goes on as whose it is, or it is refused; only where there is none is one created.
 */
import {
  isNodeId,
  isSnapshotIntact,
  type LogStorage,
  type NodeId,
  type Snapshot,
  type StoredState,
} from "../../raft/mod.ts";
import { MIN_FREE_BYTES } from "../free_space.ts";
import { packSnapshot, unpackEntries, unpackSnapshot } from "./_packed.ts";
import type { CommitReport, PackedStore } from "./_protocol.ts";
import type { RaftStorageRefusal } from "./_refusal.ts";
import { StorageClient, type RaftStorageStats } from "./_client.ts";
import { startInThread, startWorker } from "./_threads.ts";

export interface RaftStorageOptions {
  /** Created if it is missing. Nothing else should be kept in it. */
  readonly directory: string;
  /** Whose store this is. Needed to create one; where there is one it must be this member's. */
  readonly id?: NodeId;
  /** As `id`. */
  readonly clusterId?: string;
  /** What a founding member starts from. Not looked at if there is a store already. */
  readonly firstSnapshot?: Snapshot;
  /**
   * With less free space than this `isLowOnSpace()` is true. Default 64 MiB. More refuses proposals
   * earlier; less risks a full disk, which halts the member.
   */
  readonly minFreeBytes?: number;
  /** Does it all on the caller's thread, which then waits for the disk. To measure the difference. */
  readonly inThread?: boolean;
  /** Called after each commit. */
  readonly onCommit?: (report: CommitReport) => void;
  /** Bounds the database file: for tests of a full disk. */
  readonly maxPages?: number;
}

export interface RaftStorage extends LogStorage {
  /**
   * Resolves once all that was asked for before is done and the directory is free for another; never
   * rejects. What is asked for later fails.
   */
  close(): Promise<void>;
  readonly stats: RaftStorageStats;
}

export type RaftStorageResult =
  | {
      readonly ok: true;
      readonly storage: RaftStorage;
      readonly stored: StoredState;
      readonly id: NodeId;
      readonly clusterId: string;
    }
  | { readonly ok: false; readonly error: RaftStorageRefusal };

/**
 * Opens the store in a directory, or creates it. Throws `RangeError` for what no store could be created
 * with; all else that can go wrong is in the result.
 */
export async function openRaftStorage(options: RaftStorageOptions): Promise<RaftStorageResult> {
  checkOptions(options);
  const { directory, id, clusterId, firstSnapshot, maxPages, inThread = false, onCommit } = options;
  const client = new StorageClient(inThread ? startInThread : startWorker, {
    minFreeBytes: options.minFreeBytes ?? MIN_FREE_BYTES,
    onCommit,
  });
  const opened = await client.open({
    directory,
    id,
    clusterId,
    firstSnapshot: firstSnapshot && packSnapshot(firstSnapshot),
    maxPages,
  });
  if (opened.kind === "refused") return { ok: false, error: opened.refusal };
  const { store } = opened;
  return {
    ok: true,
    storage: client,
    stored: unpackStore(store),
    id: store.id,
    clusterId: store.clusterId,
  };
}

function checkOptions({ id, clusterId, firstSnapshot }: RaftStorageOptions): void {
  if (id !== undefined && !isNodeId(id)) {
    throw new RangeError(`Cannot open Raft storage: "id" must be a node id, received "${id}"`);
  }
  if (clusterId === "") throw new RangeError('Cannot open Raft storage: "clusterId" is empty');
  if (firstSnapshot !== undefined && !isSnapshotIntact(firstSnapshot)) {
    throw new RangeError('Cannot open Raft storage: "firstSnapshot" does not match its checksum');
  }
}

function unpackStore(store: PackedStore): StoredState {
  const { incarnation, term, vote, commit, compacted, snapshot, entries } = store;
  return {
    hardState: { term, vote, commit },
    snapshot: snapshot && unpackSnapshot(snapshot),
    compacted,
    entries: unpackEntries(entries),
    incarnation,
  };
}
