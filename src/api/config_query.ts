/** What the query of a read of the config asks for: `?stale=true`. */
import { problem } from "./problem.ts";
import { show } from "./query_guard.ts";

export type ConfigQueryResult =
  /** `isStale`: whatever this monitor has now will do. */
  | { readonly ok: true; readonly isStale: boolean }
  | { readonly ok: false; readonly response: Response };

export function readConfigQuery(request: Request): ConfigQueryResult {
  const { searchParams } = new URL(request.url);
  const [value = "false", ...others] = searchParams.getAll("stale");
  if (others.length > 0) return invalid('"stale" must be given once.');
  if (value === "true" || value === "false") return { ok: true, isStale: value === "true" };
  return invalid(`"stale" must be true or false, received ${show(value)}.`);
}

function invalid(detail: string): ConfigQueryResult {
  return { ok: false, response: problem("invalid_query", detail) };
}
