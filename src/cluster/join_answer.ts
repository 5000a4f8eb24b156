/**
 * What a joining monitor makes of an answer: the cluster, a reason to ask again, or a reason not to. Not to
 * ask again is decided only where the same request would be refused again, however long one waits: then
 * somebody has to give this monitor something else, and is told so at once.
 */
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/** What is read of `GET /cluster`, and of the answer to `POST /cluster/join`. */
const ClusterAnswer = Type.Object({
  clusterId: Type.String({ pattern: "^[!-~]{1,128}$" }),
  members: Type.Array(
    Type.Object({ id: Type.String({ maxLength: 64 }), address: Type.String({ maxLength: 259 }) }),
  ),
});
export type KnownCluster = Static<typeof ClusterAnswer>;

const ProblemAnswer = Type.Object({ detail: Type.String(), type: Type.Optional(Type.String()) });

export type JoinAnswer =
  | { readonly kind: "answer"; readonly answer: KnownCluster }
  /** `final`: there is no use in asking again. */
  | { readonly kind: "again" | "final"; readonly detail: string };

export function readJoinAnswer(status: number, text: string): JoinAnswer {
  const value = parse(text);
  if (status >= 200 && status <= 299) {
    if (Value.Check(ClusterAnswer, value)) return { kind: "answer", answer: value };
    // Whatever answers before the monitor does, or in its place.
    return { kind: "again", detail: "this is not the answer of a phi monitor in a cluster" };
  }
  const problem = Value.Check(ProblemAnswer, value) ? value : undefined;
  const hint = hintOn(status, problem?.type);
  const detail = `${status}: ${cut(problem?.detail ?? text)}${hint}`;
  return { kind: isFinal(status, problem?.type) ? "final" : "again", detail };
}

/** Room for a sentence that names a monitor and its address, as one that was not let in is told. */
const MAX_SAID_CHARACTERS = 512;

/** What anybody may have said: of a bounded length, on one line, and with nothing that a terminal would act on. */
function cut(said: string): string {
  return said
    .slice(0, MAX_SAID_CHARACTERS)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
}

/** Of a request that was not answered. That nobody is there yet is the usual case. */
export function readJoinError(error: unknown): JoinAnswer {
  if (!(error instanceof Error)) return { kind: "again", detail: String(error) };
  const isUntrusted = "code" in error && error.code === "UNTRUSTED_CERTIFICATE";
  if (!isUntrusted) return { kind: "again", detail: error.message };
  const hint =
    "Name whom to trust with --api-ca, and the member with --join as its certificate does";
  return { kind: "final", detail: `${error.message}. ${hint}` };
}

/**
 * 400, 413, 415, 422: the request itself is wrong for it. 401: the token is missing, or another. 409: the id
 * is somebody else's, or was, or the monitor that was asked was itself removed. 421: it does not go by the
 * name that it was asked by.
 */
const FINAL: ReadonlySet<number> = new Set([400, 401, 409, 413, 415, 421, 422]);

function hintOn(status: number, type: string | undefined): string {
  if (status === 401) return " Give this monitor the token of the members (--api-token-file).";
  if (status === 421) return " Name an IP address with --join.";
  if (type !== "urn:phi:problem:member_conflict") return "";
  return " Take another --id, and an empty data directory.";
}

/**
 * All others may get better by waiting. 403: the peer port did not prove the cluster's credentials, which may
 * be about to change on either side. 404: a proxy does not know the monitor behind it yet; but of a phi
 * monitor it says that there is no cluster. 503: no quorum, or it is starting.
 */
function isFinal(status: number, type: string | undefined): boolean {
  if (status === 404) return type?.startsWith("urn:phi:problem:") ?? false;
  return FINAL.has(status);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
