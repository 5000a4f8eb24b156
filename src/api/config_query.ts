/** What the query of a read of the config asks for: `?stale=true`, and nothing else. */
import { problem } from "./problem.ts";

export type ConfigQueryResult =
  /** `isStale`: whatever this monitor has now will do. */
  | { readonly ok: true; readonly isStale: boolean }
  | { readonly ok: false; readonly response: Response };

export function readConfigQuery(request: Request): ConfigQueryResult {
  const { searchParams } = new URL(request.url);
  const unknown = [...searchParams.keys()].find((name) => name !== "stale");
  if (unknown !== undefined) {
    return invalid(`The only query parameter is "stale", received ${show(unknown)}.`);
  }
  const [value = "false", ...others] = searchParams.getAll("stale");
  if (others.length > 0) return invalid('"stale" must be given once.');
  if (value === "true" || value === "false") return { ok: true, isStale: value === "true" };
  return invalid(`"stale" must be true or false, received ${show(value)}.`);
}

function show(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function invalid(detail: string): ConfigQueryResult {
  return { ok: false, response: problem("invalid_query", detail) };
}
