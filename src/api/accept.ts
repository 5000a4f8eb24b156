/** Which of the media types on offer a reader would rather have, by its Accept header (RFC 9110, 12.5.1). */
import { parsePreferences, type Preference } from "../metrics/mod.ts";

/**
 * The best of `offered`, which is in the server's own order of preference; null if the header rules out
 * all of them. No header accepts anything.
 */
export function negotiate<T extends string>(
  header: string | null,
  offered: readonly T[],
): T | null {
  if (header === null || header.trim() === "") return offered[0] ?? null;
  const ranges = parsePreferences(header);
  let best: T | null = null;
  let bestQuality = 0;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

/** The most specific range decides, not the most generous. */
function qualityOf(type: string, ranges: readonly Preference[]): number {
  const family = `${type.slice(0, type.indexOf("/"))}/*`;
  for (const name of [type, family, "*/*"]) {
    const range = ranges.find((candidate) => candidate.value === name);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
