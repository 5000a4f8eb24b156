/**
 * How commands talk to a running cluster: a request in, the text of an answer or one line on why there is
 * none out. Any member will do, so several addresses are tried in turn; and a write goes under one
 * idempotency key to all of them, so that one which was made although nobody answered is not made twice.
 */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Fetch } from "../port.ts";
import { whyMoreThanAddress } from "./api_address.ts";
import { adviceOn, type ApiCaGrants, fetchFor } from "./api_ca.ts";

export interface ApiClientArguments {
  /** The HTTP address of a member, or several; commas part them too. */
  readonly api: string | readonly string[];
  /** Where the token for writes is, on one line. */
  readonly tokenFile?: string;
  /** Whom to trust instead of the system's authorities, a PEM file. */
  readonly apiCa?: string;
}

export type ApiClientGrants = ApiCaGrants;

export interface ApiRequest {
  /** Default GET. */
  readonly method?: "GET" | "PUT" | "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type ApiAnswer =
  /** `api`: who answered. */
  | { readonly ok: true; readonly text: string; readonly headers: Headers; readonly api: string }
  | Refused;

export interface Refused {
  readonly ok: false;
  /** Undefined where nobody answered. */
  readonly status: number | undefined;
  /** The `type` of a problem document. */
  readonly problemType: string | undefined;
  readonly message: string;
  /** Whether a member that was asked before the one that said so may have done what was asked. */
  readonly mayBeDone: boolean;
}

export interface ApiClient {
  /** `path` begins with a slash. Never rejects. */
  call(path: string, request?: ApiRequest): Promise<ApiAnswer>;
}

export type ApiClientResult =
  /** `apis`: whom it asks, in turn; `fetch` trusts whom it trusts, for those who ask by themselves. */
  | {
      readonly ok: true;
      readonly client: ApiClient;
      readonly apis: readonly string[];
      readonly fetch: Fetch;
    }
  /** What was asked for wrongly. */
  | { readonly ok: false; readonly message: string };

export interface ApiClientOptions {
  /**
   * How long to wait for one member, in milliseconds. A member answers a write within 2 s or says that it
   * cannot; more helps a slow network, less finds a member that hangs sooner. Default 15,000.
   */
  readonly timeoutMs?: number;
}

export async function openApiClient(
  { api, tokenFile, apiCa }: ApiClientArguments,
  grants: ApiClientGrants,
  { timeoutMs = 15_000 }: ApiClientOptions = {},
): Promise<ApiClientResult> {
  const apis = [api].flat().flatMap((text) => text.split(",").map((part) => part.trim()));
  for (const text of apis) {
    const wrong = whyNoApi(text);
    if (wrong !== undefined) return { ok: false, message: `--api: ${wrong}` };
  }
  const token = await readToken(tokenFile, grants.readTextFile);
  if (!token.ok) return token;
  const trusting = await fetchFor(apiCa, grants);
  if (!trusting.ok) return trusting;
  const call = (path: string, request: ApiRequest = {}) => {
    const headers = { ...headersOf(request, token.token), ...request.headers };
    return callInTurn(apis, path, { ...request, headers }, trusting.fetch, timeoutMs);
  };
  return { ok: true, client: { call }, apis, fetch: trusting.fetch };
}

function whyNoApi(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/u.test(url.protocol)) {
    return `"${text}" is not a URL, as http://127.0.0.1:8000`;
  }
  return whyMoreThanAddress(url);
}

type TokenResult =
  | { readonly ok: true; readonly token: string | undefined }
  | { readonly ok: false; readonly message: string };

async function readToken(
  path: string | undefined,
  readTextFile: ApiClientGrants["readTextFile"],
): Promise<TokenResult> {
  if (path === undefined) return { ok: true, token: undefined };
  if (readTextFile === undefined)
    return { ok: false, message: "--token-file: cannot be read here" };
  try {
    const token = (await readTextFile(path)).trim();
    if (/^[\x21-\x7e]+$/u.test(token)) return { ok: true, token };
    return { ok: false, message: `--token-file: ${path} holds no token on a line of its own` };
  } catch (error) {
    return { ok: false, message: `--token-file: ${path} cannot be read: ${describe(error)}` };
  }
}

