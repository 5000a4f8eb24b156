/** One POST to a receiver, with a deadline over all of it: a request in, what became of it out. */
import type { FetchAt, Timers } from "../port.ts";

export type AddressesResult =
  | { readonly ok: true; readonly ips: readonly string[] }
  | { readonly ok: false; readonly detail: string };

/** What a receiver is reached by. */
export interface PostWorld {
  /** Must not follow redirects where a request says so, and may reject. */
  readonly fetchAt: FetchAt;
  /**
   * At which addresses, one or more, this URL may be contacted now, in the order in which to try them. Never
   * rejects.
   */
  readonly addressesOf: (url: string) => Promise<AddressesResult>;
  readonly timers: Pick<Timers, "after">;
}

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMillis: number;
}

/** `detail` never has more of the URL than its origin, and nothing of what the receiver answered. */
export type PostOutcome =
  | { readonly kind: "taken" }
  /** It will not take this, however often it is sent. */
  | { readonly kind: "refused"; readonly detail: string }
  /** It may take it another time; or it has taken it, and its answer was lost. */
  | { readonly kind: "failed"; readonly detail: string; readonly retryAfterMs?: number };

/** What is said of the request's content. All else may be mended at the receiver: it is tried again. */
const REFUSALS = new Set([400, 413, 422]);

/** Never rejects. */
export async function post(
  ready: Post,
  { fetchAt, addressesOf, timers }: PostWorld,
): Promise<PostOutcome> {
  const { url, timeoutMillis } = ready;
  const controller = new AbortController();
  const { signal } = controller;
  const overdue = new Promise<PostOutcome>((resolve) => {
    signal.addEventListener("abort", () => {
      resolve({ kind: "failed", detail: `${originOf(url)} did not answer in ${timeoutMillis} ms` });
    });
  });
  const cancel = timers.after(timeoutMillis, () => controller.abort());
  const attempt = async (): Promise<PostOutcome> => {
    const found = await addressesOf(url);
    if (!found.ok) return { kind: "failed", detail: found.detail };
    const response = await firstAnswer(ready, found.ips, signal, fetchAt);
    if (response === undefined) return overdue;
    await response.body?.cancel();
    return outcomeOf(response, url);
  };
  try {
    return await Promise.race([attempt(), overdue]);
  } catch (error) {
    return { kind: "failed", detail: `${originOf(url)} cannot be reached: ${codeOf(error)}` };
  } finally {
    cancel();
  }
}

/** From the first address that gives one; undefined if there was no time for any. Else rejects as the last did. */
async function firstAnswer(
  { url, headers, body }: Post,
  ips: readonly string[],
  signal: AbortSignal,
  fetchAt: FetchAt,
): Promise<Response | undefined> {
  let lastError: unknown;
  for (const ip of ips) {
    if (signal.aborted) return undefined;
    const request = new Request(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      redirect: "manual",
      signal,
    });
    try {
      return await fetchAt(request, ip);
    } catch (error) {
      lastError = error;
    }
  }
  throw lastError;
}

function outcomeOf({ status, headers }: Response, url: string): PostOutcome {
  if (status >= 200 && status < 300) return { kind: "taken" };
  const detail = `${originOf(url)} answered ${status}`;
  if (REFUSALS.has(status)) return { kind: "refused", detail };
  if (status >= 300 && status < 400) {
    return { kind: "failed", detail: `${detail}: redirects are not followed` };
  }
  const seconds = /^\d{1,5}$/u.exec(headers.get("retry-after") ?? "")?.[0];
  return {
    kind: "failed",
    detail,
    ...(seconds !== undefined && { retryAfterMs: Number(seconds) * 1_000 }),
  };
}

/** What may be shown of a URL: its path and query may be as good as a password. */
export function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "the receiver";
}

/** A runtime's messages repeat URLs; its codes do not. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "an error";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
