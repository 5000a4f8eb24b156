/**
 * The config's commands, answers and snapshots in bytes: a format version in one byte, then JSON, which
 * engines parse faster than anything written here could be. What stands in the log is read by every
 * member at the same place, so what one version takes for a command, all must: a field is never given
 * another meaning, and what an older version could not read is written under a later format version.
 */
import type { ConfigContents, ConfigLimits } from "./config_state.ts";
import { isDigestLength, isKeyLength, type ConfigWrite } from "./config_write.ts";
import type { IdempotentOutcome } from "./idempotency_table.ts";
import type { DecidedResult, Idempotency, Precondition, StoredTarget } from "./store.ts";
import { isLaterTarget, readTarget, wireTarget } from "./_wire_target.ts";
import {
  fieldsOf,
  flagOf,
  later,
  listOf,
  malformed,
  readWire,
  textOf,
  wholeNumberOf,
  writeWire,
  type WireResult,
} from "./_wire_value.ts";

/** The format of all that it can say, so that versions of phi which know no other read it. */
export const CONFIG_FORMAT_VERSION = 1;

/** The format of targets with models and budgets, which are written in no other. 2 is the alert record's. */
export const LATER_CONFIG_FORMAT_VERSION = 3;

const FORMAT_VERSIONS = [CONFIG_FORMAT_VERSION, LATER_CONFIG_FORMAT_VERSION];

/** Whether only members that read the later format can read this write. */
export function isLaterWrite(write: ConfigWrite): boolean {
  if (write.kind === "put") return isLaterTarget(write.target);
  return write.kind === "replace" && write.targets.some(isLaterTarget);
}

/** A write, for the log. */
export function encodeWrite(write: ConfigWrite): Uint8Array {
  const { kind, ifMatch, idempotency } = write;
  const version = isLaterWrite(write) ? LATER_CONFIG_FORMAT_VERSION : CONFIG_FORMAT_VERSION;
  return writeWire(version, {
    kind,
    ifMatch,
    idempotency: idempotency && { key: idempotency.key, digest: idempotency.digest },
    ...(write.kind === "put" && { target: wireTarget(write.target) }),
    ...(write.kind === "delete" && { name: write.name }),
    ...(write.kind === "replace" && { targets: write.targets.map(wireTarget) }),
  });
}

const WRITE_FIELDS = new Set(["kind", "ifMatch", "idempotency", "target", "name", "targets"]);

export function decodeWrite(bytes: Uint8Array): WireResult<ConfigWrite> {
  return readWire(bytes, FORMAT_VERSIONS, (value, version) => {
    const isLater = version === LATER_CONFIG_FORMAT_VERSION;
    const fields = fieldsOf(value, WRITE_FIELDS, "a write");
    const { ifMatch, idempotency } = fields;
    const options = {
      ...(ifMatch !== undefined && { ifMatch: readPrecondition(ifMatch) }),
      ...(idempotency !== undefined && { idempotency: readIdempotency(idempotency) }),
    };
    const kind = textOf(fields["kind"], "a write's kind");
    switch (kind) {
      case "put":
        return { ...options, kind, target: readTarget(fields["target"], isLater) };
      case "delete":
        return { ...options, kind, name: textOf(fields["name"], "a name") };
      case "replace": {
        const targets = listOf(fields["targets"], "targets");
        return { ...options, kind, targets: targets.map((each) => readTarget(each, isLater)) };
      }
      default:
        return later(`the write "${kind}" is not known`);
    }
  });
}

function readPrecondition(value: unknown): Precondition {
  if (value === "*" || value === "absent") return value;
  return wholeNumberOf(value, Number.MIN_SAFE_INTEGER, "a precondition");
}

const IDEMPOTENCY_FIELDS = new Set(["key", "digest"]);

function readIdempotency(value: unknown): Idempotency {
  const fields = fieldsOf(value, IDEMPOTENCY_FIELDS, "an idempotency");
  return readKey(fields["key"], fields["digest"]);
}

function readKey(keyValue: unknown, digestValue: unknown): Idempotency {
  const key = textOf(keyValue, "a key");
  const digest = textOf(digestValue, "a digest");
  if (isKeyLength(key) && isDigestLength(digest)) return { key, digest };
  return malformed("a key or a digest is empty or too long");
}

/** What a write is answered with, for the session table and for who proposed it. */
export function encodeDecided(result: DecidedResult): Uint8Array {
  return writeWire(CONFIG_FORMAT_VERSION, result);
}

export function decodeDecided(bytes: Uint8Array): WireResult<DecidedResult> {
  return readWire(bytes, CONFIG_FORMAT_VERSION, readDecided);
}

const DECIDED_FIELDS = new Set(["ok", "revision", "created", "reason", "limit"]);

