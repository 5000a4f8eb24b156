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

const WRITTEN =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[Tt ](?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<fraction>\d{1,9}))?(?:[Zz]|(?<sign>[+-])(?<offsetHour>\d\d):(?<offsetMinute>\d\d))$/u;

/** Unix time in milliseconds; undefined for what is no moment as RFC 3339 writes it. Leap seconds are none. */
export function parseRfc3339(text: string): number | undefined {
  const groups = WRITTEN.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const part = (name: string) => Number(groups[name] ?? 0);
  const [year, month, day] = [part("year"), part("month"), part("day")];
  const [hour, minute, second] = [part("hour"), part("minute"), part("second")];
  const [offsetHour, offsetMinute] = [part("offsetHour"), part("offsetMinute")];
  const isTime = hour < 24 && minute < 60 && second < 60 && offsetHour < 24 && offsetMinute < 60;
  const days = daysFromCivil(year, month, day);
  // A day that its month has not is another's.
  const civil = civilFromDays(days);
  if (!isTime || civil.year !== year || civil.month !== month || civil.day !== day)
    return undefined;
  const offsetMinutes = (groups["sign"] === "-" ? -1 : 1) * (60 * offsetHour + offsetMinute);
  const inDayMs = ((60 * hour + minute - offsetMinutes) * 60 + second) * 1_000;
  return days * DAY_MS + inDayMs + Math.floor(Number(`0.${groups["fraction"] ?? 0}`) * 1_000);
}

/** The way back of `civilFromDays`. */
function daysFromCivil(year: number, month: number, day: number): number {
  const yearFromMarch = month <= 2 ? year - 1 : year;
  const era = Math.floor(yearFromMarch / 400);
  const yearOfEra = yearFromMarch - era * 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
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
