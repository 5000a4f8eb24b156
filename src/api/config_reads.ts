/**
 * `GET /config` and `GET /config/:name`. The whole config is shown as briefly as it can be written, so that
 * it can be sent back whatever its size; one target is shown with every default spelled out.
 */
import {
  encodeConfigYaml,
  encodeTarget,
  encodeTargetBriefly,
  encodeTargetYaml,
  type Target,
} from "../config/mod.ts";
import type { Timers } from "../port.ts";
import type { ConfigSnapshot, ConfigStore } from "../store/mod.ts";
import { negotiate } from "./accept.ts";
import { jsonAnswer, unknownTarget } from "./answer.ts";
import { chunkedResponse, chunkLines } from "./chunked.ts";
import { readConfigQuery } from "./config_query.ts";
import { formatEtag, isUnchanged } from "./etag.ts";
import { getConfigOperation, getTargetConfigOperation } from "./config_operations.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { readUnavailable } from "./unavailable.ts";

export interface ConfigReadDeps {
  readonly store: ConfigStore;
  readonly timers: Timers;
}

export function configReads({ store, timers }: ConfigReadDeps): Route[] {
  return [
    {
      method: "GET",
      path: "/config",
      operation: getConfigOperation,
      async handle(request) {
        const type = acceptedType(request);
        if (type === null) return notAcceptable();
        const read = await readConfig(request, store);
        if (!read.ok) return read.response;
        const { revision, targets } = read.snapshot;
        const headers = { ...representationHeaders(revision, type), ...read.headers };
        if (isUnchanged(request, headers.etag)) return new Response(null, { status: 304, headers });
        // The store may go on while this is sent; what is sent is what it was.
        const all = Array.from(targets.values(), (stored) => stored.target);
        const chunks = type === YAML ? yamlChunks(all) : jsonChunks(all);
        return chunkedResponse(chunks, timers, headers);
      },
    },
    {
      method: "GET",
      path: "/config/:name",
      operation: getTargetConfigOperation,
      async handle(request, { name }) {
        const type = acceptedType(request);
        if (type === null) return notAcceptable();
        if (typeof name !== "string") return unknownTarget(null);
        const read = await readConfig(request, store);
        if (!read.ok) return read.response;
        const stored = read.snapshot.targets.get(name);
        if (stored === undefined) return unknownTarget(name, read.headers);
        const headers = { ...representationHeaders(stored.revision, type), ...read.headers };
        if (isUnchanged(request, headers.etag)) return new Response(null, { status: 304, headers });
        return type === YAML
          ? new Response(encodeTargetYaml(stored.target), { headers })
          : jsonAnswer(encodeTarget(stored.target), headers);
      },
    },
  ];
}

type ConfigRead =
  /** `headers` say so if the snapshot may be behind. */
  | {
      readonly ok: true;
      readonly snapshot: ConfigSnapshot;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly response: Response };

async function readConfig(request: Request, store: ConfigStore): Promise<ConfigRead> {
  const query = readConfigQuery(request);
  if (!query.ok) return query;
  if (query.isStale) {
    return { ok: true, snapshot: store.readLocal(), headers: { "phi-stale": "true" } };
  }
  const read = await store.read();
  if (!read.ok) return { ok: false, response: readUnavailable(read) };
  return { ok: true, snapshot: read.snapshot, headers: {} };
}

const YAML = "application/yaml";
const OFFERED = ["application/json", YAML, "application/x-yaml", "text/yaml"] as const;

function acceptedType(request: Request): "application/json" | typeof YAML | null {
  const type = negotiate(request.headers.get("accept"), OFFERED);
  return type === null || type === "application/json" ? type : YAML;
}

function notAcceptable(): Response {
  return problem("not_acceptable", "There is application/json and application/yaml.");
}

function representationHeaders(revision: number, type: string) {
  return {
    "content-type": type,
    etag: formatEtag(revision, type === YAML ? "yaml" : "json"),
    vary: "accept",
    "cache-control": "no-cache",
  };
}

function jsonChunks(targets: readonly Target[]): Iterable<string> {
  if (targets.length === 0) return ['{"servers":[]}\n'];
  return chunkLines('{"servers":[\n', jsonLines(targets), ",\n", "\n]}\n");
}

function* jsonLines(targets: readonly Target[]): Generator<string> {
  for (const target of targets) yield JSON.stringify(encodeTargetBriefly(target));
}

const YAML_HEAD = "servers:\n";
const TARGETS_A_CHUNK = 100;

/** A YAML list can be cut between two entries; only the first piece keeps its head. */
function* yamlChunks(targets: readonly Target[]): Generator<string> {
  if (targets.length === 0) yield encodeConfigYaml(targets);
  for (let start = 0; start < targets.length; start += TARGETS_A_CHUNK) {
    const yaml = encodeConfigYaml(targets.slice(start, start + TARGETS_A_CHUNK));
    yield start === 0 ? yaml : yaml.slice(YAML_HEAD.length);
  }
}
