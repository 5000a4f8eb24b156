/**
 * What became of each change, kept in `.run/mutants.jsonl` as it comes: a line for each verdict, of which the last
 * one on a change counts. A change is known by its line's text rather than by its number, so that it is the same one after
 * an edit elsewhere in the file. Each verdict says at which commit it was given.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Outcome, ROOT } from "./judge.ts";
import type { MutantOf } from "./preload.ts";

export interface Judged {
  readonly change: string;
  readonly commit: string;
  /** `untold`: the tests did not notice it, and the simulator has not been asked. `unknown`: nothing can be said. */
  readonly fate: "tests" | "simulator" | "survived" | "untold" | "unknown";
  /** How it was noticed, if it was. */
  readonly by: Outcome;
}

const PATH = join(ROOT, ".run/mutants.jsonl");

/** The last verdict on each change, by the change; none if there is no journal. */
export function readJournal(): Map<string, Judged> {
  const lines = existsSync(PATH) ? readFileSync(PATH, "utf8").trimEnd().split("\n") : [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const all = lines.map((line) => JSON.parse(line) as Judged);
  return new Map(all.map((judged) => [judged.change, judged]));
}

export function note(judged: Judged): void {
  mkdirSync(dirname(PATH), { recursive: true });
  appendFileSync(PATH, `${JSON.stringify(judged)}\n`);
}

/** The latest commit that changed the core, its tests or the simulator, and whether there are edits beside. */
export function commitNow(): string {
  const what = ["--", "src/raft", "sim/world"];
  const isEdited = git("status", "--porcelain", ...what) !== "";
  return `${git("log", "-1", "--format=%h", ...what)}${isEdited ? " with edits" : ""}`;
}

function git(...args: string[]): string {
  return Bun.spawnSync(["git", ...args], { cwd: ROOT })
    .stdout.toString()
    .trim();
}

/** Names the same change for as long as its line says the same and stands in the same order among its like. */
export function nameOf({ file, line, place, before, after }: MutantOf, source: string): string {
  const lines = source.split("\n");
  const text = lines[line - 1]!;
  const alike = lines.slice(0, line - 1).filter((each) => each === text).length;
  const start = source.lastIndexOf("\n", place - 1) + 1;
  return JSON.stringify([file, text.trim(), alike, place - start, before, after]);
}
