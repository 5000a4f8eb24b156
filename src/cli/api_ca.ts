/** `--api-ca FILE`: by whose word a monitor's API is believed to be it, where that is no public authority. */
import type { Fetch, FetchTrusting, ReadTextFile } from "../port.ts";

export interface ApiCaGrants {
  readonly fetch: Fetch;
  /** These two are needed where there is a file. */
  readonly fetchTrusting?: FetchTrusting;
  readonly readTextFile?: ReadTextFile;
}

export type FetchForResult =
  | { readonly ok: true; readonly fetch: Fetch }
  | { readonly ok: false; readonly message: string };

/** The fetch that trusts who the file says, or the system's authorities without one. */
export async function fetchFor(
  path: string | undefined,
  { fetch, fetchTrusting, readTextFile }: ApiCaGrants,
): Promise<FetchForResult> {
  if (path === undefined) return { ok: true, fetch };
  if (fetchTrusting === undefined || readTextFile === undefined) {
    return { ok: false, message: "--api-ca: cannot be read here" };
  }
  try {
    const result = fetchTrusting(await readTextFile(path));
    return result.ok ? result : { ok: false, message: `--api-ca: ${path}: ${result.detail}` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, message: `--api-ca: ${path} cannot be read: ${why}` };
  }
}

/** What to do about a certificate that is not trusted; undefined for any other error. */
export function adviceOn(error: unknown): string | undefined {
  const isUntrusted =
    error instanceof Error && "code" in error && error.code === "UNTRUSTED_CERTIFICATE";
  return isUntrusted ? "--api-ca FILE names whom to trust" : undefined;
}
