/** What is left of a disk, of which a member needs some for its votes: without any it is halted. */
import { statfsSync } from "node:fs";

/** With less than this a monitor records nothing new, and lets others lead. */
export const MIN_FREE_BYTES = 64 * 1024 * 1024;

/** What is left of the disk for this process; undefined if the system does not say. */
export function freeBytes(directory: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
