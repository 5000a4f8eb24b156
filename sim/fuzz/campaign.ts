/**
 * Runs the rounds of one target: seeds from a base on, until the count or the time is used up or something is
 * wrong, and watches what the attacked process takes meanwhile. Its memory is looked at by the middle of what
 * it took in the first third after the warm-up, against that in the last third: single values jump with
 * every collection of garbage.
 */
import type { FuzzTarget } from "./fuzz_target.ts";
import { shortfallsOf } from "./minimum.ts";
import { settled } from "./process_reading.ts";

export interface CampaignOptions {
  readonly base: number;
  readonly count: number;
  /** Ends after so long. The cases that are missing then are a finding, unless they `mayBeFewer`. */
  readonly seconds: number;
  readonly mayBeFewer?: boolean;
  /** Rounds done and to do, after each. */
  readonly onProgress?: (cases: number) => void;
}

export interface CampaignResult {
  readonly target: string;
  readonly unit: string;
  readonly cases: number;
  readonly seconds: number;
  /** Sentences; those of a round begin with its seed. */
  readonly findings: readonly string[];
  readonly failedSeed: number | undefined;
  /** Undefined for a run too short to say. */
  readonly grownBytes: number | undefined;
  readonly allowedBytes: number;
  readonly residentBytes: number;
  readonly descriptorsBefore: number;
  readonly descriptorsAfter: number;
  readonly tally: string;
}

/** The part of a run in which caches fill and code is compiled. */
const WARM_UP = 0.2;
/** Fewer say nothing of a trend. */
const MIN_SAMPLES = 12;

export async function runCampaign(
  target: FuzzTarget,
  { base, count, seconds, mayBeFewer = false, onProgress }: CampaignOptions,
): Promise<CampaignResult> {
  const session = await target.open();
  try {
    const startedMs = performance.now();
    const endMs = startedMs + seconds * 1_000;
    const descriptorsBefore = session.openDescriptors();
    const samples: number[] = [];
    const findings: string[] = [];
    let failedSeed: number | undefined;
    let cases = 0;
    for (let seed = base; cases < count && performance.now() < endMs; seed++) {
      const size = Math.min(target.casesPerRound, count - cases);
      const found = await session.round(seed, size);
      cases += size;
      samples.push(session.residentBytes());
      onProgress?.(cases);
      if (found.length === 0) continue;
      failedSeed = seed;
      findings.push(...found.map((sentence) => `seed ${seed}: ${sentence}`));
      break;
    }
    findings.push(...(await session.finish()));
    if (failedSeed === undefined && cases < count && !mayBeFewer) {
      findings.push(`only ${cases} of ${count} ${target.unit} were made in ${seconds} s`);
    }
    // One round is too few to go by, and one that was broken off has said what is wrong.
    if (failedSeed === undefined && samples.length > 1) {
      findings.push(...shortfallsOf(target.minima, session.tally, cases));
    }
    await settled(() => session.openDescriptors() <= descriptorsBefore);
    const descriptorsAfter = session.openDescriptors();
    if (descriptorsAfter > descriptorsBefore) {
      findings.push(`${descriptorsAfter - descriptorsBefore} sockets are left open`);
    }
    const grownBytes = growthOf(samples);
    const judgedCases = (cases * (1 - WARM_UP)) / 10_000;
    const allowedBytes = FLOOR_BYTES + judgedCases * target.allowedBytesPer10k;
    if (grownBytes !== undefined && grownBytes > allowedBytes) {
      findings.push(`memory grew by ${grownBytes} bytes, and ${allowedBytes} are allowed`);
    }
    return {
      target: target.name,
      unit: target.unit,
      cases,
      seconds: (performance.now() - startedMs) / 1_000,
      findings,
      failedSeed,
      grownBytes,
      allowedBytes,
      residentBytes: samples.at(-1) ?? session.residentBytes(),
      descriptorsBefore,
      descriptorsAfter,
      tally: String(session.tally),
    };
  } finally {
    await session.close();
  }
}

/** What a heap may do without anybody having asked, and a log that fills until a snapshot replaces it. */
const FLOOR_BYTES = 48 * 1024 * 1024;

/** From the first third after the warm-up to the last third. */
export function growthOf(samples: readonly number[]): number | undefined {
  const judged = samples.slice(Math.floor(samples.length * WARM_UP));
  if (judged.length < MIN_SAMPLES) return undefined;
  const third = Math.floor(judged.length / 3);
  return middleOf(judged.slice(-third)) - middleOf(judged.slice(0, third));
}

function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)]!;
}
