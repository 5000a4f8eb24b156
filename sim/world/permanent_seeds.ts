/**
 * Seeds that failed once, with what they found. They are run by every test, for as long as they tell
 * a story: what a seed means changes with the simulator, so the story is kept in words too.
 */
export interface PermanentSeed {
  readonly seed: number;
  /** What failed, and what it was. */
  readonly found: string;
}

export const PERMANENT_SEEDS: readonly PermanentSeed[] = [
  {
    seed: 31,
    found:
      "the simulator: a candidate that was paused won its old term late; leader completeness " +
      "speaks of later terms only",
  },
  {
    seed: 98,
    found:
      "the simulator: a crash left a disk's queue of syncs behind, so that the vote that was needed " +
      "stood behind writes that no longer were",
  },
  {
    seed: 1525,
    found:
      "the simulator: an answer to an old pre-vote request, for the term its receiver is in by now, " +
      "disturbs nobody",
  },
  {
    seed: 50_795,
    found:
      "the simulator: a request to take over that arrived a third of a second late was an election " +
      "after the peace had begun",
  },
  {
    seed: 1_013_109,
    found:
      "the simulator: a request for votes that had waited for a slow disk left when its sender was a " +
      "learner again, its promotion having been cut off",
  },
  {
    seed: 255_882_664_539_141,
    found:
      "the simulator: the quorum that was to go on alone was chosen without regard for a removal that " +
      "had been asked for and was committed a moment later",
  },
  {
    seed: 255_882_664_540_512,
    found: "the simulator: the same, with a promotion of one that was cut off",
  },
  {
    seed: 31_049_543_100_153,
    found:
      "the core: the next snapshot was sent as soon as a follower had shown that it had the last one, " +
      "though that one's stream was not over; and the end of the first was taken for that of the second",
  },
  {
    seed: 70_158_252,
    found:
      "the simulator: a leader had taken two thousand commands while its follower's disk was slow; they went " +
      "over one by one, and patience with what was asked for after them was at its end before that",
  },
  {
    seed: 121_736_162_699_736,
    found:
      "the simulator: a new member had three thousand entries to get, in small batches, and patience was " +
      "at its end before that",
  },
  {
    seed: 336_960_890_238_512,
    found:
      "the simulator: a learner that had not heard of term 20 yet followed the leader of term 19, late, and " +
      "so cut off what term 20 had committed without it; its copy was never counted",
  },
];
