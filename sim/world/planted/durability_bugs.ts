/** Bugs in what a member says before its disk has it, or although the disk has failed. The simulator has to find them. */
import type { PlantedBug } from "./bug.ts";

const raft = (file: string) => `src/raft/${file}.ts`;

const STORAGE_BUGS: readonly PlantedBug[] = [
  {
    name: "ack-before-sync",
    breaks: "a follower says that it holds entries before they are durable",
    foundBy: ["an agreed entry is durable"],
    edits: [
      {
        file: raft("following"),
        find: "state.sendOnceStored(leader,",
        replace: "state.send(leader,",
      },
    ],
  },
  {
    name: "leader-counts-unsynced",
    breaks: "a leader counts its own copy before it is durable",
    foundBy: ["applied entries are durable"],
    edits: [
      {
        file: raft("replication"),
        find: "voter === id ? log.stableIndex",
        replace: "voter === id ? log.lastIndex",
      },
      {
        file: raft("log"),
        find: "const through = Math.min(this.#commitIndex, this.#stableIndex);",
        replace: "const through = this.#commitIndex;",
      },
    ],
  },
  {
    name: "single-counts-unsynced",
    breaks: "a cluster of one commits before its only copy is durable",
    foundBy: ["committed means durable on a quorum"],
    edits: [
      {
        file: raft("replication"),
        find: "voter === id ? log.stableIndex",
        replace: "voter === id ? (voters.length === 1 ? log.lastIndex : log.stableIndex)",
      },
    ],
  },
  {
    name: "vote-not-persisted",
    breaks: "a vote is given, but not written",
    foundBy: ["a vote is durable before it is given"],
    edits: [
      {
        file: raft("state"),
        find: "return { term: this.#term, vote: this.#vote, commit: this.log.commitIndex };",
        replace: "return { term: this.#term, vote: undefined, commit: this.log.commitIndex };",
      },
    ],
  },
  {
    name: "stale-store-token",
    breaks: "a completed write confirms entries that have been replaced since",
    foundBy: ["applied entries are durable"],
    edits: [
      {
        file: raft("log"),
        find: "if (end.index > this.#stableIndex && this.termAt(end.index) === end.term) {",
        replace: "if (end.index > this.#stableIndex && end.index <= this.lastIndex) {",
      },
      {
        file: raft("core"),
        find: "if (token.term === state.term) {",
        replace: "if (token.term <= state.term) {",
      },
    ],
  },
];

const FAILING_DISK_BUGS: readonly PlantedBug[] = [
  {
    name: "failed-write-taken-for-done",
    breaks: "a member whose disk fails goes on as if it had stored what it was told to",
    foundBy: ["committed means durable on a quorum"],
    edits: [
      {
        file: raft("member"),
        find: "      if (!result.ok) return this.#haltOutside(`the log could not be stored: ${result.detail}`);\n",
        replace: "",
      },
    ],
  },
  {
    name: "failed-cut-off-taken-for-done",
    breaks:
      "where a disk fails at what cuts off the entries of a leader that was cut off itself, the member says that it holds what replaced them",
    foundBy: ["an agreed entry is durable"],
    edits: [
      {
        file: raft("member"),
        find: '  #store({ write, token, messages }: Effect & { kind: "store" }): void {',
        replace: `  #lastStored = 0;
  #store({ write, token, messages }: Effect & { kind: "store" }): void {
    const cutsOff = (write.entries[0]?.index ?? Infinity) <= this.#lastStored;
    this.#lastStored = write.entries.at(-1)?.index ?? this.#lastStored;`,
      },
      {
        file: raft("member"),
        find: "if (!result.ok) return this.#haltOutside(`the log could not be stored:",
        replace: "if (!result.ok && !cutsOff) return this.#haltOutside(`the log:",
      },
    ],
  },
];

export const DURABILITY_BUGS: readonly PlantedBug[] = [...STORAGE_BUGS, ...FAILING_DISK_BUGS];
