/**
 * Which format, and compressed or not: the `Accept` and `Accept-Encoding` headers of a scrape in, an
 * encoding out (RFC 9110, sections 12.5.1 and 12.5.3). A scraper is never refused: one that asks for
 * nothing that we have gets text 0.0.4, which everything reads.
 */
import type { MetricsFormat } from "./text.ts";

export interface Negotiated {
  readonly format: MetricsFormat;
  readonly gzip: boolean;
}

/** `escaping` says how names outside the classic alphabet are written; ours are all inside. */
export const CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
};

interface MediaType {
  readonly type: string;
  readonly subtype: string;
  readonly version: string;
}

const MEDIA_TYPES: Readonly<Record<MetricsFormat, MediaType>> = {
  text: { type: "text", subtype: "plain", version: "0.0.4" },
  openmetrics: { type: "application", subtype: "openmetrics-text", version: "1.0.0" },
};

/** A header of `null` is one that was not sent. */
export function negotiateExposition(
  accept: string | null,
  acceptEncoding: string | null,
): Negotiated {
  return { format: chooseFormat(accept ?? ""), gzip: wantsGzip(acceptEncoding ?? "") };
}

/** One member of a header's list. */
export interface Preference {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** How well a format is wanted: by the most specific range that fits it, as RFC 9110 has it. */
interface Rank {
  readonly quality: number;
  readonly specificity: number;
  /** Place in the header. */
  readonly index: number;
}

function chooseFormat(accept: string): MetricsFormat {
  const ranges = parsePreferences(accept);
  const text = rank(ranges, MEDIA_TYPES.text);
  const openmetrics = rank(ranges, MEDIA_TYPES.openmetrics);
  if (openmetrics.quality !== text.quality) {
    return openmetrics.quality > text.quality ? "openmetrics" : "text";
  }
  // Of two wanted alike, the one that was named more exactly, then the one that was named first.
  if (openmetrics.specificity !== text.specificity) {
    return openmetrics.specificity > text.specificity ? "openmetrics" : "text";
  }
  return openmetrics.index < text.index ? "openmetrics" : "text";
}

function rank(ranges: readonly Preference[], mediaType: MediaType): Rank {
  let best: Rank = { quality: 0, specificity: -1, index: ranges.length };
  for (const [index, range] of ranges.entries()) {
    const specificity = specificityOf(range, mediaType);
    if (specificity > best.specificity) best = { quality: range.quality, specificity, index };
  }
  return best;
}

/** -1 for a range that does not fit. */
function specificityOf({ value, parameters }: Preference, mediaType: MediaType): number {
  if (value === "*/*") return 0;
  if (value === `${mediaType.type}/*`) return 1;
  if (value !== `${mediaType.type}/${mediaType.subtype}`) return -1;
  const version = parameters.get("version");
  if (version === undefined) return 2;
  return version === mediaType.version ? 3 : -1;
}

/** Of an `Accept-Encoding` header. An answer as it is always serves; gzip is taken where it is allowed and nothing is liked better. */
export function wantsGzip(acceptEncoding: string): boolean {
  const codings = new Map<string, number>();
  for (const { value, quality } of parsePreferences(acceptEncoding)) {
    const name = value === "x-gzip" ? "gzip" : value;
    if (!codings.has(name)) codings.set(name, quality);
  }
  const quality = codings.get("gzip") ?? codings.get("*") ?? 0;
  return quality > 0 && quality >= (codings.get("identity") ?? 0);
}

/** Text up to the separator; what stands in quotes hides a separator. */
const MEMBERS = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;
const PARAMETERS = /(?:[^;"]|"(?:[^"\\]|\\.)*"?)+/g;

/** Members with a quality that is not a number from 0 to 1 are passed over. */
export function parsePreferences(header: string): Preference[] {
  const preferences: Preference[] = [];
  for (const member of header.match(MEMBERS) ?? []) {
    const [value = "", ...pairs] = member.match(PARAMETERS) ?? [];
    const parameters = new Map(pairs.map(parseParameter));
    const quality = parseQuality(parameters.get("q"));
    if (quality === undefined) continue;
    preferences.push({ value: value.trim().toLowerCase(), parameters, quality });
  }
  return preferences;
}

function parseParameter(pair: string): [name: string, value: string] {
  const equals = pair.indexOf("=");
  if (equals === -1) return [pair.trim().toLowerCase(), ""];
  const value = pair.slice(equals + 1).trim();
  const quoted = /^"(.*)"$/s.exec(value);
  return [
    pair.slice(0, equals).trim().toLowerCase(),
    quoted === null ? value : quoted[1]!.replaceAll(/\\(.)/gs, "$1"),
  ];
}

function parseQuality(text: string | undefined): number | undefined {
  if (text === undefined) return 1;
  const quality = /^(?:\d(?:\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  return quality <= 1 ? quality : undefined;
}
