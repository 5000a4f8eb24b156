/** Records of soaks that have not been, for the tests of what judges them: an hour of three monitors, all well but for what a test changes. */
import { Random } from "../world/random.ts";
import type { MetricsLook, ProcessLook, SoakRecord, TroubleRecord } from "./record.ts";
import { TROUBLES } from "./troubles.ts";

const HOUR_MS = 3_600_000;
const CALM_MS = 40_000;

export interface Memory {
  readonly leakMbPerHour: number;
  /** Between two collections. */
  readonly sawtoothMb: number;
  /** Of the level that each collection leaves, up or down. */
  readonly noiseMb: number;
}

export function troublesOf(minutes: number): TroubleRecord[] {
  const troubles: TroubleRecord[] = [];
  for (let atMs = 0; ;) {
    const { what, lastsMs, stops } = TROUBLES[troubles.length % TROUBLES.length]!;
    const fromMs = atMs + CALM_MS;
    atMs = fromMs + lastsMs;
    if (atMs > minutes * 60_000) return troubles;
    const stopped = stops === undefined ? {} : { stopped: `monitor${stops + 1}` };
    troubles.push({ what, fromMs, untilMs: atMs, ...stopped, failures: [] });
  }
}

/** A look every five seconds; a collection comes after 30 to 90 s. */
export function looksOf(memory: Memory, seed: number): ProcessLook[] {
  const { leakMbPerHour, sawtoothMb, noiseMb } = memory;
  const random = new Random(seed, "looks");
  const looks: ProcessLook[] = [];
  for (let fromMs = 0; fromMs < HOUR_MS;) {
    const untilMs = fromMs + random.between(30_000, 90_000);
    const level = 200 + noiseMb * (2 * random.fraction() - 1);
    for (let atMs = Math.ceil(fromMs / 5_000) * 5_000; atMs < untilMs; atMs += 5_000) {
      const rise = (sawtoothMb * (atMs - fromMs)) / (untilMs - fromMs);
      const residentMb = level + rise + (leakMbPerHour * atMs) / HOUR_MS;
      looks.push({ atMs, residentMb, descriptors: 5_000 });
    }
    fromMs = untilMs;
  }
  return looks;
}

export const STEADY: Memory = { leakMbPerHour: 0, sawtoothMb: 50, noiseMb: 2 };

/** Every probe is sent but those of the time in which the monitor is stopped, and its loop is late now and then. */
function metricsLooksOf(id: string, troubles: readonly TroubleRecord[]): MetricsLook[] {
  const stops = troubles.filter(({ stopped }) => stopped === id);
  return Array.from({ length: 240 }, (_, turn): MetricsLook => {
    const answeredMs = turn * 15_000 + 200;
    const ranMs = stops.reduce((left, { fromMs, untilMs }) => {
      return left - Math.max(Math.min(untilMs, answeredMs) - fromMs, 0);
    }, answeredMs);
    const turns = ranMs / 20;
    const loopLag = [["0.025", turns * 0.995] as const, ["+Inf", turns] as const];
    const metrics = { skippedProbes: 0, failedProbes: 0, probes: ranMs * 5, targetsUp: 5_000 };
    return { askedMs: answeredMs - 200, answeredMs, metrics: { ...metrics, loopLag } };
  });
}

export function hourOf(memory: Memory, seed = 1): SoakRecord {
  const troubles = troublesOf(60);
  return {
    minutes: 60,
    targetCount: 5_000,
    intervalMs: 1_000,
    monitors: ["monitor1", "monitor2", "monitor3"].map((id, place) => ({
      id,
      processLooks: looksOf(memory, seed * 3 + place),
      metricsLooks: metricsLooksOf(id, troubles),
    })),
    troubles,
    writes: Array.from({ length: 3_000 }, (_, turn) => ({
      to: `monitor${(turn % 3) + 1}`,
      askedMs: turn * 1_200,
      answeredMs: turn * 1_200 + 100,
      isAccepted: true,
    })),
    died: [],
    notCalm: [],
  };
}
