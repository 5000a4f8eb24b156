/**
 * A monitor's HTTP API as the harness uses it: each call is one request with a deadline, and the result
 * says what came of it, refusals and silence included. Nothing here throws for what a monitor does.
 */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { COMBINED_VERDICTS, VERDICTS } from "../../src/verdict/mod.ts";
import type { ConfigOutcome, ConfigValues } from "./operation.ts";
import type { TargetSample } from "./recording.ts";

/** The label of a target that a client's writes change. */
export const VALUE_LABEL = "value";

/** An answer, or why there was none: `refused` if nobody listens, so that nothing can have come of it. */
export type Answer =
  | { readonly ok: true; readonly status: number; readonly headers: Headers; readonly text: string }
  | { readonly ok: false; readonly reason: "refused" | "lost"; readonly detail: string };

/** `timeoutMs` > 0 is for the whole of it. */
export async function ask(url: string, timeoutMs: number, init: RequestInit = {}): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    // A connection of its own: what breaks on one that was kept, Bun asks again by another, and if nobody
    // listens there any more it says "refused" of what the first may have brought about.
    const response = await fetch(url, { ...init, signal, keepalive: false });
    const text = await response.text();
    return { ok: true, status: response.status, headers: response.headers, text };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    // Which of the two Bun says depends on how it was asked.
    const isRefused =
      error instanceof Error &&
      "code" in error &&
      (error.code === "ConnectionRefused" || error.code === "ECONNREFUSED");
    return { ok: false, reason: isRefused ? "refused" : "lost", detail };
  }
}

const Targets = Type.Array(
  Type.Object({
    name: Type.String(),
    phi: Type.Number(),
    verdict: Type.Union(VERDICTS.map((verdict) => Type.Literal(verdict))),
    combined: Type.Optional(
      Type.Object({
        verdict: Type.Union(COMBINED_VERDICTS.map((verdict) => Type.Literal(verdict))),
      }),
    ),
  }),
);

/** Undefined if it did not answer with targets. */
export async function readTargets(
  url: string,
  timeoutMs: number,
): Promise<TargetSample[] | undefined> {
  const answer = await ask(`${url}/targets`, timeoutMs);
  const targets = answer.ok ? parseJson(answer.text) : undefined;
  if (!Value.Check(Targets, targets)) return undefined;
  return targets.map(({ name, phi, verdict, combined }) => {
    return { name, phi, verdict, combined: combined?.verdict ?? null };
  });
}

const Cluster = Type.Object({
  id: Type.String(),
  leader: Type.Union([Type.String(), Type.Null()]),
  term: Type.Integer(),
  quorum: Type.Boolean(),
  halted: Type.Union([Type.String(), Type.Null()]),
  members: Type.Array(Type.Object({ id: Type.String(), role: Type.String() })),
});

/** What `GET /cluster` says, as far as scenarios go by it. */
export interface ClusterAnswer {
  readonly id: string;
  readonly leader: string | null;
  readonly term: number;
  readonly quorum: boolean;
  /** Why it takes no part in writes any more; null while it does. */
  readonly halted: string | null;
  readonly members: readonly { readonly id: string; readonly role: string }[];
}

/** What `GET /cluster` answered, or a line that says what it did instead. */
export async function readCluster(url: string, timeoutMs: number): Promise<ClusterAnswer | string> {
  const answer = await ask(`${url}/cluster`, timeoutMs);
  if (!answer.ok) return `GET /cluster: ${answer.detail}`;
  const cluster = parseJson(answer.text);
  if (Value.Check(Cluster, cluster)) return cluster;
  return `GET /cluster answered ${answer.status}: ${answer.text.slice(0, 200)}`;
}

const Observers = Type.Object({
  observers: Type.Array(
    Type.Object({ id: Type.String(), self: Type.Boolean(), doubts: Type.Array(Type.String()) }),
  ),
});

/** What `GET /observers` says of one observer. */
export interface ObserverAnswer {
  readonly id: string;
  /** Whether it is the one that answers. */
  readonly self: boolean;
  readonly doubts: readonly string[];
}

/** Empty if it did not answer with observers. */
export async function readObservers(url: string, timeoutMs: number): Promise<ObserverAnswer[]> {
  const answer = await ask(`${url}/observers`, timeoutMs);
  const body = answer.ok ? parseJson(answer.text) : undefined;
  return Value.Check(Observers, body) ? body.observers : [];
}

const Written = Type.Object({ revision: Type.Integer() });
const Labels = Type.Optional(Type.Record(Type.String(), Type.String()));
const OneTarget = Type.Object({ name: Type.String(), labels: Labels });
const Config = Type.Object({ servers: Type.Array(OneTarget) });

/** What an answer to a write says. */
export function writeOutcome(answer: Answer): ConfigOutcome {
  if (!answer.ok) {
    const kind = answer.reason === "refused" ? "failed" : "unknown";
    return { kind, detail: answer.detail };
  }
  const { status, text } = answer;
  const body = parseJson(text);
  if (status === 200 && Value.Check(Written, body)) {
    return { kind: "written", revision: body.revision };
  }
  if (status === 404) return { kind: "absent" };
  if (status === 412) return { kind: "conflict" };
  // Any other refusal of what was asked has had no effect; 503 says itself whether it had.
  const isRefusal = status >= 400 && status < 500;
  const isFailed = isRefusal || (status === 503 && problemType(body).endsWith(":write_failed"));
  return { kind: isFailed ? "failed" : "unknown", detail: `${status}: ${text.slice(0, 200)}` };
}

/** What an answer to `GET /config/NAME` says. A target without the label was written by nobody here. */
export function getOutcome(answer: Answer): ConfigOutcome {
  if (!answer.ok) return { kind: "failed", detail: answer.detail };
  if (answer.status === 404) return { kind: "absent" };
  const body = parseJson(answer.text);
  const value = Value.Check(OneTarget, body) ? body.labels?.[VALUE_LABEL] : undefined;
  const revision = revisionOf(answer.headers);
  if (answer.status === 200 && value !== undefined && revision !== undefined) {
    return { kind: "found", value, revision };
  }
  return { kind: "failed", detail: `${answer.status}: ${answer.text.slice(0, 200)}` };
}

/** What an answer to `GET /config` says. */
export function getAllOutcome(answer: Answer): ConfigOutcome {
  if (!answer.ok) return { kind: "failed", detail: answer.detail };
  const body = parseJson(answer.text);
  const revision = revisionOf(answer.headers);
  if (answer.status === 200 && Value.Check(Config, body) && revision !== undefined) {
    const values: Record<string, string> = {};
    for (const { name, labels } of body.servers) {
      const value = labels?.[VALUE_LABEL];
      if (value !== undefined) values[name] = value;
    }
    return { kind: "foundAll", values: values satisfies ConfigValues, revision };
  }
  return { kind: "failed", detail: `${answer.status}: ${answer.text.slice(0, 200)}` };
}

/** `"5"` is revision 5. */
function revisionOf(headers: Headers): number | undefined {
  const digits = /^"(\d+)"$/u.exec(headers.get("etag") ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function problemType(body: unknown): string {
  const isProblem = typeof body === "object" && body !== null && "type" in body;
  return isProblem && typeof body.type === "string" ? body.type : "";
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON has no undefined, so this cannot be taken for a value.
    return undefined;
  }
}
