/**
 * A new monitor's side of joining: it asks a member, over the HTTP face, what the cluster is called and
 * who belongs to it, and then to be let in. The asking is repeated until it is answered for good: when
 * everything starts at once, the first member may not be there yet.
 */
import type { Fetch, Timers } from "../port.ts";
import {
  type JoinAnswer,
  type KnownCluster,
  readJoinAnswer,
  readJoinError,
} from "./join_answer.ts";
import type { JoinRequest } from "./status.ts";

export interface JoinGrants {
  readonly fetch: Fetch;
  readonly timers: Timers;
  /** Hears why an attempt failed, once for each reason in a row. */
  readonly onTrouble: (detail: string) => void;
  /** Aborts the asking. */
  readonly signal: AbortSignal;
}

export interface JoinTarget {
  /** The HTTP face of any member: `http://HOST:PORT`. */
  readonly url: string;
  /** The bearer token that the members' API wants of writes. */
  readonly token?: string;
}

export type Asked<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  /** There is no use in asking again, or nobody wants to know any more. */
  | { readonly ok: false; readonly detail: string };

const GIVEN_UP = { ok: false, detail: "the joining was given up" } as const;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** An answer takes a commit or two; more, and the member is as good as gone. */
const TIMEOUT_MS = 10_000;

/** Asks a member about its cluster until it answers. Rejects never. */
export function findCluster(target: JoinTarget, grants: JoinGrants): Promise<Asked<KnownCluster>> {
  return askUntilAnswered(target, "GET", "/cluster", undefined, grants);
}

/** Asks to be let in until that is so, or refused for good. Rejects never. */
export function askToJoin(
  target: JoinTarget,
  request: JoinRequest,
  grants: JoinGrants,
): Promise<Asked<KnownCluster>> {
  return askUntilAnswered(target, "POST", "/cluster/join", request, grants);
}

async function askUntilAnswered(
  target: JoinTarget,
  method: string,
  path: string,
  body: unknown,
  { fetch, timers, onTrouble, signal }: JoinGrants,
): Promise<Asked<KnownCluster>> {
  let lastTrouble = "";
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if (signal.aborted) return GIVEN_UP;
    const request = new Request(new URL(path, target.url), init(target, method, body, signal));
    const result = await ask(request, fetch);
    if (result.kind === "answer") return { ok: true, answer: result.answer };
    // What failed then failed by that.
    if (signal.aborted) return GIVEN_UP;
    const trouble = `${target.url}${path}: ${result.detail}`;
    if (result.kind === "final") return { ok: false, detail: trouble };
    if (trouble !== lastTrouble) onTrouble(trouble);
    lastTrouble = trouble;
    await pause(pauseMs, timers, signal);
  }
}

function init(
  { token }: JoinTarget,
  method: string,
  body: unknown,
  signal: AbortSignal,
): RequestInit {
  return {
    method,
    headers: {
      accept: "application/json",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    redirect: "error",
  };
}

async function ask(request: Request, fetch: JoinGrants["fetch"]): Promise<JoinAnswer> {
  try {
    const response = await fetch(request);
    return readJoinAnswer(response.status, await response.text());
  } catch (error) {
    return readJoinError(error);
  }
}

function pause(delayMs: number, timers: Timers, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = timers.after(delayMs, end);
    signal.addEventListener("abort", end);
  });
}
