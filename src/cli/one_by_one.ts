/**
 * Makes a difference of two configs true target by target, where the whole is too large for one write. Each write holds only if
 * nobody else has changed that target since it was read, and the first that fails is the last: what is left is the
 * difference that whoever asks again will find.
 */
import { decodeTargetText, encodeTargetBriefly, sameTarget, type Target } from "../config/mod.ts";
import type { ApiAnswer, ApiClient, ApiRequest } from "./api_client.ts";
import type { ConfigDifference } from "./config_difference.ts";

/** Gives the answer to the last write, or to the one that failed: 412 where somebody else came first. */
export async function writeOneByOne(
  client: ApiClient,
  before: readonly Target[],
  { added, changed, deleted }: ConfigDifference,
): Promise<ApiAnswer> {
  const gone = new Set(deleted);
  const writes: (() => Promise<ApiAnswer>)[] = [
    // First, so that there is room for what is new.
    ...before
      .filter(({ name }) => gone.has(name))
      .map((target) => () => change(client, target, { method: "DELETE" })),
    ...changed.map((pair) => () => change(client, pair.before, put(pair.after))),
    ...added.map((target) => () => client.call("/config", put(target, { "if-none-match": "*" }))),
  ];
  let answer: ApiAnswer = CHANGED_MEANWHILE;
  for (const [done, write] of writes.entries()) {
    answer = await write();
    if (answer.ok) continue;
    const place = `${done} of ${writes.length} targets were written; ask again to go on`;
    return { ...answer, message: `${answer.message} (${place})` };
  }
  return answer;
}

function put(target: Target, headers: Readonly<Record<string, string>> = {}): ApiRequest {
  return {
    method: "PUT",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(encodeTargetBriefly(target)),
  };
}

/** Only if the target is still what it was taken for: its own revision is known to nobody before it is asked for. */
async function change(client: ApiClient, before: Target, request: ApiRequest): Promise<ApiAnswer> {
  const path = `/config/${encodeURIComponent(before.name)}`;
  const current = await client.call(path, { headers: { accept: "application/json" } });
  if (!current.ok) return current.status === GONE ? CHANGED_MEANWHILE : current;
  const decoded = decodeTargetText(current.text);
  const etag = current.headers.get("etag");
  if (!decoded.ok || etag === null || !sameTarget(decoded.target, before)) return CHANGED_MEANWHILE;
  const headers = { ...request.headers, "if-match": etag };
  return await client.call(request.method === "DELETE" ? path : "/config", { ...request, headers });
}

const GONE = 404;

const CHANGED_MEANWHILE: ApiAnswer = {
  ok: false,
  status: 412,
  problemType: undefined,
  message: "it was changed meanwhile",
  mayBeDone: false,
};
