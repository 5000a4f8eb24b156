/**
 * One seed from beginning to end: a fault phase, a healing phase, and the checks that need the whole
 * run. The same seed gives the same run, to the last event.
 */
import { Administrator } from "./administrator.ts";
import { Client } from "./client.ts";
import type { Coverage } from "./coverage.ts";
import { EVENT, NOBODY } from "./event_queue.ts";
import { Faults } from "./faults.ts";
import { Healing } from "./healing.ts";
import type { Host } from "./host.ts";
import { History } from "./history.ts";
import { mustHold, takeViolation, Violation } from "./invariants/violation.ts";
import { MAX_HOSTS } from "./network.ts";
import { LARGEST_COMMAND_BYTES } from "./personality.ts";
import { World } from "./world.ts";

export interface RunOptions {
  /** Called with each line of the story. */
  readonly tell?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly events: number;
  readonly virtualUs: number;
  /** 16 hexadecimal digits: the same for the same seed and the same source. */
  readonly traceHash: string;
  readonly coverage: Coverage;
  readonly operations: number;
  readonly unknownOutcomes: number;
  /** How long the cluster took to recover once the faults were over, in ticks. */
  readonly recoveryTicks: number;
  /** Histories whose linearizability would have taken too long to judge. */
  readonly unjudged: number;
  readonly failure: RunFailure | undefined;
}

export interface RunFailure {
  readonly invariant: string;
  /** With the seed, the event, the virtual time, and how the members stood. */
  readonly report: string;
}

/** Far more events than any run has: one that reaches it goes in circles. */
const MOST_EVENTS = 2_000_000;
/** How much work judging one register's history may be. */
const MAX_STEPS = 200_000;

export function runSeed(seed: number, options: RunOptions = {}): RunResult {
  takeViolation();
  const world = new World(seed, options.tell);
  const history = new History();
  let failure: RunFailure | undefined;
  let ending: Ending = { recoveryTicks: 0, isJudged: true };
  try {
    ending = play(world, history);
  } catch (error) {
    failure = describeFailure(world, seed, takeViolation() ?? error);
  }
  return {
    seed,
    events: world.events,
    virtualUs: world.queue.nowUs,
    traceHash: world.trace.digest(),
    coverage: world.coverage,
    operations: history.size,
    unknownOutcomes: history.unknownOutcomes,
    recoveryTicks: ending.recoveryTicks,
    unjudged: ending.isJudged ? 0 : 1,
    failure,
  };
}

interface Ending {
  readonly recoveryTicks: number;
  /** Whether the history's linearizability could be judged. */
  readonly isJudged: boolean;
}

/** Throws `Violation` for anything that must not be. */
function play(world: World, history: History): Ending {
  const { personality, queue, hosts } = world;
  const administrator = new Administrator(world);
  const faults = new Faults(world, administrator);
  const clients = Array.from(
    { length: personality.clients },
    (_, number) => new Client(world, history, number),
  );
  const healing = new Healing(world, clients, administrator);
  faults.start();
  for (const host of hosts) host.start();
  for (const client of clients) client.start();
  queue.schedule(personality.faultPhaseUs, EVENT.healing, NOBODY, () => {
    faults.end();
    healing.start();
  });
  while (!healing.isDone) {
    mustHold(world.step(), "progress after healing", () => "nothing is left to happen");
    mustHold(world.events < MOST_EVENTS, "progress after healing", () => "it goes in circles");
  }
  return { recoveryTicks: healing.recoveryTicks, isJudged: checkWhole(world, history) };
}

/** What can only be said at the end. Whether the history could be judged. */
function checkWhole(world: World, history: History): boolean {
  const { committed, outcomes } = world.invariants;
  outcomes.checkAcknowledged();
  const state = committed.state;
  for (const host of world.hosts) {
    const status = host.status();
    if (status === undefined || status.appliedIndex !== committed.lastIndex) continue;
    checkLogBytes(world, host, status.logBytes);
    mustHold(
      Buffer.compare(host.machine.snapshot(), state) === 0,
      "the same state at the same index",
      () => `${host.id} ends with another state at ${committed.lastIndex}`,
    );
  }
  const verdict = history.verdict((command) => outcomes.tookEffectOnce(command), MAX_STEPS);
  mustHold(
    verdict !== "not-linearizable",
    "linearizable history",
    () => `${history.size} operations on ${world.personality.keys} registers`,
  );
  return verdict === "linearizable";
}

/**
 * A log is no longer than what comes between two snapshots, the tail behind them, and what is kept
 * back for a follower that is being sent one.
 */
function checkLogBytes({ personality }: World, host: Host, logBytes: number): void {
  const snapshotBytes = host.synced.snapshot?.data.length ?? 0;
  const { raft } = personality;
  const { maxBatchBytes, keepTailEntries, maxUncommittedBytes } = raft;
  const snapshotAfterBytes = Math.max(raft.snapshotAfterBytes, snapshotBytes);
  // A membership counts most, see `entryBytes`.
  const largestEntryBytes = Math.max(LARGEST_COMMAND_BYTES, 64 * MAX_HOSTS);
  const tailBytes = (keepTailEntries + 2) * largestEntryBytes;
  const mostBytes = snapshotAfterBytes + maxBatchBytes + maxUncommittedBytes + tailBytes;
  mustHold(
    logBytes <= mostBytes,
    "a log is compacted",
    () => `${host.id} holds ${logBytes} bytes, and may hold ${mostBytes}`,
  );
}

function describeFailure(world: World, seed: number, error: unknown): RunFailure {
  const invariant =
    error instanceof Violation
      ? error.invariant
      : `exception: ${error instanceof Error ? error.message : String(error)}`;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const members = world.hosts.map((host) => {
    const status = host.status();
    if (status === undefined) return `  ${host.id} is off`;
    const { role, term, leader, commitIndex, appliedIndex, lastIndex, lastTerm } = status;
    return (
      `  ${host.id} ${status.halted === undefined ? role : `halted (${status.halted})`} in term ` +
      `${term}, leader ${leader ?? "none"}, log ${status.compacted.index + 1}..${lastIndex} ` +
      `(term ${lastTerm}), durable ${status.stableIndex}, committed ${commitIndex}, applied ${appliedIndex}`
    );
  });
  const ms = (world.queue.nowUs / 1_000).toFixed(3);
  const head = `seed ${seed}, event ${world.events}, ${ms} ms: ${invariant}`;
  return { invariant, report: [head, detail, ...members].join("\n") };
}
