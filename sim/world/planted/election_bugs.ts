/** Bugs in who votes, for whom, and who may ask. The simulator has to find them. */
import type { PlantedBug } from "./bug.ts";

const raft = (file: string) => `src/raft/${file}.ts`;

export const ELECTION_BUGS: readonly PlantedBug[] = [
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
