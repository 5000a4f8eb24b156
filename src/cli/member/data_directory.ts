/**
 * A data directory decides: with data, the monitor goes on as the member it was; without, the flags say
 * whether it founds a cluster or joins one. What it finds is opened here.
 */
import type { RaftStorage, RaftStorageOptions, RaftStorageResult } from "../../bun/mod.ts";
import type { Random } from "../../port.ts";
import { firstSnapshot, membershipOf, type NodeId, type StoredState } from "../../raft/mod.ts";

export type OpenStorage = (options: RaftStorageOptions) => Promise<RaftStorageResult>;

export interface OpenedStorage {
  readonly storage: RaftStorage;
  readonly stored: StoredState;
  readonly id: NodeId;
  readonly clusterId: string;
}

export type OpenedResult =
  | ({ readonly ok: true } & OpenedStorage)
  /** There is no data. */
  | { readonly ok: false; readonly isMissing: true }
  | { readonly ok: false; readonly isMissing: false; readonly detail: string };

/** What is there already. */
export async function openExisting(
  open: OpenStorage,
  options: Pick<RaftStorageOptions, "directory" | "id" | "onCommit">,
): Promise<OpenedResult> {
  const result = await open(options);
  if (result.ok) return result;
  const { kind, detail, remedy } = result.error;
  if (kind === "missing") return { ok: false, isMissing: true };
  return { ok: false, isMissing: false, detail: `${detail}. ${remedy}` };
}

/** A new cluster of one, whose state machine begins with `state`. */
export function founding(id: NodeId, address: string, state: Uint8Array) {
  return firstSnapshot(membershipOf([{ id, address }]), state);
}

/** A name that nobody else has: 128 random bits. */
export function randomName(prefix: string, random: Random): string {
  const digits = Array.from({ length: 8 }, () =>
    Math.floor(random() * 65_536)
      .toString(16)
      .padStart(4, "0"),
  );
  return prefix + digits.join("");
}
