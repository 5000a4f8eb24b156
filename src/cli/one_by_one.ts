/**
 * Makes a difference of two configs true target by target, where the whole is too large for one write. Each write holds only if
 * nobody else has changed that target since it was read, and the first that fails is the last: what is left is the
 * difference that whoever asks again will find.
 */
import { decodeTargetText, encodeTargetBriefly, sameTarget, type Target } from "../config/mod.ts";
import type { ApiAnswer, ApiClient, ApiRequest, Refused } from "./api_client.ts";
import type { ConfigDifference } from "./config_difference.ts";

export interface OneByOne {
  /** What was written. */
  readonly made: ConfigDifference;
  /** Why that is not all, 412 where somebody else came first; undefined if it is. */
  readonly refusal: Refused | undefined;
}

export async function writeOneByOne(
  client: ApiClient,
  before: readonly Target[],
  difference: ConfigDifference,
): Promise<OneByOne> {
  const { added, changed, deleted } = difference;
  const old = new Map(before.map((target) => [target.name, target]));
  const writes: (() => Promise<ApiAnswer>)[] = [
    // First, so that there is room for what is new.
    ...deleted.map((name) => () => change(client, old.get(name)!, { method: "DELETE" })),
    ...changed.map((pair) => () => change(client, pair.before, put(pair.after))),
    ...added.map((target) => () => client.call("/config", put(target, { "if-none-match": "*" }))),
  ];
  for (const [done, write] of writes.entries()) {
    const answer = await write();
    if (!answer.ok) return { made: firstOf(difference, done), refusal: answer };
  }
  return { made: difference, refusal: undefined };
}

/** The part that the first `count` writes make true. */
function firstOf({ added, changed, deleted }: ConfigDifference, count: number): ConfigDifference {
  const others = Math.max(0, count - deleted.length);
  return {
    deleted: deleted.slice(0, count),
    changed: changed.slice(0, others),
    added: added.slice(0, Math.max(0, others - changed.length)),
  };
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

const CHANGED_MEANWHILE: Refused = {
  ok: false,
  status: 412,
  problemType: undefined,
  message: "it was changed meanwhile",
  mayBeDone: false,
};
