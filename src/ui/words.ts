/**
 * How verdicts, numbers and spans of time are written for people, on the page and in a terminal alike.
 * Colour is never the only sign of anything: each verdict has a word and a shape too.
 */
import { COMBINED_VERDICTS, type CombinedVerdict, VERDICTS, type Verdict } from "../verdict/mod.ts";

/** Bad news first. */
export const WORST_FIRST = ["down", "partial", "suspect", "unknown", "up"] as const;

/** 0 for the worst. */
export const BADNESS: Readonly<Record<CombinedVerdict, number>> = {
  down: 0,
  partial: 1,
  suspect: 2,
  unknown: 3,
  up: 4,
};

/** As characters, for where shapes cannot be drawn. */
export const SIGNS: Readonly<Record<CombinedVerdict, string>> = {
  down: "✖",
  partial: "◐",
  suspect: "▲",
  unknown: "?",
  up: "●",
};

export function isCombinedVerdict(value: unknown): value is CombinedVerdict {
  return COMBINED_VERDICTS.some((verdict) => verdict === value);
}

export function isVerdict(value: unknown): value is Verdict {
  return VERDICTS.some((verdict) => verdict === value);
}

/** The letters of `GET /observers/matrix`. */
const VERDICT_OF_LETTER: ReadonlyMap<string, Verdict> = new Map([
  ["u", "up"],
  ["s", "suspect"],
  ["d", "down"],
  ["n", "unknown"],
]);

/** What one observer says of one target; `verdict` is null where it is not heard. */
export interface Cell {
  readonly verdict: Verdict | null;
  /** False where it doubts itself, and so is not counted. */
  readonly isCounted: boolean;
}

/** Every letter is one of these few, so that ten thousand targets make no new objects. */
const CELLS: ReadonlyMap<string, Cell> = new Map(
  [...VERDICT_OF_LETTER].flatMap(([letter, verdict]): [string, Cell][] => [
    [letter, { verdict, isCounted: true }],
    [letter.toUpperCase(), { verdict, isCounted: false }],
  ]),
);

const NOT_HEARD: Cell = { verdict: null, isCounted: false };

export function cellOf(letter: string | undefined): Cell {
  return CELLS.get(letter ?? "-") ?? NOT_HEARD;
}

/** `down`, `down (in doubt)`, `not heard`. */
export function describeCell({ verdict, isCounted }: Cell): string {
  if (verdict === null) return "not heard";
  return isCounted ? verdict : `${verdict} (in doubt)`;
}

/** A level that φ is held against, as short as it was written; what follows from a budget has no end of places. */
export function formatLevel(level: number): string {
  return level < 100 ? `${Number(level.toPrecision(4))}` : formatPhi(level);
}

/** Two places are enough to watch it rise; far above every threshold only the magnitude counts. */
export function formatPhi(phi: number): string {
  if (phi < 100) return phi.toFixed(2);
  return phi < 1e6 ? phi.toFixed(0) : phi.toExponential(1);
}

/** A span of time in its two largest units; tenths below ten seconds. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  return formatWholeSpan(ms);
}

/** The same without tenths: for what is looked at, not measured. */
export function formatWholeSpan(ms: number): string {
  const whole = Math.round(Math.max(0, ms) / 1_000);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor(minutes / 60) % 24} h`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listInWords(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
