/**
 * A moment of the wall clock as people and programs write it: `2026-01-31T23:59:59.123Z`. Pure
 * arithmetic on the proleptic Gregorian calendar, because a module of the core has no clock.
 */

const DAY_MS = 86_400_000;
/** The last moment that has a year of four digits. */
const MAX_MS = 253_402_300_799_999;

/** Null for a moment that cannot be written with four digits of year, NaN included. */
export function formatRfc3339(wallMs: number): string | null {
  if (!(wallMs >= 0 && wallMs <= MAX_MS)) return null;
  const ms = Math.floor(wallMs);
  const { year, month, day } = civilFromDays(Math.floor(ms / DAY_MS));
  const inDay = ms % DAY_MS;
  const hour = Math.floor(inDay / 3_600_000);
  const minute = Math.floor(inDay / 60_000) % 60;
  const second = Math.floor(inDay / 1_000) % 60;
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return `${date}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(inDay % 1_000, 3)}Z`;
}

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+ -]\d\d:\d\d)$/u;

/**
 * Milliseconds since 1970-01-01 UTC; null for what is no moment since then. (The `+` of an offset may be a space: a
 * query makes one of it.)
 */
export function parseRfc3339(text: string): number | null {
  const parts = RFC_3339.exec(text);
  if (parts === null) return null;
  const part = (index: number) => Number(parts[index]);
  const [year, month, day] = [part(1), part(2), part(3)];
  const [hour, minute, second] = [part(4), part(5), part(6)];
  const days = daysFromCivil(year, month, day);
  const isDate = month >= 1 && month <= 12 && day >= 1 && civilFromDays(days).day === day;
  if (!isDate || hour > 23 || minute > 59 || second > 59) return null;
  const offsetMinutes = parseOffset(parts[8]!);
  if (offsetMinutes === null) return null;
  const seconds = (hour * 60 + minute - offsetMinutes) * 60 + second + Number(parts[7] ?? 0);
  const wallMs = days * DAY_MS + Math.round(seconds * 1_000);
  return wallMs >= 0 && wallMs <= MAX_MS ? wallMs : null;
}

/** Minutes east of Greenwich. */
function parseOffset(text: string): number | null {
  if (text === "Z" || text === "z") return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4, 6))];
  if (hours > 23 || minutes > 59) return null;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/** The reverse of `civilFromDays`. */
function daysFromCivil(year: number, month: number, day: number): number {
  const monthFromMarch = (month + 9) % 12;
  const marchYear = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return 365 * marchYear + leapDays + dayOfYear - 719_468;
}

/**
 * Days since 1970-01-01 as a date. Years are counted from March, so that the leap day comes last and
 * the lengths of the months follow one line: day 153/5 of a month number.
 */
function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468; // days since 0000-03-01
  const era = Math.floor(shifted / 146_097); // 400 years
  const dayOfEra = shifted - era * 146_097;
  const leapDays =
    Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const yearStart = 365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - yearStart;
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day };
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
