/**
 * The bugs that the simulator has to find: the faults that systems on Raft have had, such as a snapshot that failed
 * and lost what it was to hold, and the ones that the paper warns of. `make planted-bugs` plants each in turn and says after how many seeds it is found.
 */
import type { PlantedBug } from "./bug.ts";
import { GROUND_BUGS } from "./ground_bugs.ts";
import { STATE_BUGS } from "./state_bugs.ts";

const raft = (file: string) => `src/raft/${file}.ts`;

const STORAGE_BUGS: readonly PlantedBug[] = [
  {
    name: "ack-before-sync",
    breaks: "a follower says that it holds entries before they are durable",
    foundBy: ["a vote is durable before it is given"],
    edits: [
      {
        file: raft("outbox"),
        find: "    this.#afterStore.push(message);",
        replace: "    this.sendNow(message);",
      },
    ],
  },
  {
    name: "leader-counts-unsynced",
    breaks: "a leader counts its own copy before it is durable, a cluster of one too",
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

const ELECTION_BUGS: readonly PlantedBug[] = [
  {
    name: "two-votes-a-term",
    breaks: "a member votes for whoever asks last",
    foundBy: ["the hard state never goes back"],
    edits: [
      {
        file: raft("election"),
        find: "return state.vote === undefined && state.leader === undefined;",
        replace: "return true;",
      },
      {
        file: raft("state"),
        find: 'assert(this.#vote === undefined || this.#vote === candidate, "one vote a term");',
        replace: "",
      },
    ],
  },
  {
    name: "vote-for-shorter-log",
    breaks: "a vote goes to a candidate whose log is behind",
    foundBy: ["votes go to logs that are up to date"],
    edits: [
      {
        file: raft("election"),
        find: "if (!isVoteFree(state, from) || !isUpToDate || !mayVote(state)) {",
        replace: "if (!isVoteFree(state, from) || (!isUpToDate && lastLogIndex < 0)) {",
      },
    ],
  },
  {
    name: "pre-vote-disrupts-leader",
    breaks: "a question before an election moves others to a later term",
    foundBy: ["a pre-vote changes nothing"],
    edits: [
      {
        file: raft("core"),
        find: 'if (kind === "preVoteRequest") return !state.hasLiveLeader;',
        replace: "",
      },
    ],
  },
  {
    name: "learner-campaigns",
    breaks: "a learner asks for votes",
    foundBy: ["learners never campaign"],
    edits: [
      {
        file: raft("state"),
        find: "if (isVoter(log.membership, id)) return true;",
        replace: "if (log.membership.voters.length > 0) return true;",
      },
    ],
  },
  {
    name: "learner-counts",
    breaks: "a learner counts in quorums",
    foundBy: ["committed means durable on a quorum"],
    edits: [
      {
        file: raft("state"),
        find: "return this.log.membership.voters;",
        replace: "return [...this.log.membership.voters, ...this.log.membership.learners];",
      },
    ],
  },
  {
    name: "transfer-to-learner",
    breaks: "leadership is handed to a learner, which takes it",
    foundBy: ["learners never campaign"],
    edits: [
      {
        file: raft("transfer"),
        find: 'if (!isVoter(log.membership, to)) return dropTransfer(state, to, "it is not a voter");',
        replace: "void isVoter; void log;",
      },
      {
        file: raft("core"),
        find: 'if (state.role === "leader" || state.leader !== from || !state.mayCampaign) return;',
        replace: 'if (state.role === "leader" || state.leader !== from) return;',
      },
    ],
  },
  {
    name: "own-vote-before-sync",
    breaks: "a candidate counts its own vote, and asks for others', before it is durable",
    foundBy: ["a vote is durable before it is given"],
    edits: [
      {
        file: raft("election"),
        find: "  state.becomeCandidate();\n  for",
        replace:
          "  state.becomeCandidate();\n  state.ownVoteSequence = 0;\n  state.votes.set(state.id, true);\n  for",
      },
      {
        file: raft("election"),
        find: 'state.sendOnceStored(voter, { kind: "voteRequest"',
        replace: 'state.send(voter, { kind: "voteRequest"',
      },
    ],
  },
];

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

const MEMBERSHIP_BUGS: readonly PlantedBug[] = [
  {
    name: "snapshot-without-membership",
    breaks: "who installs a snapshot keeps the membership it had",
    foundBy: ["the log is what was written"],
    edits: [
      {
        file: raft("log"),
        find: "this.#memberships.restore(snapshot.index, snapshot.membership);\n    this.#restoring",
        replace: "this.#memberships.restore(snapshot.index, this.membership);\n    this.#restoring",
      },
    ],
  },
  {
    name: "membership-not-rolled-back",
    breaks: "a membership whose entry was cut off stays in force",
    foundBy: ["the log is what was written"],
    edits: [
      {
        file: raft("log"),
        find: "    this.#memberships.truncateFrom(first);\n",
        replace: "",
      },
      {
        file: raft("membership_history"),
        find: "assert(index > this.latestIndex, `membership ${index} comes after ${this.latestIndex}`);",
        replace: "if (index <= this.latestIndex) return;",
      },
    ],
  },
  {
    name: "two-changes-at-once",
    breaks: "a membership change begins before the one before it is committed",
    foundBy: ["at most one uncommitted membership change"],
    edits: [
      {
        file: raft("membership_change"),
        find: 'if (log.commitIndex < log.membershipIndex) return "another membership change is under way";',
        replace: "",
      },
    ],
  },
  {
    name: "change-before-first-commit",
    breaks: "a new leader changes the membership before it has committed in its term",
    foundBy: ["a membership change waits for the term's first commit"],
    edits: [
      {
        file: raft("membership_change"),
        find: 'if (log.commitIndex < leadership.noopIndex) return "the leader is new: try again";',
        replace: "",
      },
    ],
  },
  {
    name: "removed-leader-stays",
    breaks: "a leader goes on after its removal is committed",
    foundBy: ["a removed leader steps down"],
    edits: [
      {
        file: raft("core"),
        find: "    resignIfRemoved(state);\n",
        replace: "    void resignIfRemoved;\n",
      },
    ],
  },
];

/** Those that the simulator has to find. */
const CORE_BUGS: readonly PlantedBug[] = [
  ...STORAGE_BUGS,
  ...ELECTION_BUGS,
  ...REPLICATION_BUGS,
  ...READ_BUGS,
  ...MEMBERSHIP_BUGS,
  ...STATE_BUGS,
];

export const PLANTED_BUGS: readonly PlantedBug[] = [...CORE_BUGS, ...GROUND_BUGS];
