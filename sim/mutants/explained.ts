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

const EXPLAINED: readonly Explanation[] = [
  {
    file: "src/raft/codec/byte_writer.ts",
    line: "for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) {",
    before: " > ",
    why: "2^31-1 is written the same by either way of dividing",
  },
  {
    file: "src/raft/codec/byte_writer.ts",
    line: "if (unit > 0x7f) {",
    before: " > ",
    why: "U+007F takes the longer way, and is written the same",
  },
  {
    file: "src/raft/codec/byte_writer.ts",
    line: "if (this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = new Uint8Array(INITIAL_BYTES);",
    why: "memory only: how large a buffer is kept for the next message",
  },
  {
    file: "src/raft/codec/byte_writer.ts",
    line: "if (neededBytes <= this.#bytes.length) return;",
    before: " <= ",
    why: "memory only: it grows when it is just full instead of with the next byte",
  },
  {
    file: "src/raft/codec/byte_writer.ts",
    line: "spare = writer;",
    why: "time only: each message takes a buffer of its own then",
  },
  {
    file: "src/raft/leadership.ts",
    line: "commitIndexAtCheck = 0;",
    why: "it is only ever compared: nothing is less than undefined, and no index is less than 0",
  },
  {
    file: "src/raft/log.ts",
    line: "this.#memberships.compact(index);",
    why: "memory only: no index before what was compacted is asked for, or cut off",
  },
  {
    file: "src/raft/log.ts",
    line: "if (end.index > this.#stableIndex && this.termAt(end.index) === end.term) {",
    before: " > ",
    why: "what is the stable index already becomes it once more",
  },
  {
    file: "src/raft/member.ts",
    line: 'if (commands.length > 0) this.#take({ kind: "forwarded", messages: commands });',
    before: " > ",
    why: "time only: an input without messages calls for nothing",
  },
  {
    file: "src/raft/member.ts",
    line: 'return this.#take({ kind: "snapshotResult", to, index: snapshot.index, ok: false });',
    before: "false",
    why:
      "the stream is of a term that is over, and as long as it is there no other begins; so no follower " +
      "waits for it in this term, and all that is taken from the result is that the stream has ended",
  },
  {
    file: "src/raft/member.ts",
    line: 'if (made === "none") return;',
    why: "what is taken then is a snapshot without an index, which the core ignores; the types forbid it",
  },
  {
    file: "src/raft/member.ts",
    line: "if (snapshotIndex === this.#compactedFor) return;",
    why: "it asks again for what it has asked for, which is ignored; what was held back for a follower's snapshot goes sooner",
  },
  {
    file: "src/raft/member.ts",
    line: "this.#compactedFor = snapshotIndex;",
    why: "it asks again for what it has asked for, which is ignored; what was held back for a follower's snapshot goes sooner",
  },
  {
    file: "src/raft/membership.ts",
    line: "return members.toSorted((left, right) => (left.id < right.id ? -1 : 1));",
    before: " < ",
    why: "no two members have the same id",
  },
  {
    file: "src/raft/membership_history.ts",
    line: "while (this.#dated.length > 1 && this.#dated[1]!.index <= index) this.#dated.shift();",
    before: " <= ",
    why: "memory only: the one that is kept too long is of an index that nobody asks for",
  },
  {
    file: "src/raft/progress.ts",
    line: "snapshotIndex = 0;",
    why: "it is read in the state `snapshot` only, and set on entering it",
  },
  {
    file: "src/raft/progress.ts",
    line: "nextSnapshotTick = 0;",
    why: "it is only ever compared: nothing is less than undefined, and no tick is less than 0",
  },
  {
    file: "src/raft/proposals.ts",
    line: "if (state.leadership === undefined) return;",
    why: "of a member that does not lead no message is taken up, and of none nothing follows; for the types",
  },
  {
    file: "src/raft/sessions.ts",
    line: "if (result.ok) return undefined;",
    why: "an answer that is no error has no text that could be a refusal's; for the types",
  },
  {
    file: "src/raft/state.ts",
    line: "ownVoteSequence = 0;",
    why: "it is read of a candidate only, and set on becoming one",
  },
  {
    file: "src/raft/state.ts",
    line: "ticksSinceContact = 0;",
    why: "the constructor starts the election timer, which sets it",
  },
  {
    file: "src/raft/state.ts",
    line: "electionTimeoutTicks = 0;",
    why: "the constructor starts the election timer, which sets it",
  },
  {
    file: "src/raft/state.ts",
    line: "isLowOnSpace = false;",
    why: "undefined is as little true as false is",
  },
];

const ROOT = resolve(import.meta.dir, "../..");

export function explanationOf(mutant: MutantOf): string | undefined {
  return EXPLAINED.find((each) => isOf(each, mutant))?.why;
}

/** Those that speak of none of them: the line has gone, or says another thing. */
export function staleAmong(mutants: readonly MutantOf[]): readonly Explanation[] {
  return EXPLAINED.filter((each) => !mutants.some((mutant) => isOf(each, mutant)));
}

function isOf({ file, line, before }: Explanation, mutant: MutantOf): boolean {
  if (file !== mutant.file || (before !== undefined && before !== mutant.before)) return false;
  return readFileSync(join(ROOT, file), "utf8").split("\n")[mutant.line - 1]!.trim() === line;
}
