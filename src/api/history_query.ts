/**
 * What a question about a history asks for: `?from=&to=&limit=`, each of which may be left out. Moments are written as
 * RFC 3339 has them, or as Unix seconds.
 */
import { problem } from "./problem.ts";
import { show } from "./query_guard.ts";
import { parseRfc3339 } from "../moment/mod.ts";

export interface HistoryRange {
  readonly fromWallMs: number;
  /** Not included itself. */
  readonly toWallMs: number;
  readonly limit: number;
}

export type HistoryQueryResult =
  | { readonly ok: true; readonly range: HistoryRange }
  | { readonly ok: false; readonly response: Response };

export const DEFAULT_SPAN_MS = 86_400_000;
export const DEFAULT_LIMIT = 1_000;
/** About half a megabyte. */
export const MAX_LIMIT = 10_000;

const PARAMETERS = ["from", "to", "limit"];

export function readHistoryQuery(request: Request, nowWallMs: number): HistoryQueryResult {
  const { searchParams } = new URL(request.url);
  for (const name of PARAMETERS) {
    if (searchParams.getAll(name).length > 1) return invalid(`"${name}" must be given once.`);
  }
  const [from, to, limit] = PARAMETERS.map((name) => searchParams.get(name));
  const toWallMs = to === null ? nowWallMs + 1 : parseMoment(to!);
  if (toWallMs === null) return invalid(whyNoMoment("to", to!));
  const dayBeforeMs = Math.max(toWallMs - DEFAULT_SPAN_MS, 0);
  const fromWallMs = from === null ? dayBeforeMs : parseMoment(from!);
  if (fromWallMs === null) return invalid(whyNoMoment("from", from!));
  if (fromWallMs > toWallMs) return invalid('"from" must not be later than "to".');
  const count = limit === null ? DEFAULT_LIMIT : parseLimit(limit!);
  if (count === null) {
    return invalid(
      `"limit" must be a whole number from 1 to ${MAX_LIMIT}, received ${show(limit!)}.`,
    );
  }
  return { ok: true, range: { fromWallMs, toWallMs, limit: count } };
}

function parseMoment(text: string): number | null {
  if (/^\d{1,12}(?:\.\d{1,9})?$/u.test(text)) return Number(text) * 1_000;
  // The `+` of an offset becomes a space in a query that does not escape it.
  const moment = parseRfc3339(text.replace(/ (?=\d\d:\d\d$)/u, "+"));
  return moment !== undefined && moment >= 0 ? moment : null;
}

function parseLimit(text: string): number | null {
  if (!/^\d{1,9}$/u.test(text)) return null;
  const limit = Number(text);
  return limit >= 1 && limit <= MAX_LIMIT ? limit : null;
}

function whyNoMoment(name: string, text: string): string {
  return `"${name}" must be a time such as 2026-01-31T12:00:00Z, or Unix seconds, received ${show(text)}.`;
}

function invalid(detail: string): HistoryQueryResult {
  return { ok: false, response: problem("invalid_query", detail) };
}
