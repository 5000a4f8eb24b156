/**
 * How good the detection of one target has been, from its own history: episodes of being called down go
 * in, the measures of Chen, Toueg and Aguilera (2002) come out. One monitor cannot know whether
 * a server that it did not hear was alive. So an episode with evidence of a real outage is an outage, all
 * others are possible mistakes, and what is said of mistakes is a bound: their rate and duration an upper one,
 * the recurrence time and the accuracy a lower one.
 */

const HOUR_MS = 3_600_000;

export type EpisodeKind = "mistake" | "outage";

/** Episodes that ended, and how long they lasted together. */
export interface EpisodeCounts {
  readonly mistakeCount: number;
  readonly mistakeMs: number;
  readonly outageCount: number;
  readonly outageMs: number;
}

export const NO_EPISODES: EpisodeCounts = Object.freeze({
  mistakeCount: 0,
  mistakeMs: 0,
  outageCount: 0,
  outageMs: 0,
});

/** Whether an episode was an outage: there is evidence, or it lasted longer than a mistake can. */
export function episodeKind(
  durationMs: number,
  hasEvidence: boolean,
  mistakeMaxMs: number,
): EpisodeKind {
  return hasEvidence || durationMs > mistakeMaxMs ? "outage" : "mistake";
}

/** Counts episodes as they end. */
export class EpisodeTally implements EpisodeCounts {
  mistakeCount = 0;
  mistakeMs = 0;
  outageCount = 0;
  outageMs = 0;

  /** A target that was called down for `durationMs` is up again. */
  ended(kind: EpisodeKind, durationMs: number): void {
    if (kind === "outage") {
      this.outageCount++;
      this.outageMs += durationMs;
    } else {
      this.mistakeCount++;
      this.mistakeMs += durationMs;
    }
  }
}

/** What is known of a target's time under watch. */
export interface QualityFacts {
  /** For how long it has been judged, less the time in which nobody could listen. */
  readonly judgedMs: number;
  readonly episodes: EpisodeCounts;
  /** Of that, the episode that goes on now: nobody can know yet what it is. 0 if there is none. */
  readonly openMs: number;
  /** The silence from which it is called down, as it is now; Infinity if none is. */
  readonly detectionMs: number;
}

export interface Quality extends EpisodeCounts {
  /** Time in which it was not in an outage: what the measures are of. */
  readonly aliveMs: number;
  /** λ_M, an upper bound. 0 where there was no time. */
  readonly mistakesPerHour: number;
  /** T_MR, from one mistake to the next, a lower bound. Null before there was one. */
  readonly mistakeRecurrenceMs: number | null;
  /** T_M, of the possible mistakes. Null before there was one. */
  readonly mistakeDurationMs: number | null;
  /** P_A, the share of time in which it was rightly not called down, a lower bound. Null where there was no time. */
  readonly queryAccuracy: number | null;
  /** T_D: how long after its last heartbeat a server that crashes right then is called down. Null if it never is. */
  readonly detectionTimeMs: number | null;
}

/** All measures, as they are now. */
export function qualityOf({ judgedMs, episodes, openMs, detectionMs }: QualityFacts): Quality {
  const { mistakeCount, mistakeMs, outageCount, outageMs } = episodes;
  const aliveMs = Math.max(judgedMs - outageMs - openMs, mistakeMs);
  return {
    mistakeCount,
    mistakeMs,
    outageCount,
    outageMs,
    aliveMs,
    mistakesPerHour: aliveMs > 0 ? (mistakeCount * HOUR_MS) / aliveMs : 0,
    mistakeRecurrenceMs: mistakeCount > 0 ? aliveMs / mistakeCount : null,
    mistakeDurationMs: mistakeCount > 0 ? mistakeMs / mistakeCount : null,
    queryAccuracy: aliveMs > 0 ? 1 - mistakeMs / aliveMs : null,
    detectionTimeMs: Number.isFinite(detectionMs) ? detectionMs : null,
  };
}
