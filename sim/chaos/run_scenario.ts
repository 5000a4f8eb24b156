/** Runs one scenario on a cluster: readiness, recording, clients, what it does, the end, the judgement. */
import { Clients } from "./clients.ts";
import type { ChaosCluster, ClusterSize } from "./cluster.ts";
import { type Evidence, judge } from "./evidence.ts";
import { DOUBT_END_MS, doubtsEndedAfterMs, lastEndMs } from "./judge/doubt.ts";
import type { Finding } from "./judge/finding.ts";
import { knownCount } from "./judge/linearizability.ts";
import { processorPressureUs } from "./pressure.ts";
import { awaitWhole, makeReady, targetsOf } from "./readiness.ts";
import { Recorder } from "./recorder.ts";
import type { Recording } from "./recording.ts";
import type { Scenario } from "./scenario.ts";
import { Stage } from "./stage.ts";

export interface RunResult {
  readonly evidence: Evidence;
  /** Those of the scenario first. */
  readonly findings: readonly Finding[];
}

export interface RunOptions {
  readonly seed: number;
  /** Ends the run, which then throws its reason. */
  readonly signal: AbortSignal;
}

const CLIENTS_PER_MONITOR = 2;
/** With one monitor as many clients as with three. */
const MIN_CLIENTS = 6;

/** The cluster has been started; removing it is the caller's affair. Throws if it does not get ready. */
export async function runScenario(
  scenario: Scenario,
  cluster: ChaosCluster,
  { seed, signal }: RunOptions,
): Promise<RunResult> {
  await makeReady(cluster, signal);
  const { monitors, servers, spares } = cluster;
  const beganMs = performance.now();
  const beganWallMs = Date.now();
  const nowMs = () => performance.now() - beganMs;
  const beganPressureUs = processorPressureUs();
  const stage = new Stage({ cluster, nowMs, signal });
  const recorder = new Recorder([...monitors, ...spares], nowMs);
  const clientsPerMonitor = Math.max(CLIENTS_PER_MONITOR, MIN_CLIENTS / monitors.length);
  const clients = new Clients({ monitors: () => stage.monitors, nowMs, seed, clientsPerMonitor });
  try {
    const fromMs = nowMs();
    clients.start();
    const own = await scenario.act(stage);
    await enoughOperations(clients, scenario.limits.operations, signal);
    const untilMs = nowMs();
    await clients.stop();
    await awaitWhole(cluster, stage.monitors, signal);
    await clients.readAtTheEnd();
    await doubtsEnd(stage, recorder);
    await recorder.stop();
    const evidence: Evidence = {
      scenario: scenario.name,
      summary: scenario.summary,
      runner: cluster.kind,
      size: { monitors: monitors.length, servers: servers.length } satisfies ClusterSize,
      seed,
      limits: scenario.limits,
      monitors: [...monitors, ...spares].map(({ name }) => name),
      members: stage.monitors.map(({ name }) => name),
      targets: targetsOf(cluster),
      beganWallMs,
      durationMs: nowMs(),
      pressure: pressureSince(beganPressureUs, nowMs()),
      faults: stage.faults.faults,
      recording: recorder,
      operations: clients.operations,
      writing: { fromMs, untilMs },
    };
    return { evidence, findings: judge(evidence, own) };
  } finally {
    await Promise.all([clients.stop(), recorder.stop()]);
  }
}

function pressureSince(beganUs: number | null, durationMs: number): number | null {
  const nowUs = processorPressureUs();
  return beganUs === null || nowUs === null ? null : (nowUs - beganUs) / 1_000 / durationMs;
}

const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Waits until no monitor doubts itself, or one has done so for longer than it may; the judgement says which. */
async function doubtsEnd(stage: Stage, recording: Recording): Promise<void> {
  const { faults } = stage.faults;
  const members = stage.monitors.map(({ name }) => name);
  const endMs = lastEndMs(faults) + DOUBT_END_MS;
  while (doubtsEndedAfterMs({ recording, faults, members }) === null && stage.nowMs() < endMs) {
    await stage.pass(LOOK_EVERY_MS);
  }
}

/** A slow machine is given the time that it needs; if that is not enough, the judgement says so. */
async function enoughOperations(
  clients: Clients,
  wanted: number,
  signal: AbortSignal,
): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (knownCount(clients.operations) < wanted && performance.now() < endMs) {
    signal.throwIfAborted();
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
