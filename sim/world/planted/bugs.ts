/**
 * The bugs that the simulator has to find: the faults that systems on Raft have had, and the ones that
 * the paper warns of. `make planted-bugs` plants each in turn and says after how many seeds it is found.
 */
import type { PlantedBug } from "./bug.ts";
import { GROUND_BUGS } from "./ground_bugs.ts";

const raft = (file: string) => `src/raft/${file}.ts`;

const STORAGE_BUGS: readonly PlantedBug[] = [
  {
    name: "ack-before-sync",
    breaks: "a follower says that it holds entries before they are durable",
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
    edits: [
      {
        file: raft("core"),
        find: "    resignIfRemoved(state);\n",
        replace: "    void resignIfRemoved;\n",
      },
    ],
  },
];

const STATE_MACHINE_BUGS: readonly PlantedBug[] = [
  {
    name: "applied-twice-after-restart",
    breaks: "a restarted member applies the tail that its snapshot already has",
    edits: [
      {
        file: raft("log"),
        find: "this.#appliedIndex = this.#applyingIndex = snapshotIndex;",
        replace: "this.#appliedIndex = this.#applyingIndex = compacted.index;",
      },
      {
        file: raft("member"),
        find: 'this.#take({ kind: "applied", index: snapshot?.index ?? 0 });',
        replace: 'this.#take({ kind: "applied", index: 0 });',
      },
    ],
  },
  {
    name: "snapshot-of-a-later-index",
    breaks: "a snapshot that was made in parts is taken for the state of when it was done",
    edits: [
      {
        file: raft("applier"),
        find: "    return made;",
        replace: "    return { ...made, index: this.#appliedIndex };",
      },
    ],
  },
  {
    name: "session-table-not-in-snapshot",
    breaks: "who installs a snapshot keeps the session table it had",
    edits: [
      {
        file: raft("sessions"),
        find: "if (restored.ok) this.#table = decoded.value.table;",
        replace: "",
      },
    ],
  },
  {
    name: "retry-applied-again",
    breaks: "a command proposed again in its session is applied again",
    edits: [
      {
        file: raft("sessions"),
        find: "if (sequence === session.sequence) {",
        replace: "if (sequence === session.sequence && session.answer === undefined) {",
      },
    ],
  },
];

const storage = (file: string) => `src/bun/raft_storage/${file}.ts`;

/** Of what the real storage makes of torn writes and flipped bits: the simulated disk has it from there. */
const DAMAGE_BUGS: readonly PlantedBug[] = [
  {
    name: "flipped-bit-not-noticed",
    breaks: "the checksum of an entry is not compared when the log is read",
    edits: [
      {
        file: storage("_load"),
        find: "if (entryChecksum(index, term, body, previous.checksum) !== checksum) {",
        replace: "if (entryChecksum(index, term, body, previous.checksum) < 0) {",
      },
    ],
  },
  {
    name: "damaged-tail-cut-off",
    breaks: "a log is cut off at a damaged entry, and the member goes on without the rest",
    edits: [
      {
        file: storage("_load"),
        find: "if (wrong !== undefined) throw damaged(`${where}, table log, row ${row.index}: ${wrong}`);",
        replace: "if (wrong !== undefined) break;",
      },
      {
        file: storage("_load"),
        find: "if (previous.index !== lastIndex) {",
        replace:
          "if (previous.index !== lastIndex) return packBodies(state.compactedIndex + 1, terms, bodies);\n  if (previous.index < 0) {",
      },
    ],
  },
  {
    name: "torn-write-refused",
    breaks: "what a crash cut short in the write-ahead log is taken for damage",
    edits: [
      {
        file: storage("_wal_scan"),
        find: "if (isOfThisLog && hasEndedSince) {",
        replace: "if (isOfThisLog && broken !== undefined) {",
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
  ...STATE_MACHINE_BUGS,
  ...DAMAGE_BUGS,
];

export const PLANTED_BUGS: readonly PlantedBug[] = [...CORE_BUGS, ...GROUND_BUGS];
