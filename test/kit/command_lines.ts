/** The processes of this machine by what they were started with: by their number, the command and its arguments. */
import { readdirSync, readFileSync } from "node:fs";

/** Of those that end while this looks some may be missing. */
export function commandLines(): ReadonlyMap<number, string> {
  const lines = new Map<number, string>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/u.test(name))) {
    try {
      const text = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      lines.set(Number(pid), text.replaceAll("\0", " ").trim());
    } catch {
      // It has ended since it was listed.
    }
  }
  return lines;
}
