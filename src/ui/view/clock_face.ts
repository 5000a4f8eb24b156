/** Moments as the reader's place writes them. */

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const SHORT_CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Unix time as a time of day; empty for what is not known. */
export function formatTime(wallMs: number): string {
  return Number.isFinite(wallMs) ? TIME.format(wallMs) : "";
}

/** With the day. */
export function formatMoment(wallMs: number): string {
  return Number.isFinite(wallMs) ? MOMENT.format(wallMs) : "";
}

/** As short as a clock on the wall, for an axis. */
export function formatClock(wallMs: number): string {
  return CLOCK.format(wallMs);
}

/** Without the seconds. */
export function formatShortClock(wallMs: number): string {
  return SHORT_CLOCK.format(wallMs);
}
