/** Numbers and times as people read them at night. */

/** `0.4 s`, `45 s`, `3 min 5 s`, `2 h 12 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(ms, 0) / 1_000;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return twoParts(Math.floor(whole / 60), "min", whole % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return twoParts(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(seconds / 3_600);
  return twoParts(Math.floor(hours / 24), "d", hours % 24, "h");
}

function twoParts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** Seconds to the millisecond: `1.002 s`. */
export function exactly(ms: number): string {
  return `${Number((ms / 1_000).toFixed(3))} s`;
}

/** Two places are enough to compare it with a threshold; beyond a thousand, nobody does. */
export function phiText(phi: number): string {
  return phi > 1_000 ? "over 1000" : `${Number(phi.toFixed(2))}`;
}

/** Writes a moment as RFC 3339 in UTC; null for one that cannot be written. */
export type FormatTime = (wallMs: number) => string | null;

/** `12:00:59 UTC`, with the date where it is another than today's. */
export function moment(wallMs: number, nowWallMs: number, formatTime: FormatTime): string {
  const [text, now] = [formatTime(wallMs), formatTime(nowWallMs)];
  if (text === null) return "an unknown time";
  const [date, time] = [text.slice(0, 10), text.slice(11, 19)];
  return date === now?.slice(0, 10) ? `${time} UTC` : `${date} ${time} UTC`;
}

/** `1 heartbeat`, `2 heartbeats`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
