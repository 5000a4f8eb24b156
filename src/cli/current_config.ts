/** The config of a running cluster as commands read it: with its revision, or why it cannot be had. */
import { decodeConfigText, formatConfigError, type Target } from "../config/mod.ts";
import type { ApiClient } from "./api_client.ts";

export interface CurrentConfig {
  /** As the API gives it, in quotes. */
  readonly etag: string;
  readonly targets: readonly Target[];
  /** Who answered. */
  readonly api: string;
}

export type CurrentConfigResult =
  | { readonly ok: true; readonly config: CurrentConfig }
  | { readonly ok: false; readonly message: string };

/** `isStale`: what the monitor has will do, where there is no quorum to ask. */
export async function readCurrentConfig(
  client: ApiClient,
  { isStale = false } = {},
): Promise<CurrentConfigResult> {
  const path = isStale ? "/config?stale=true" : "/config";
  const answer = await client.call(path, { headers: { accept: "application/json" } });
  if (!answer.ok) return answer;
  const etag = answer.headers.get("etag");
  const { api } = answer;
  if (etag === null) return { ok: false, message: `${api} is not a phi monitor` };
  const decoded = decodeConfigText(answer.text, undefined, "json", "any");
  if (decoded.ok) return { ok: true, config: { etag, targets: decoded.targets, api } };
  const why = decoded.errors.map(formatConfigError)[0] ?? "";
  return { ok: false, message: `the config of ${api} cannot be read by this version: ${why}` };
}