/** What reads do not need, they do not carry. */
function headersOf({ method = "GET" }: ApiRequest, token: string | undefined) {
  if (method === "GET") return {};
  return {
    "idempotency-key": crypto.randomUUID(),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
}

/** What one member said. */
type Said = Extract<ApiAnswer, { ok: true }> | Omit<Refused, "mayBeDone">;

type Attempt =
  | { readonly kind: "answer"; readonly answer: Said }
  /** A member that cannot decide, where another may. */
  | {
      readonly kind: "unavailable";
      readonly answer: Extract<Said, { ok: false }>;
      readonly isUnknown: boolean;
    }
  /** `isUnknown`: it may have got the request. `why` is for people; undefined if nobody listens there. */
  | { readonly kind: "silent"; readonly isUnknown: boolean; readonly why: string | undefined };

async function callInTurn(
  apis: readonly string[],
  path: string,
  request: ApiRequest,
  fetch: Fetch,
  timeoutMs: number,
): Promise<ApiAnswer> {
  let refusal: Extract<Attempt, { kind: "unavailable" }> | undefined;
  let isUnknown = false;
  const silent: string[] = [];
  for (const api of apis) {
    const attempt = await callOne(api, path, request, fetch, timeoutMs);
    if (attempt.kind === "answer") {
      const { answer } = attempt;
      return answer.ok ? answer : { ...answer, mayBeDone: isUnknown };
    }
    // One that may have made the write outweighs one that has not.
    if (attempt.kind === "unavailable" && refusal?.isUnknown !== true) refusal = attempt;
    if (attempt.kind === "silent") silent.push(attempt.why ? `${api} (${attempt.why})` : api);
    isUnknown ||= attempt.isUnknown;
  }
  const isDoubtful =
    (request.method ?? "GET") !== "GET" && isUnknown && refusal?.isUnknown !== true;
  const doubt = isDoubtful ? " (whether the write was made is not known)" : "";
  const silence = `no monitor answers at ${silent.join(" or ")}; name another with --api`;
  const none = { status: undefined, problemType: undefined, message: silence };
  const { status, problemType, message } = refusal?.answer ?? none;
  return { ok: false, status, problemType, message: message + doubt, mayBeDone: isUnknown };
}

async function callOne(
  api: string,
  path: string,
  { method = "GET", headers, body }: ApiRequest,
  fetch: Fetch,
  timeoutMs: number,
): Promise<Attempt> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const init: RequestInit = {
      method,
      signal,
      // A monitor sends nobody elsewhere, and the token is for monitors.
      redirect: "manual",
      ...(headers && { headers }),
      ...(body !== undefined && { body }),
    };
    const response = await fetch(new Request(new URL(path, api), init));
    const text = await response.text();
    const { status } = response;
    if (response.ok) {
      return { kind: "answer", answer: { ok: true, text, headers: response.headers, api } };
    }
    const { message, problemType, isUnknown } = explain(status, text);
    const hint = status === 401 && headers?.["authorization"] === undefined ? TOKEN_HINT : "";
    const answer = { ok: false, status, problemType, message: message + hint } as const;
    return status === 503 ? { kind: "unavailable", answer, isUnknown } : { kind: "answer", answer };
  } catch (error) {
    const isRefused = isError(error) && REFUSED.has(error.code);
    const said = [describe(error), adviceOn(error)].filter((part) => part !== undefined);
    const why = isRefused ? undefined : oneLine(said.join("; ")).slice(0, MAX_WHY);
    return { kind: "silent", isUnknown: !isRefused, why };
  }
}

const MAX_WHY = 200;

/** No connection came about, so nothing was asked. Which of them Bun says depends on how it was asked. */
const REFUSED: ReadonlySet<unknown> = new Set(["ConnectionRefused", "ECONNREFUSED"]);

function isError(error: unknown): error is Error & { readonly code?: unknown } {
  return error instanceof Error;
}

const Problem = Type.Object({
  type: Type.Optional(Type.String()),
  detail: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
});

const TOKEN_HINT = " Name the file that holds it with --token-file, or PHI_TOKEN_FILE.";

/** More than these would fill the screen. */
const MAX_ERRORS_SHOWN = 20;

/** One line; where several things are wrong with a body, a further line for each. */
function explain(
  status: number,
  text: string,
): { message: string; problemType: string | undefined; isUnknown: boolean } {
  const problem = parseJson(text);
  if (!Value.Check(Problem, problem)) {
    const message = oneLine(`${status}: ${text.slice(0, 200)}`);
    return { message, problemType: undefined, isUnknown: status === 503 };
  }
  const { detail, errors = [], type } = problem;
  const lines = errors
    .slice(0, MAX_ERRORS_SHOWN)
    .map((error) => `\n  ${oneLine(`${error.pointer}: ${error.detail}`)}`);
  const message = oneLine(`${status}: ${detail}`) + (errors.length > 1 ? lines.join("") : "");
  return { message, problemType: type, isUnknown: type === "urn:phi:problem:write_unknown" };
}

/** What a server says does not move a terminal's cursor. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ").trim();
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
