/**
 * Entity tags and the conditions made of them (RFC 9110, 8.8.3 and 13.1). A tag here is a revision
 * in quotes: `"5"`. Conditions on reads end in 304; those on writes become the store's precondition,
 * so that the comparison happens where the write does and no other write slips in between.
 */
import type { Precondition, ReadResult } from "../store/mod.ts";
import type { BodyFormat } from "./body.ts";
import { problem } from "./problem.ts";
import { writeUnavailable } from "./unavailable.ts";

/** Two representations of one revision are not the same bytes, so YAML has a tag of its own: `"5-yaml"`. */
export function formatEtag(revision: number, format: BodyFormat = "json"): string {
  return format === "json" ? `"${revision}"` : `"${revision}-${format}"`;
}

interface EntityTag {
  readonly isWeak: boolean;
  readonly value: string;
}

type TagList = "*" | readonly EntityTag[];

/** The characters that RFC 9110 admits in an entity tag; a comma may be one of them. */
const TAG = /^[ \t]*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,|$)/;

/** Null if the header is not a list of entity tags. */
function parseTags(header: string): TagList | null {
  if (header.trim() === "*") return "*";
  const tags: EntityTag[] = [];
  let rest = header;
  while (rest.trim() !== "") {
    const match = TAG.exec(rest);
    if (match === null) return null;
    tags.push({ isWeak: match[1] !== undefined, value: match[2]! });
    rest = rest.slice(match[0].length);
  }
  return tags.length === 0 ? null : tags;
}

/** True if a read's If-None-Match names what the reader has already: answer 304. */
export function isUnchanged(request: Request, etag: string): boolean {
  const header = request.headers.get("if-none-match");
  if (header === null) return false;
  const tags = parseTags(header);
  if (tags === null) return false;
  return tags === "*" || tags.some((tag) => `"${tag.value}"` === etag);
}

export type ConditionResult =
  | { readonly ok: true; readonly precondition: Precondition | undefined }
  | { readonly ok: false; readonly response: Response };

type Unavailable = Extract<ReadResult, { ok: false }>;

/** How a condition learns what is there now; null where nothing exists. */
export interface CurrentRevision {
  /** For what is decided by it: a revision of long ago would refuse what holds. */
  read(): Promise<{ readonly ok: true; readonly revision: number | null } | Unavailable>;
  /** For what is only told: it may be behind. */
  readLocal(): number | null;
}

/** A revision that no store ever comes to, so that a write which expects it is refused. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * What a write's If-Match and If-None-Match ask of the store. `current` is read only if a header names
 * more than one tag, or names what must not be there. With an idempotency key (`isKeyed`) a condition that
 * does not hold is still the store's to refuse: it may know the write, and then gives its answer again.
 */
export async function writeCondition(
  request: Request,
  current: CurrentRevision,
  isKeyed: boolean,
): Promise<ConditionResult> {
  const result = await conditionOf(request, current);
  if (result.ok || "response" in result) return result;
  if (isKeyed) return { ok: true, precondition: NEVER };
  return { ok: false, response: preconditionFailed(result.refusedAt) };
}

/** `refusedAt`: the revision that the condition does not match; null where there is none. */
type JudgedCondition = ConditionResult | { readonly ok: false; readonly refusedAt: number | null };

async function conditionOf(request: Request, current: CurrentRevision): Promise<JudgedCondition> {
  const ifMatch = request.headers.get("if-match");
  const ifNoneMatch = request.headers.get("if-none-match");
  if (ifMatch !== null && ifNoneMatch !== null) {
    return invalid('"If-Match" and "If-None-Match" do not go together in one write');
  }
  if (ifMatch !== null) return matchCondition(ifMatch, current);
  if (ifNoneMatch !== null) return noneMatchCondition(ifNoneMatch, current);
  return { ok: true, precondition: undefined };
}

async function matchCondition(header: string, current: CurrentRevision): Promise<JudgedCondition> {
  const tags = parseTags(header);
  if (tags === null) return invalid(`"If-Match" must be * or tags such as "5", received ${header}`);
  if (tags === "*") return { ok: true, precondition: "*" };
  // If-Match compares strongly: a weak tag never holds.
  const revisions = tags.map((tag) => (tag.isWeak ? null : parseRevision(tag.value)));
  const [only] = revisions;
  // A single revision goes to the store as it is: the store decides, and it may know better.
  if (revisions.length === 1 && typeof only === "number") return { ok: true, precondition: only };
  const named = revisions.filter((each) => each !== null);
  // None of the tags can hold, whatever is there.
  if (named.length === 0) return { ok: false, refusedAt: current.readLocal() };
  const read = await current.read();
  if (!read.ok) return notDecided(read);
  const { revision } = read;
  if (revision !== null && named.includes(revision)) return { ok: true, precondition: revision };
  return { ok: false, refusedAt: revision };
}

async function noneMatchCondition(
  header: string,
  current: CurrentRevision,
): Promise<JudgedCondition> {
  const tags = parseTags(header);
  if (tags === null) {
    return invalid(`"If-None-Match" must be * or tags such as "5", received ${header}`);
  }
  if (tags === "*") return { ok: true, precondition: "absent" };
  const read = await current.read();
  if (!read.ok) return notDecided(read);
  const { revision } = read;
  if (revision === null) return { ok: true, precondition: "absent" };
  if (tags.some((tag) => parseRevision(tag.value) === revision)) {
    return { ok: false, refusedAt: revision };
  }
  return { ok: true, precondition: revision };
}

/** The store has not heard of the write, so nothing can come of it. */
function notDecided({ detail }: Unavailable): ConditionResult {
  const response = writeUnavailable({
    ok: false,
    reason: "unavailable",
    outcome: "failed",
    detail,
  });
  return { ok: false, response };
}

/** Whichever representation the tag is of; null for a tag that no revision has. */
function parseRevision(tag: string): number | null {
  const value = tag.replace(/-yaml$/, "");
  const revision = Number(value);
  return Number.isSafeInteger(revision) && String(revision) === value ? revision : null;
}

/** For writes of what has no revision: a condition that nobody looks at would be taken for one that held. */
export function refusePrecondition({ headers }: Request): Response | undefined {
  const header = ["If-Match", "If-None-Match"].find((name) => headers.has(name));
  if (header === undefined) return undefined;
  const detail = `What this changes has no revision, so the write takes no "${header}". Nothing has changed.`;
  return problem("invalid_header", detail);
}

export function preconditionFailed(revision: number | null): Response {
  const now =
    revision === null
      ? "There is nothing here that it could match"
      : `The current revision is ${formatEtag(revision)}`;
  return problem("precondition_failed", `${now}. Read it again, then repeat the write.`, {
    headers: revision === null ? {} : { etag: formatEtag(revision) },
  });
}

function invalid(detail: string): ConditionResult {
  return { ok: false, response: problem("invalid_header", `${detail}.`) };
}
