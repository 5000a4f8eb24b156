/**
 * Writes of the config: `PUT /config` (one target), `POST /config` (all of them), `DELETE
 * /config/:name`. A body is read, decoded and checked against the network policy before the store hears
 * of it; and the answer is 200 only when the store has committed.
 */
import {
  decodeConfigText,
  decodeTargetText,
  encodeTarget,
  formatConfigError,
  MAX_CONFIG_BYTES,
  type ConfigError,
  type Target,
} from "../config/mod.ts";
import type { ConfigSnapshot, ConfigStore, WriteOptions, WriteResult } from "../store/mod.ts";
import { jsonAnswer, unknownTarget } from "./answer.ts";
import { bodyFormat, MAX_YAML_BYTES, readBody, type BodyFormat } from "./body.ts";
import type { CheckTarget } from "./deps.ts";
import { formatEtag, preconditionFailed, writeCondition, type CurrentRevision } from "./etag.ts";
import {
  deleteTargetOperation,
  putTargetOperation,
  replaceConfigOperation,
} from "./config_operations.ts";
import { readIdempotency } from "./idempotency.ts";
import { problem, type ProblemError } from "./problem.ts";
import type { Route } from "./route.ts";
import { writeUnavailable } from "./unavailable.ts";

export interface ConfigRouteDeps {
  readonly store: ConfigStore;
  readonly checkTarget: CheckTarget;
}

export function configRoutes(deps: ConfigRouteDeps): Route[] {
  return [
    {
      method: "PUT",
      path: "/config",
      operation: putTargetOperation,
      handle: (request) => putTarget(request, deps),
    },
    {
      method: "POST",
      path: "/config",
      operation: replaceConfigOperation,
      handle: (request) => replaceConfig(request, deps),
    },
    {
      method: "DELETE",
      path: "/config/:name",
      operation: deleteTargetOperation,
      handle: (request, { name }) => deleteTarget(request, name ?? null, deps.store),
    },
  ];
}

async function putTarget(
  request: Request,
  { store, checkTarget }: ConfigRouteDeps,
): Promise<Response> {
  const body = await readConfigBody(request);
  if (!body.ok) return body.response;
  const decoded = decodeTargetText(body.bytes, body.format);
  if (!decoded.ok) return invalidConfig(decoded.errors);
  const { target } = decoded;
  const { name } = target;
  const allowed = checkTarget(target);
  if (!allowed.ok) return notAllowed([{ pointer: "/url", detail: allowed.detail }]);
  const asked = await readWriteOptions(request, body.bytes, targetRevision(store, name));
  if (!asked.ok) return asked.response;
  const result = await store.put(target, asked.options);
  if (!result.ok) return refusedWrite(result, name);
  const { revision, created } = result;
  return jsonAnswer(
    { revision, created, target: encodeTarget(target) },
    { etag: formatEtag(revision), "content-location": `/config/${name}` },
  );
}

async function replaceConfig(
  request: Request,
  { store, checkTarget }: ConfigRouteDeps,
): Promise<Response> {
  if (!request.headers.has("if-match")) {
    const detail =
      "Add the header If-Match with the ETag of GET /config, so that nobody's change is lost; or " +
      "If-Match: * to replace whatever is there. To change one target, PUT it.";
    return problem("precondition_required", detail);
  }
  const body = await readConfigBody(request);
  if (!body.ok) return body.response;
  const decoded = decodeConfigText(body.bytes, undefined, body.format);
  if (!decoded.ok) return invalidConfig(decoded.errors);
  const refused = findRefused(decoded.targets, checkTarget);
  if (refused.length > 0) return notAllowed(refused);
  const asked = await readWriteOptions(request, body.bytes, configRevision(store));
  if (!asked.ok) return asked.response;
  const result = await store.replace(decoded.targets, asked.options);
  if (!result.ok) return refusedWrite(result, null);
  const { revision } = result;
  return jsonAnswer({ revision, targets: decoded.targets.length }, { etag: formatEtag(revision) });
}

async function deleteTarget(
  request: Request,
  name: string | null,
  store: ConfigStore,
): Promise<Response> {
  if (name === null) return unknownTarget(null);
  const asked = await readWriteOptions(request, NO_BODY, targetRevision(store, name));
  if (!asked.ok) return asked.response;
  const result = await store.delete(name, asked.options);
  if (!result.ok) return refusedWrite(result, name);
  return jsonAnswer({ revision: result.revision, deleted: name });
}

