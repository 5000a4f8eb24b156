/** Where things are on the chart: what all of its parts share. Lengths are pixels, times milliseconds. */
import type { Markup } from "./element.ts";

export const WIDTH = 1_200;
/** Of the plots; what stands left of it are names and numbers. */
export const LEFT = 96;
export const RIGHT = WIDTH - 24;

export const INK = "#1f2933";
export const QUIET = "#6b7785";
export const RULE = "#dde3e9";

/** One for each target, told apart by people who do not see red and green as well (Okabe and Ito). */
const TARGET_COLORS = ["#0072b2", "#d55e00", "#009e73", "#aa4499", "#56b4e9", "#e69f00"];

export function targetColor(index: number): string {
  return TARGET_COLORS[index % TARGET_COLORS.length]!;
}

/** A part of the chart: what it draws, and how much room it takes. */
export interface Panel {
  readonly height: number;
  draw(top: number): readonly Markup[];
}

/** Leads times to places from left to right. */
export class TimeScale {
  readonly #durationMs: number;

  /** `durationMs` > 0 is the whole width. */
  constructor(durationMs: number) {
    this.#durationMs = durationMs;
  }

  /** Times before the beginning and after the end are at the edges. */
  x(atMs: number): number {
    const share = Math.min(1, Math.max(0, atMs / this.#durationMs));
    return LEFT + share * (RIGHT - LEFT);
  }

  /** Whole numbers of seconds, five at least apart, no more than some fifteen of them. */
  ticksMs(): number[] {
    const steps = [5_000, 10_000, 30_000, 60_000, 300_000];
    const step = steps.find((each) => this.#durationMs / each <= 15) ?? 600_000;
    const count = Math.floor(this.#durationMs / step) + 1;
    return Array.from({ length: count }, (_, index) => index * step);
  }
}
