/**
 * A disk of a few megabytes for a local process, without being root: a file system in memory in a namespace
 * of its own, which a process that sleeps holds for as long as it lives, so that what runs on it may end and
 * be started again. From outside it is reached through that process.
 */
import { rmSync, statfsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** A monitor with less room than 64 MiB takes no writes as a leader; the rest is for what it writes. */
export const DISK_MEGABYTES = 128;

const FILLER = "filler";
const BLOCK = new Uint8Array(65_536);

export interface SmallDisk {
  readonly holder: Bun.Subprocess;
  readonly directory: string;
}

/** Why no file system can be mounted here, as where the root is another by chroot; undefined where one can. */
export function whyNoMounts(): string | undefined {
  const missing = ["unshare", "nsenter"].find((program) => Bun.which(program) === null);
  if (missing !== undefined) return `${missing} is not installed`;
  const probe = Bun.spawnSync(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/tmp"]);
  return probe.exitCode === 0 ? undefined : `no mounts: ${probe.stderr.toString().trim()}`;
}

/** Mounts it at a directory that exists. Throws where no file system can be mounted. */
export async function mountSmallDisk(directory: string): Promise<SmallDisk> {
  const options = `size=${DISK_MEGABYTES}m,mode=0700`;
  const script = 'mount -t tmpfs -o "$1" none "$0" && echo mounted && exec sleep infinity';
  const holder = Bun.spawn(["unshare", "-rm", "sh", "-c", script, directory, options], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const { value } = await holder.stdout.getReader().read();
  if (value === undefined) {
    const problems = await new Response(holder.stderr).text();
    throw new Error(`no file system can be mounted here: ${problems.trim()}`);
  }
  return { holder, directory };
}

/** What starts a command where the disk is. */
export function onSmallDisk({ holder }: SmallDisk): string[] {
  return ["nsenter", "--target", String(holder.pid), "--user", "--mount", "--preserve-credentials"];
}

/** The disk's directory as this process reaches it, through any process that has it mounted there. */
export function pathThrough(pid: number, directory: string): string {
  return join(`/proc/${pid}/root`, directory);
}

/** Takes all the room that there is, to the last block. */
export async function fill(directory: string): Promise<void> {
  const file = await open(join(directory, FILLER), "a");
  try {
    while (statfsSync(directory).bavail > 0) await file.write(BLOCK);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    await file.close();
  }
}

/** Gives the room back. */
export function free(directory: string): void {
  rmSync(join(directory, FILLER), { force: true });
}
