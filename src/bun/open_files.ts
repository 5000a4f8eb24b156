/** How many files and sockets this process may have open at once; Infinity where it cannot be told. */
import { readFileSync } from "node:fs";

export function openFilesLimit(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    const found = /^Max open files\s+(\d+)/mu.exec(limits)?.[1];
    return found === undefined ? Number.POSITIVE_INFINITY : Number(found);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
