/**
 * A new monitor's side of joining: it asks a member, over the HTTP face, what the cluster is called and
 * who belongs to it, and then to be let in. The asking is repeated until it is answered for good: when
 * everything starts at once, the first member may not be there yet.
 */
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Timers } from "../port.ts";
import type { JoinRequest } from "./status.ts";

/** What is read of `GET /cluster`, and of the answer to `POST /cluster/join`. */
const ClusterAnswer = Type.Object({
  clusterId: Type.String({ minLength: 1, maxLength: 128 }),
  members: Type.Array(
    Type.Object({ id: Type.String({ maxLength: 64 }), address: Type.String({ maxLength: 259 }) }),
  ),
});
export type KnownCluster = Static<typeof ClusterAnswer>;

const ProblemAnswer = Type.Object({ detail: Type.String() });

export interface JoinGrants {
  readonly fetch: (request: Request) => Promise<Response>;
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

type Attempt =
  | { readonly kind: "answer"; readonly answer: KnownCluster }
  | { readonly kind: "again" | "final"; readonly detail: string };

async function ask(request: Request, fetch: JoinGrants["fetch"]): Promise<Attempt> {
  try {
    const response = await fetch(request);
    const text = await response.text();
    if (response.ok) return readAnswer(text);
    const detail = `${response.status}: ${detailOf(text)}`;
    // 409: the id is somebody else's, and will be.
    return { kind: response.status === 409 ? "final" : "again", detail };
  } catch (error) {
    return { kind: "again", detail: error instanceof Error ? error.message : String(error) };
  }
}

function readAnswer(text: string): Attempt {
  const value = parse(text);
  if (Value.Check(ClusterAnswer, value)) return { kind: "answer", answer: value };
  return { kind: "again", detail: "this is not the answer of a phi monitor in a cluster" };
}

function detailOf(text: string): string {
  const value = parse(text);
  return Value.Check(ProblemAnswer, value) ? value.detail : text.slice(0, 200);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
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
