/** Bugs in who belongs to the cluster, and in the bounds that one member sets to another. The simulator has to find them. */
import type { PlantedBug } from "./bug.ts";

const raft = (file: string) => `src/raft/${file}.ts`;

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

const BOUND_BUGS: readonly PlantedBug[] = [
  {
    name: "batches-without-bound",
    breaks: "a leader sends to a slow follower without end",
    foundBy: ["batches in flight are bounded"],
    edits: [
      {
        file: raft("progress"),
        find: "return this.#inflight.length >= maxInflightBatches;",
        replace: "return this.#inflight.length >= maxInflightBatches * 1e9;",
      },
    ],
  },
  {
    name: "bytes-not-given-back",
    breaks: "what was cut off the log goes on to count as waiting, until nothing is taken any more",
    foundBy: ["bytes are counted"],
    edits: [
      {
        file: raft("log"),
        find: "for (const cut of this.#entries.splice(first - this.#compacted.index - 1)) this.#count(cut, -1);",
        replace: "this.#entries.splice(first - this.#compacted.index - 1);",
      },
    ],
  },
  {
    name: "another-cluster-heard",
    breaks: "a message of another cluster is taken",
    foundBy: ["a stray message is refused"],
    edits: [
      {
        file: raft("check_message"),
        find: "  if (message.clusterId !== clusterId) return `it is of another cluster, ${message.clusterId}`;\n",
        replace: "",
      },
    ],
  },
];

export const MEMBER_BUGS: readonly PlantedBug[] = [...MEMBERSHIP_BUGS, ...BOUND_BUGS];
