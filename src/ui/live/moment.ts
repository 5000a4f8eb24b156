/**
 * Moments as the API writes them, `2026-01-31T23:59:59.123Z`, as numbers; and the monitor's clock as it is
 * seen from here. What a monitor says happened "3 s ago" by its own clock must not become an hour because
 * the reader's clock is wrong.
 */
import type { Clock } from "../../port.ts";

const PATTERN = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?Z$/;

/** Unix time in milliseconds; NaN for what is not written like that. */
export function momentOf(text: string | null | undefined): number {
  const parts = PATTERN.exec(text ?? "");
  if (parts === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const ms = Number((parts[7] ?? "0").padEnd(3, "0"));
  const seconds = hour! * 3_600 + minute! * 60 + second!;
  return daysFromCivil(year!, month!, day!) * 86_400_000 + seconds * 1_000 + ms;
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

/** Days since 1970-01-01. Years are counted from March, so that the leap day comes last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
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
