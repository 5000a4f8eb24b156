/**
 * What kind of world a seed is. Every seed switches on a random few of the faults, at random strengths,
 * and draws sizes and limits of its own: a world in which everything fails all the time reaches little,
 * and rare combinations come up only if most of the others are off (swarm testing).
 */
import type { DiskConditions } from "./disk.ts";
import type { NetworkConditions } from "./network.ts";
import type { Random } from "./random.ts";
import type { SessionSettings } from "./replicated_machine.ts";

/** Faults that come and go during a run. */
export const FAULTS = [
  "crash",
  "crash all",
  "pause",
  "partition",
  "flapping",
  "clog",
  "slow disk",
  "low space",
  "full disk",
  "broken disk",
  "membership",
  "transfer",
  "flipped bit",
] as const;

export type Fault = (typeof FAULTS)[number];

export interface FaultRhythm {
  /** From the end of one to the beginning of the next, on average. */
  readonly gapUs: number;
  /** How long one lasts at most. */
  readonly lengthUs: number;
}

export interface Personality {
  readonly founders: 1 | 3 | 5 | 7;
  readonly clients: number;
  readonly keys: number;
  readonly usesCodec: boolean;
  /** Whether proposals of one moment are gathered into one write. */
  readonly gathersProposals: boolean;
  /** What each part of a snapshot takes; 0: it is made in one go. */
  readonly snapshotPartUs: number;
  /** How long faults go on. */
  readonly faultPhaseUs: number;
  /** One tick of a member whose clock is right. */
  readonly tickUs: number;
  /** Ticks are up to this much faster or slower, per member: 1 for none. */
  readonly skew: number;
  readonly network: NetworkConditions;
  readonly disk: DiskConditions;
  /** Only those that are switched on. */
  readonly faults: ReadonlyMap<Fault, FaultRhythm>;
  /** How likely a fault that needs a victim takes the leader. */
  readonly leaderChance: number;
  readonly client: ClientHabits;
  readonly raft: RaftSettings;
  readonly sessions: SessionSettings;
}

/** No command of any personality is larger. */
export const LARGEST_COMMAND_BYTES = 300;

export interface ClientHabits {
  /** Between an answer and the next question, at most. */
  readonly thinkUs: number;
  readonly timeoutUs: number;
  /** Tries of one command before the client gives up. */
  readonly maxAttempts: number;
  readonly readChance: number;
  /** Of the reads: how many go through the log. */
  readonly loggedReadChance: number;
  /** How often an answer is lost on its way to the client. */
  readonly lostAnswerChance: number;
  readonly paddingBytes: number;
  /** How often a client stays with the member that answered last. */
  readonly stickiness: number;
}

export interface RaftSettings {
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  readonly maxBatchBytes: number;
  readonly maxInflightBatches: number;
  readonly maxUncommittedBytes: number;
  readonly maxCommandBytes: number;
  readonly maxPendingReads: number;
  readonly maxPromotionLagEntries: number;
  readonly snapshotAfterBytes: number;
  readonly keepTailEntries: number;
  readonly keepTailBytes: number;
  readonly requestTimeoutTicks: number;
}

export function drawPersonality(seedRandom: Random): Personality {
  const random = seedRandom.fork("personality");
  const tickUs = 10_000;
  const isBusy = random.chance(0.3);
  return {
    founders: random.pick([1, 3, 3, 3, 3, 5, 5, 5, 7] as const),
    clients: random.between(2, 5),
    keys: random.between(1, 4),
    usesCodec: random.chance(0.25),
    gathersProposals: random.chance(0.4),
    snapshotPartUs: random.fork("parts").pick([0, 0, 100, 1_000, 10_000]),
    // A few are long, for what takes a long time to go wrong.
    faultPhaseUs: random.between(100, 420) * (random.chance(0.02) ? 5 : 1) * tickUs,
    tickUs,
    skew: random.chance(0.35) ? random.pick([1.1, 1.5, 2.5]) : 1,
    network: drawNetwork(random.fork("network")),
    disk: drawDisk(random.fork("disk")),
    faults: drawFaults(random.fork("faults"), tickUs),
    leaderChance: random.pick([0.1, 0.4, 0.8]),
    client: drawHabits(random.fork("client"), tickUs, isBusy),
    raft: drawSettings(random.fork("raft")),
    sessions: drawSessions(random.fork("sessions")),
  };
}