function readDecided(value: unknown): DecidedResult {
  const { ok, revision, created, reason, limit } = fieldsOf(value, DECIDED_FIELDS, "an answer");
  if (flagOf(ok, "ok")) {
    const isCreated = flagOf(created, "created");
    return { ok: true, revision: wholeNumberOf(revision, 0, "a revision"), created: isCreated };
  }
  switch (reason) {
    case "precondition_failed": {
      const current = revision === null ? null : wholeNumberOf(revision, 0, "a revision");
      return { ok: false, reason, revision: current };
    }
    case "not_found":
    case "key_reused":
      return { ok: false, reason };
    case "too_many_targets":
      return { ok: false, reason, limit: wholeNumberOf(limit, 1, "a limit") };
    default:
      return later(`the answer "${textOf(reason, "a reason")}" is not known`);
  }
}

/** All of a state. */
export function encodeContents(contents: ConfigContents): Uint8Array {
  return concat([...contentsParts(contents)]);
}

/** About a millisecond's work. */
const ITEMS_A_PART = 100;

/** The same bytes in parts. Lists in lists are shorter than objects, and there are many. */
export function* contentsParts({
  revision,
  targets,
  limits,
  outcomes,
}: ConfigContents): Generator<Uint8Array> {
  // A character of one byte, in the place of the format version.
  const head = utf8(` ${JSON.stringify({ revision, limits }).slice(0, -1)},"targets":[`);
  const isLater = targets.values().some(({ target }) => isLaterTarget(target));
  head[0] = isLater ? LATER_CONFIG_FORMAT_VERSION : CONFIG_FORMAT_VERSION;
  yield head;
  yield* listParts(targets.values(), ({ revision: of, target }) => [of, wireTarget(target)]);
  yield utf8('],"outcomes":[');
  yield* listParts(outcomes, ({ key, digest, position, result }) => [
    key,
    digest,
    position,
    result,
  ]);
  yield utf8("]}");
}

/** A list's items in JSON, without its brackets. */
function* listParts<Item>(
  items: Iterable<Item>,
  wire: (item: Item) => unknown,
): Generator<Uint8Array> {
  let texts: string[] = [];
  let before = "";
  for (const item of items) {
    texts.push(JSON.stringify(wire(item)));
    if (texts.length < ITEMS_A_PART) continue;
    yield utf8(before + texts.join(","));
    texts = [];
    before = ",";
  }
  if (texts.length > 0) yield utf8(before + texts.join(","));
}

const encoder = new TextEncoder();

function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    bytes.set(part, place);
    place += part.length;
  }
  return bytes;
}

const CONTENTS_FIELDS = new Set(["revision", "limits", "targets", "outcomes"]);
const LIMITS_FIELDS = new Set(["maxTargets", "maxKeys", "keysExpireAfter"]);

/** Reads what `encodeContents` wrote, and checks the invariants of a state. */
export function decodeContents(bytes: Uint8Array): WireResult<ConfigContents> {
  return readWire(bytes, FORMAT_VERSIONS, (value, version) => {
    const isLater = version === LATER_CONFIG_FORMAT_VERSION;
    const fields = fieldsOf(value, CONTENTS_FIELDS, "a config");
    const limits = readLimits(fields["limits"]);
    const revision = wholeNumberOf(fields["revision"], 0, "the revision");
    const targets = readStored(fields["targets"], revision, isLater);
    const outcomes = readOutcomes(fields["outcomes"]);
    if (targets.size > limits.maxTargets) malformed("there are too many targets");
    if (outcomes.length > limits.maxKeys) malformed("there are too many keys");
    return { revision, targets, limits, outcomes };
  });
}

function readLimits(value: unknown): ConfigLimits {
  const fields = fieldsOf(value, LIMITS_FIELDS, "the limits");
  return {
    maxTargets: wholeNumberOf(fields["maxTargets"], 1, "a limit"),
    maxKeys: wholeNumberOf(fields["maxKeys"], 1, "a limit"),
    keysExpireAfter: wholeNumberOf(fields["keysExpireAfter"], 1, "a limit"),
  };
}

function readStored(
  value: unknown,
  configRevision: number,
  isLater: boolean,
): Map<string, StoredTarget> {
  const targets = new Map<string, StoredTarget>();
  const list = listOf(value, "the targets");
  for (const each of list) {
    const [revisionValue, targetValue] = listOf(each, "a stored target");
    const revision = wholeNumberOf(revisionValue, 1, "a target's revision");
    if (revision > configRevision) malformed("a target is of a later revision than the config");
    const target = readTarget(targetValue, isLater);
    targets.set(target.name, { target, revision });
  }
  if (targets.size < list.length) malformed("two targets have the same name");
  return targets;
}

function readOutcomes(value: unknown): readonly IdempotentOutcome[] {
  const keys = new Set<string>();
  let before = 0;
  const outcomes = listOf(value, "the outcomes").map((each) => {
    const [keyValue, digestValue, positionValue, result] = listOf(each, "an outcome");
    const position = wholeNumberOf(positionValue, before + 1, "a position");
    before = position;
    const idempotency = readKey(keyValue, digestValue);
    keys.add(idempotency.key);
    return { ...idempotency, position, result: readDecided(result) };
  });
  if (keys.size < outcomes.length) malformed("two outcomes have the same key");
  return outcomes;
}
