/** One POST to a receiver, with a deadline over all of it: a request in, what became of it out. */
import type { Timers } from "../port.ts";

/** What a receiver is reached by. */
export interface PostWorld {
  /** Must not follow redirects where a request says so, and may reject. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Whether this URL may be contacted now, its name looked up. Never rejects. */
  readonly mayContact: (
    url: string,
  ) => Promise<{ readonly ok: true } | { readonly ok: false; readonly detail: string }>;
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
  { url, headers, body, timeoutMillis }: Post,
  { fetch, mayContact, timers }: PostWorld,
): Promise<PostOutcome> {
  const controller = new AbortController();
  const { signal } = controller;
  const overdue = new Promise<PostOutcome>((resolve) => {
    signal.addEventListener("abort", () => {
      resolve({ kind: "failed", detail: `${originOf(url)} did not answer in ${timeoutMillis} ms` });
    });
  });
  const cancel = timers.after(timeoutMillis, () => controller.abort());
  const attempt = async (): Promise<PostOutcome> => {
    const allowed = await mayContact(url);
    if (!allowed.ok) return { kind: "failed", detail: allowed.detail };
    if (signal.aborted) return overdue;
    const request = new Request(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      redirect: "manual",
      signal,
    });
    const response = await fetch(request);
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
