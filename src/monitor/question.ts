/**
 * What a target is asked, and how often: all of its config but how the answers are judged and what it is
 * labelled with. Two configs that ask alike have the same rhythm to learn. And by what φ is reckoned, since what was
 * learnt of that by another process may have been learnt under another config.
 */
import { sameTarget, type Target } from "../config/mod.ts";

/** Whether two configs of a target ask the same question at the same rhythm. */
export function asksAlike(a: Target, b: Target): boolean {
  return sameTarget({ ...a, monitor: b.monitor, labels: b.labels }, b);
}

/** Whether they are also judged alike, so that how well one was judged says something of the other. */
export function judgesAlike(a: Target, b: Target): boolean {
  return sameTarget({ ...a, labels: b.labels }, b);
}

/**
 * Sixteen hexadecimal digits that stand for the question: for whoever has to recognize it later and must
 * not keep it, because headers may hold secrets. Nobody gains by two that are the same.
 */
export function questionDigest(target: Target): string {
  const text = question(target);
  return digits(fnv1a(text, FNV_OFFSET)) + digits(fnv1a(text, FNV_OFFSET + 1));
}

/**
 * A whole number, below 2^32, that stands for all that φ follows from beside the gaps, once enough of those are known. How
 * far φ rose under one model, or one least deviation, says nothing of another.
 */
export function phiDigest({ monitor }: Target): number {
  const { model, acceptableHeartbeatPauseMillis, minStdDeviationMillis, maxSampleSize } = monitor;
  const ofWindow = model === "calibrated" ? [] : [minStdDeviationMillis, maxSampleSize];
  const text = JSON.stringify([model, acceptableHeartbeatPauseMillis, ...ofWindow]);
  return fnv1a(text, FNV_OFFSET);
}

/** The order of the members is nobody's choice, so it does not count. */
function question({ monitor: _monitor, labels: _labels, ...rest }: Target): string {
  return JSON.stringify(rest, (_, value: unknown) => (isRecord(value) ? sorted(value) : value));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const pairs = Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(pairs);
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over UTF-16 code units. */
function fnv1a(text: string, offset: number): number {
  let hash = offset;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return hash >>> 0;
}

function digits(hash: number): string {
  return hash.toString(16).padStart(8, "0");
}