/** In a line, for people. */
export function describePersonality(personality: Personality): string {
  const { founders, clients, faultPhaseUs, faults, usesCodec, skew } = personality;
  const traits = [
    `${founders} founding members`,
    `${clients} clients`,
    `faults for ${faultPhaseUs / 1_000} ms: ${[...faults.keys()].join(", ") || "none"}`,
    ...(usesCodec ? ["messages as bytes"] : []),
    ...(skew > 1 ? [`clocks up to ${skew} times too fast or slow`] : []),
  ];
  return traits.join("; ");
}

function drawNetwork(random: Random): NetworkConditions {
  const some = (chance: number, choices: readonly number[]) =>
    random.chance(chance) ? random.pick(choices) : 0;
  return {
    minDelayUs: random.pick([50, 300, 1_000]),
    spreadUs: random.pick([100, 1_000, 4_000, 12_000]),
    lateChance: some(0.4, [0.005, 0.03, 0.1, 0.4]),
    lateUs: random.pick([30_000, 200_000, 400_000, 1_500_000]),
    dropChance: some(0.4, [0.005, 0.03, 0.15]),
    duplicateChance: some(0.4, [0.01, 0.1]),
    echoChance: some(0.3, [0.01, 0.1]),
    echoUs: random.pick([300_000, 1_000_000, 3_000_000]),
    keepsOrder: random.chance(0.4),
    snapshotDelayUs: random.pick([500, 5_000, 80_000]),
    snapshotFailChance: some(0.4, [0.1, 0.5]),
    snapshotDoubtChance: some(0.4, [0.1, 0.5]),
    snapshotDamageChance: some(0.25, [0.1, 0.4]),
    strayChance: some(0.2, [0.01]),
    unreachableChance: some(0.4, [0.1, 1]),
  };
}

function drawDisk(random: Random): DiskConditions {
  return {
    minDelayUs: random.pick([20, 200, 1_000, 15_000]),
    spreadUs: random.pick([100, 1_000, 6_000, 30_000]),
    stallChance: random.chance(0.4) ? random.pick([0.01, 0.05]) : 0,
    stallUs: random.pick([20_000, 120_000]),
    groupChance: random.pick([0, 0.4, 0.9]),
  };
}

function drawFaults(random: Random, tickUs: number): ReadonlyMap<Fault, FaultRhythm> {
  const faults = new Map<Fault, FaultRhythm>();
  const share = random.pick([0.15, 0.35, 0.6]);
  for (const fault of FAULTS) {
    // After a crash of all nothing happens for a while, so it may not be all that happens.
    const slowness = fault === "crash all" ? 5 : 1;
    const rhythm = {
      gapUs: random.pick([5, 15, 40, 100]) * slowness * tickUs,
      lengthUs: random.pick([5, 25, 60]) * tickUs,
    };
    if (random.chance(share)) faults.set(fault, rhythm);
  }
  return faults;
}

function drawHabits(random: Random, tickUs: number, isBusy: boolean): ClientHabits {
  return {
    thinkUs: (isBusy ? 1 : random.pick([3, 8])) * tickUs,
    timeoutUs: random.pick([3, 15, 60]) * tickUs,
    maxAttempts: random.pick([1, 3, 8]),
    readChance: random.pick([0.2, 0.5, 0.8]),
    loggedReadChance: random.pick([0, 0.2]),
    lostAnswerChance: random.chance(0.4) ? random.pick([0.02, 0.15]) : 0,
    paddingBytes: random.pick([0, 20, 200]),
    stickiness: random.pick([0, 0.7, 0.95]),
  };
}

function drawSettings(random: Random): RaftSettings {
  return {
    electionTicks: 10,
    heartbeatTicks: random.pick([1, 2, 3]),
    maxBatchBytes: random.pick([1, 300, 65_536]),
    maxInflightBatches: random.pick([1, 2, 8]),
    maxUncommittedBytes: random.pick([400, 4_000, 1_000_000]),
    maxCommandBytes: 16_384,
    maxPendingReads: random.pick([2, 64, 1_024]),
    maxPromotionLagEntries: random.pick([1, 4, 64]),
    snapshotAfterBytes: random.pick([200, 1_000, 4_000, 1_000_000]),
    keepTailEntries: random.pick([0, 1, 5, 40]),
    keepTailBytes: random.pick([100, 2_000, 1_000_000]),
    requestTimeoutTicks: random.pick([15, 50]),
  };
}

function drawSessions(random: Random): SessionSettings {
  const isTight = random.chance(0.2);
  return {
    maxSessions: isTight ? random.between(2, 6) : 1_000,
    expireAfterEntries: isTight ? random.pick([20, 100]) : 1_000_000,
    maxAnswerBytes: isTight ? random.pick([0, 20]) : 1_000_000,
  };
}
