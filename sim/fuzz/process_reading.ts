/** What a process takes of this machine, from /proc: memory, and descriptors of sockets. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const PAGE_BYTES = 4_096;
const POLL_MS = 20;
const SETTLE_MS = 15_000;

export function residentBytesOf(pid: number): number {
  const pages = readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1];
  return Number(pages) * PAGE_BYTES;
}

/** Of sockets only: the runtime opens others when it pleases. */
export function openDescriptorsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => isSocket(`${folder}/${name}`)).length;
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith("socket:");
  } catch {
    // Closed since the folder was read.
    return false;
  }
}

/** Waits until it holds, or for as long as anything on its way out may take. */
export async function settled(holds: () => boolean): Promise<boolean> {
  const endMs = performance.now() + SETTLE_MS;
  while (!holds()) {
    if (performance.now() > endMs) return false;
    await Bun.sleep(POLL_MS);
  }
  return true;
}
