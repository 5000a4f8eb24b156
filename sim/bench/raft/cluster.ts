/** Three members of a consensus system as processes of their own, whichever system it is. */
import { statfsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Cluster {
  /** Where the leader answers `POST /v3/kv/put`. Throws while there is none. */
  leaderPort(): Promise<number>;
  /** Ends the processes. What they stored stays. */
  stop(): Promise<void>;
}

export const MEMBERS = ["a", "b", "c"] as const;

const WAIT_MS = 20_000;
const POLL_MS = 50;

/** The port of the first of `ports` of which `leads` says so, asked again and again. */
export async function findLeader(
  ports: readonly number[],
  leads: (port: number) => Promise<boolean>,
): Promise<number> {
  for (const endMs = performance.now() + WAIT_MS; performance.now() < endMs;) {
    for (const port of ports) {
      try {
        if (await leads(port)) return port;
      } catch {
        // It does not listen yet.
      }
    }
    await Bun.sleep(POLL_MS);
  }
  throw new Error("no member leads");
}

/** A directory for the time of `use`. */
export async function withDirectory<Result>(
  use: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), "phi-bench-"));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What statfs(2) says of the usual ones; on some of them a sync is nothing. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: "ext4",
  0x58465342: "xfs",
  0x9123683e: "btrfs",
  0x01021994: "tmpfs",
  0x794c7630: "overlay",
  0x2fc12fc1: "zfs",
};

export function fileSystemOf(directory: string): string {
  const { type } = statfsSync(directory);
  return FILE_SYSTEMS[type] ?? `file system 0x${type.toString(16)}`;
}
