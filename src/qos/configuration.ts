/**
 * What can be promised of a link of which only the loss and the spread of its delays are known: the
 * configuration procedure of Chen, Toueg and Aguilera (2002). It bounds by the one-sided inequality,
 * P(D - E(D) > t) <= V(D) / (V(D) + t²), which holds for every distribution, and takes heartbeats for
 * independent of one another. So a promise that it lets pass holds on any such link, and one that it refuses may still
 * be kept by a link that is better than it has to be.
 */
import { requireNumbers } from "./_number_rules.ts";

export const MONTH_MS = 30 * 86_400_000;

/** What is known of the way from a target's heartbeats to here. */
export interface LinkFacts {
  /** The share of heartbeats that never arrive: [0, 1]. */
  readonly lossShare: number;
  /** E(D). 0 where the detection time is counted from an arrival, which took as long itself. */
  readonly delayMeanMs: number;
  /** V(D), in ms². */
  readonly delayVariance: number;
}

/**
 * No promise builds on more heartbeats in a row than this, so that whoever has to ask for them needs no more
 * questions out at once.
 */
export const MOST_QUESTIONS_OUT = 16;

/** Stops where nobody counts any more: a mistake in 10^30 ms. */
const LARGEST_LOG = 30 * Math.LN10;

/**
 * A lower bound for the mean time between mistakes, T_MR, of a detector that allows `detectMs` from a
 * crash to its detection, with a heartbeat each `intervalMs`. At least one interval, at most 10^30 ms.
 */
export function leastRecurrenceMs(link: LinkFacts, intervalMs: number, detectMs: number): number {
  const { lossShare, delayVariance } = link;
  const slackMs = detectMs - link.delayMeanMs;
  let log = Math.log(intervalMs);
  // The heartbeats that would all have to be late or lost; each is one more factor, of at least 1.
  const heartbeats = Math.min(Math.ceil(slackMs / intervalMs) - 1, MOST_QUESTIONS_OUT);
  for (let index = 1; index <= heartbeats && log < LARGEST_LOG; index++) {
    const square = (slackMs - index * intervalMs) ** 2;
    // Of one that is due at that very moment nothing is known.
    if (square === 0) continue;
    log += Math.log((delayVariance + square) / (delayVariance + lossShare * square));
  }
  return Math.exp(Math.min(log, LARGEST_LOG));
}

/** The most false alarms a month that the bound allows for. */
export function mostFalseAlarmsPerMonth(
  link: LinkFacts,
  intervalMs: number,
  detectMs: number,
): number {
  return MONTH_MS / leastRecurrenceMs(link, intervalMs, detectMs);
}

/** Ratio of two detection times, or two intervals, that are tried one after the other. */
const STEP = 1.01;

/**
 * The shortest detection time, within a hundredth, that the bound allows with at most so many false
 * alarms a month; Infinity if even `longestMs` is too short.
 *
 * @throws {RangeError} If interval, mean delay or `longestMs` is out of its range.
 */
export function shortestDetectionMs(
  link: LinkFacts,
  intervalMs: number,
  falseAlarmsPerMonth: number,
  longestMs: number,
): number {
  const doing = "find a detection time";
  requireNumbers(doing, "> 0 and finite", { intervalMs });
  requireNumbers(doing, ">= 0", { delayMeanMs: link.delayMeanMs });
  requireNumbers(doing, "> 0", { longestMs });
  const suffices = (detectMs: number) =>
    mostFalseAlarmsPerMonth(link, intervalMs, detectMs) <= falseAlarmsPerMonth;
  let low = link.delayMeanMs + intervalMs;
  let high = low;
  // The bound only gets better with time, so it may be halved.
  while (!suffices(high)) {
    if (high >= longestMs) return Infinity;
    low = high;
    high = Math.min(2 * high, longestMs);
  }
  while (high > low * STEP) {
    const middle = Math.sqrt(low * high);
    if (suffices(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The longest interval, within a hundredth and from `leastMs` to `mostMs`, with which the bound allows both
 * promises; null if there is none. A shorter one is not always better: it is where one more heartbeat fits in
 * that the bound jumps.
 *
 * @throws {RangeError} If `leastMs` or `mostMs` is not above 0, or not finite.
 */
export function longestIntervalMs(
  link: LinkFacts,
  promise: { readonly detectMs: number; readonly falseAlarmsPerMonth: number },
  { leastMs, mostMs }: { readonly leastMs: number; readonly mostMs: number },
): number | null {
  requireNumbers("find an interval", "> 0 and finite", { leastMs, mostMs });
  const { detectMs, falseAlarmsPerMonth } = promise;
  const suffices = (intervalMs: number) =>
    mostFalseAlarmsPerMonth(link, intervalMs, detectMs) <= falseAlarmsPerMonth;
  for (let intervalMs = mostMs; intervalMs > leastMs; intervalMs /= STEP) {
    if (suffices(intervalMs)) return intervalMs;
  }
  return suffices(leastMs) ? leastMs : null;
}