function targetRevision(store: ConfigStore, name: string): CurrentRevision {
  return currentRevision(store, ({ targets }) => targets.get(name)?.revision ?? null);
}

function configRevision(store: ConfigStore): CurrentRevision {
  return currentRevision(store, ({ revision }) => revision);
}

function currentRevision(
  store: ConfigStore,
  revisionOf: (snapshot: ConfigSnapshot) => number | null,
): CurrentRevision {
  return {
    async read() {
      const read = await store.read();
      return read.ok ? { ok: true, revision: revisionOf(read.snapshot) } : read;
    },
    readLocal: () => revisionOf(store.readLocal()),
  };
}

/** Of a DELETE, which nobody reads. */
const NO_BODY = new Uint8Array(0);

type AskedOptions =
  | { readonly ok: true; readonly options: WriteOptions }
  | { readonly ok: false; readonly response: Response };

/** What the headers ask of the write beside making it. */
async function readWriteOptions(
  request: Request,
  body: Uint8Array,
  current: CurrentRevision,
): Promise<AskedOptions> {
  const read = await readIdempotency(request, body);
  if (!read.ok) return read;
  const { idempotency } = read;
  const condition = await writeCondition(request, current, idempotency !== undefined);
  if (!condition.ok) return condition;
  const { precondition } = condition;
  const options = {
    ...(precondition !== undefined && { ifMatch: precondition }),
    ...(idempotency && { idempotency }),
  };
  return { ok: true, options };
}

type ConfigBody =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly format: BodyFormat }
  | { readonly ok: false; readonly response: Response };

async function readConfigBody(request: Request): Promise<ConfigBody> {
  const type = bodyFormat(request);
  if (!type.ok) return type;
  const limitBytes = type.format === "yaml" ? MAX_YAML_BYTES : MAX_CONFIG_BYTES;
  const body = await readBody(request, limitBytes);
  if (!body.ok) return body;
  if (body.bytes.length > 0) return { ...body, format: type.format };
  const detail = "The body is empty; GET /openapi shows what it may hold.";
  return { ok: false, response: problem("invalid_body", detail) };
}

function findRefused(targets: readonly Target[], checkTarget: CheckTarget): ProblemError[] {
  return targets.flatMap((target, index) => {
    const allowed = checkTarget(target);
    if (allowed.ok) return [];
    return { pointer: `/servers/${index}/url`, detail: `${target.name}: ${allowed.detail}` };
  });
}

/** All there is to mend is listed; the sentence tells the first. */
function invalidConfig(configErrors: readonly ConfigError[]): Response {
  const errors = configErrors.map((error) => {
    const { pointer, field, line, column, message } = error;
    return { pointer, detail: message, field, ...(line !== undefined && { line, column }) };
  });
  return problem("invalid_body", tellFirst(configErrors.map(formatConfigError)), { errors });
}

/** As many as a reader would mend at a time. */
const MAX_REFUSED = 100;

function notAllowed(refused: readonly ProblemError[]): Response {
  const detail = tellFirst(refused.map((error) => error.detail));
  return problem("not_allowed", detail, { errors: refused.slice(0, MAX_REFUSED) });
}

function tellFirst([first = "", ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} (and ${others.length} more)`;
}

type Refusal = Extract<WriteResult, { ok: false }>;

function refusedWrite(refusal: Refusal, name: string | null): Response {
  switch (refusal.reason) {
    case "precondition_failed":
      return preconditionFailed(refusal.revision);
    case "not_found":
      return unknownTarget(name);
    case "too_many_targets":
      return problem("too_many_targets", `At most ${refusal.limit} targets can be watched.`);
    case "too_large": {
      const { writeBytes, limitBytes } = refusal;
      const detail = `Written out in full the write has ${writeBytes} bytes, and at most ${limitBytes} are taken at once. Nothing has changed; PUT /config writes one target at a time.`;
      return problem("too_large", detail);
    }
    case "key_reused":
      return problem("key_reused", "Use another key for another write. Nothing has changed.");
    case "unavailable":
      return writeUnavailable(refusal);
  }
}
