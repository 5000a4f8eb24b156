/** How long, as people write it: `90s`, `30m`, `2h30m`, `1d`. */

const PART = /(?<count>\d{1,6})(?<unit>[smhd])/gu;
const WHOLE = /^(?:\d{1,6}[smhd])+$/u;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Whole seconds, > 0; undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!WHOLE.test(text)) return undefined;
  let seconds = 0;
  for (const { groups } of text.matchAll(PART)) {
    seconds += Number(groups?.["count"]) * SECONDS[groups?.["unit"] ?? "s"]!;
  }
  return seconds > 0 ? seconds : undefined;
}
