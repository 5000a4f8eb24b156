/**
 * Changes of the Raft core that nobody notices because there is nothing to notice: what differs is speed, a word for
 * people, or nothing at all. By file, the line as it stands, and the change.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { MutantOf } from "./preload.ts";

interface Explanation {
  readonly file: string;
  /** The line, without its indentation. */
  readonly line: string;
  /** What the change takes the place of; without it any change of the line is meant. */
  readonly before?: string;
  readonly why: string;
}

const EXPLAINED: readonly Explanation[] = [];

const ROOT = resolve(import.meta.dir, "../..");

export function explanationOf({ file, line, before }: MutantOf): string | undefined {
  const text = readFileSync(join(ROOT, file), "utf8").split("\n")[line - 1]!.trim();
  return EXPLAINED.find(
    (each) =>
      each.file === file &&
      each.line === text &&
      (each.before === undefined || each.before === before),
  )?.why;
}
