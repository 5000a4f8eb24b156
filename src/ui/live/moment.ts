/**
 * Moments as the API and HTTP write them, as numbers; and the monitor's clock as it is seen from here. What a monitor says happened "3 s ago" by its own clock must not become an hour because
 * the reader's clock is wrong.
 */
import { parseRfc3339 } from "../../moment/mod.ts";
import type { Clock } from "../../port.ts";

/** Unix time in milliseconds of a moment as the API writes it; NaN for what is none. */
export function momentOf(text: string | null | undefined): number {
  return parseRfc3339(text ?? "") ?? Number.NaN;
}

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const HTTP_DATE = /^\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d) GMT$/;

/** The same of a `Date` header (RFC 9110, 5.6.7). */
export function momentOfHttpDate(text: string | null): number {
  const parts = HTTP_DATE.exec(text ?? "");
  if (parts === null) return Number.NaN;
  const [day, monthName, year, time] = parts.slice(1);
  const month = String(MONTHS.indexOf(monthName!) / 3 + 1).padStart(2, "0");
  return momentOf(`${year}-${month}-${day}T${time}Z`);
}

/** Off by more than this it is set anew: HTTP dates are whole seconds, and answers take their time. */
const TOLERANCE_MS = 2_500;

export class MonitorClock {
  readonly #clock: Clock;
  /** Of the monitor's wall clock over this one's monotonic clock; null before it was ever told. */
  #offsetMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The monitor's wall clock, now. This reader's own until it is known. */
  wallMs(): number {
    if (this.#offsetMs === null) return this.#clock.wallMs();
    return this.#clock.monotonicMs() + this.#offsetMs;
  }

  /** What the monitor has just said its time is. NaN is passed over. */
  set(wallMs: number): void {
    if (Number.isNaN(wallMs)) return;
    this.#offsetMs = wallMs - this.#clock.monotonicMs();
  }

  /** The same with a whole second's uncertainty: corrects only what must be wrong. */
  check(wallMs: number): void {
    if (Number.isNaN(wallMs)) return;
    if (this.#offsetMs === null || Math.abs(this.wallMs() - wallMs) > TOLERANCE_MS)
      this.set(wallMs);
  }
}
