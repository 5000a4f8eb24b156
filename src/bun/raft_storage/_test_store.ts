/** Stores in directories of their own, for the tests of this folder. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstSnapshot, membershipOf, type StoredState } from "../../raft/mod.ts";
import {
  openRaftStorage,
  type RaftStorage,
  type RaftStorageOptions,
  type RaftStorageResult,
} from "./open.ts";

export const FIRST = firstSnapshot(
  membershipOf([{ id: "a", address: "127.0.0.1:7000" }]),
  new Uint8Array(5_000).fill(7),
);

/** A directory that is gone once it is disposed of. */
export function temporaryDirectory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "phi-raft-storage-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Opens a founding member's store, on the thread of the test; throws if it is refused. */
export async function openTestStore(
  directory: string,
  options: Partial<RaftStorageOptions> = {},
): Promise<{ readonly storage: RaftStorage; readonly stored: StoredState }> {
  const result = await openRaftStorage({
    directory,
    id: "a",
    clusterId: "c",
    firstSnapshot: FIRST,
    inThread: true,
    ...options,
  });
  if (!result.ok) throw new Error(`${result.error.kind}: ${result.error.detail}`);
  return result;
}

/** The files of a store that mean something, as bytes by name. */
export type StoreImage = ReadonlyMap<string, Uint8Array>;

/** What a process that is killed now would leave behind: the system keeps what was written. */
export function imageOf(directory: string): StoreImage {
  const files = ["raft.sqlite", "raft.sqlite-wal", "raft.highwater"]
    .map((name) => [name, join(directory, name)] as const)
    .filter(([, path]) => existsSync(path));
  return new Map(files.map(([name, path]) => [name, readFileSync(path)]));
}

/** Puts an image into an empty directory. */
export function layOut(image: StoreImage, directory: string): void {
  for (const [name, bytes] of image) writeFileSync(join(directory, name), bytes);
}

/** What a store made of `image` opens as; it is closed again. */
export async function openImage(image: StoreImage): Promise<RaftStorageResult> {
  using directory = temporaryDirectory();
  layOut(image, directory.path);
  const result = await openRaftStorage({ directory: directory.path, inThread: true });
  if (result.ok) await result.storage.close();
  return result;
}
