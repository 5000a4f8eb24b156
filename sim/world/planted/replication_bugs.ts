/** Bugs in how the log gets to others, in what counts as committed, and in what a read sees. The simulator has to find them. */
import type { PlantedBug } from "./bug.ts";

const raft = (file: string) => `src/raft/${file}.ts`;

const REPLICATION_BUGS: readonly PlantedBug[] = [
  {
    name: "older-term-by-counting",
    breaks: "an entry of an earlier term commits because a quorum holds it (figure 8)",
    foundBy: ["a leader commits entries of its own term"],
    edits: [
      {
        file: raft("replication"),
        find: "if (reached <= log.commitIndex || log.termAt(reached) !== term) return;",
        replace: "void term; if (reached <= log.commitIndex) return;",
      },
    ],
  },
  {
    name: "no-op-skipped",
    breaks: "a new leader does not open its term with an entry of its own",
    foundBy: ["a transfer after healing"],
    edits: [
      {
        file: raft("leader"),
        find: '  appendEntries(state, [{ kind: "noop" }]);',
        replace: "",
      },
      {
        file: raft("leader"),
        find: "new Leadership(state.log.lastIndex + 1)",
        replace: "new Leadership(state.log.commitIndex)",
      },
    ],
  },
  {
    name: "stale-append-truncates",
    breaks: "an old, short append cuts off what came after it",
    foundBy: ["a correct peer's message is taken"],
    edits: [
      {
        file: raft("following"),
        find: "const missing = log.firstMissing(entries);",
        replace: "const missing = entries.find(({ index }) => index > log.commitIndex);",
      },
    ],
  },
  {
    name: "append-without-check",
    breaks: "entries are taken without looking at the one before them",
    foundBy: ["log matching"],
    edits: [
      {
        file: raft("following"),
        find: "if (log.termAt(prevLogIndex) !== prevLogTerm) return disagree(state, message);",
        replace: "if (log.termAt(prevLogIndex) === undefined) return disagree(state, message);",
      },
    ],
  },
  {
    name: "commit-beyond-match",
    breaks: "a follower commits what the leader has, not what it was sent",
    foundBy: ["a correct peer's message is taken"],
    edits: [
      {
        file: raft("following"),
        find: "commitUpTo(state, Math.min(leaderCommit, matchIndex));",
        replace: "commitUpTo(state, Math.min(leaderCommit, log.lastIndex));",
      },
      {
        file: raft("read_index"),
        find: "const leaderCommit = Math.min(commitIndex, matchIndex);",
        replace: "const leaderCommit = commitIndex + 0 * matchIndex;",
      },
    ],
  },
  {
    name: "doubled-forward-refused",
    breaks: "the second copy of a forwarded proposal is refused although the first was taken",
    foundBy: ["what was dropped never commits"],
    edits: [
      {
        file: raft("proposals"),
        find: "if (!isFirst(leadership.lastForwarded.get(from), id)) return false;",
        replace:
          'if (!isFirst(leadership.lastForwarded.get(from), id)) { refuse(state, from, id, "dropped", "seen"); return false; }',
      },
    ],
  },
  {
    name: "two-snapshots-under-way",
    breaks: "a second snapshot goes to a member before it is known how the first one ended",
    foundBy: ["one snapshot at a time goes to a member"],
    edits: [
      {
        file: raft("replication"),
        find: " || state.snapshotStreams.has(to)",
        replace: "",
      },
    ],
  },
];

const READ_BUGS: readonly PlantedBug[] = [
  {
    name: "read-index-reused",
    breaks: "answers to an earlier heartbeat round confirm a read that came after it",
    foundBy: ["a read sees what was acknowledged"],
    edits: [
      {
        file: raft("read_index"),
        find: "round: leadership.round + 1 });",
        replace: "round: leadership.round });",
      },
    ],
  },
  {
    name: "read-id-used-again",
    breaks:
      "a read that was given up is asked again under its id: the late answer to the first is taken for one to the second",
    foundBy: ["a read sees what was acknowledged"],
    edits: [
      {
        file: raft("pending_requests"),
        find: "  addRead(done: (outcome: ReadOutcome) => void): RequestId {\n    const id = this.#nextId();",
        replace:
          "  #givenUp: RequestId | undefined;\n  addRead(done: (outcome: ReadOutcome) => void): RequestId {\n    const id = this.#givenUp ?? this.#nextId();\n    this.#givenUp = undefined;",
      },
      {
        file: raft("pending_requests"),
        find: "    const done = this.#reads.get(id.sequence);\n",
        replace:
          "    const done = this.#reads.get(id.sequence);\n    if (done !== undefined && !outcome.ok) this.#givenUp = id;\n",
      },
    ],
  },
  {
    name: "read-unconfirmed",
    breaks: "a leader serves reads without asking whether it still leads",
    foundBy: ["a read sees what was acknowledged"],
    edits: [
      {
        file: raft("read_index"),
        find: "const isConfirmed = (read: PendingRead) => read.round <= confirmed;",
        replace: "const isConfirmed = (read: PendingRead) => read.round <= confirmed + 1e9;",
      },
    ],
  },
  {
    name: "read-before-first-commit",
    breaks: "a new leader serves reads before it has committed in its term",
    foundBy: ["a read sees what was acknowledged"],
    edits: [
      {
        file: raft("read_index"),
        find: "if (log.commitIndex < leadership.noopIndex) {",
        replace: "if (log.commitIndex < 0) {",
      },
    ],
  },
  {
    name: "read-before-applied",
    breaks: "a read is served before what it has to see is applied",
    foundBy: ["a read sees what was acknowledged"],
    edits: [
      {
        file: raft("read_index"),
        find: "index !== undefined && index <= appliedIndex;",
        replace: "index !== undefined && index <= appliedIndex + 1e9;",
      },
    ],
  },
];

export const LOG_BUGS: readonly PlantedBug[] = [...REPLICATION_BUGS, ...READ_BUGS];
