/**
 * What each route says about itself in the OpenAPI document: written by hand, because the bodies are read
 * by this folder and not by the framework. Schemas are named here and spelled out in `schemas.ts`.
 */
import { VERDICTS } from "../monitor/mod.ts";
import type { Operation } from "./route.ts";
import type { SchemaName } from "./schemas.ts";

const JSON_TYPE = "application/json";
const YAML_TYPE = "application/yaml";

const ref = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });

function media(name: SchemaName, ...types: string[]): object {
  return Object.fromEntries(types.map((type) => [type, { schema: ref(name) }]));
}

const etagHeader = {
  ETag: {
    description: "The revision, in quotes; of YAML with -yaml after it.",
    schema: { type: "string" },
    example: '"5"',
  },
};

function answer(description: string, content: object, headers?: object): object {
  return { description, content, ...(headers && { headers }) };
}

function text(description: string, type: string): object {
  return { description, content: { [type]: { schema: { type: "string" } } } };
}

const problemContent = media("Problem", "application/problem+json");

/** Refusals by status; each is a problem document. */
function refusals(byStatus: Readonly<Record<string, string>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, description]) => [
      status,
      { description, content: problemContent },
    ]),
  );
}

function headerParameter(name: string, description: string, required = false): object {
  return { name, in: "header", required, description, schema: { type: "string" } };
}

function nameParameter(description: string): object {
  return { name: "name", in: "path", required: true, description, schema: { type: "string" } };
}

const ifMatch = headerParameter(
  "If-Match",
  'Write only if this is still the revision: `"5"`, a list of such tags, or `*`.',
);
const ifNoneMatchRead = headerParameter("If-None-Match", "Answer 304 if this is the revision.");
const ifNoneMatchWrite = headerParameter(
  "If-None-Match",
  "`*`: only if there is none of that name.",
);

const notModified = { description: "It is what If-None-Match names." };
const noMatch = "If-Match or If-None-Match does not hold; nothing has changed.";
const badBody = "The body is not valid: `errors` says what and where; nothing has changed.";
const tooLarge = "The body is over 8 MiB.";
const wrongType = "The body has no Content-Type that is understood.";
const unknown = "There is no target of that name.";

const CONFIG_TAGS = ["Config"];
const WATCH_TAGS = ["Watch"];
const STATUS_TAGS = ["Status"];

export const putTargetOperation: Operation = {
  operationId: "putTarget",
  summary: "Create or replace one target",
  description:
    "Replaces, does not merge: what the body leaves out gets its default. A target that is known keeps its history.",
  tags: CONFIG_TAGS,
  parameters: [ifMatch, ifNoneMatchWrite],
  requestBody: { required: true, content: media("TargetInput", JSON_TYPE, YAML_TYPE) },
  responses: {
    "200": answer(
      "Committed. The ETag is the target's.",
      media("WriteAnswer", JSON_TYPE),
      etagHeader,
    ),
    ...refusals({
      "400": badBody,
      "412": noMatch,
      "413": tooLarge,
      "415": wrongType,
      "422": "The network policy does not allow the address, or there are too many targets.",
    }),
  },
};

export const getConfigOperation: Operation = {
  operationId: "getConfig",
  summary: "The whole config",
  description:
    "What differs from the defaults, so that it can be sent back by POST. GET /config/{name} spells a target out.",
  tags: CONFIG_TAGS,
  parameters: [ifNoneMatchRead],
  responses: {
    "200": answer("By Accept.", media("Config", JSON_TYPE, YAML_TYPE), etagHeader),
    "304": notModified,
    ...refusals({ "406": "Neither JSON nor YAML is accepted." }),
  },
};

export const getTargetConfigOperation: Operation = {
  operationId: "getTargetConfig",
  summary: "One target's config",
  tags: CONFIG_TAGS,
  parameters: [nameParameter("The target's name."), ifNoneMatchRead],
  responses: {
    "200": answer(
      "By Accept. The ETag is the target's.",
      media("Target", JSON_TYPE, YAML_TYPE),
      etagHeader,
    ),
    "304": notModified,
    ...refusals({ "404": unknown, "406": "Neither JSON nor YAML is accepted." }),
  },
};

export const replaceConfigOperation: Operation = {
  operationId: "replaceConfig",
  summary: "Replace the whole config",
  description: "What the body does not name is no longer watched. Whole, or not at all.",
  tags: CONFIG_TAGS,
  parameters: [
    headerParameter(
      "If-Match",
      "The ETag of GET /config, or `*` to replace whatever is there.",
      true,
    ),
  ],
  requestBody: { required: true, content: media("Config", JSON_TYPE, YAML_TYPE) },
  responses: {
    "200": answer("Committed.", media("ReplaceAnswer", JSON_TYPE), etagHeader),
    ...refusals({
      "400": badBody,
      "412": noMatch,
      "413": tooLarge,
      "415": wrongType,
      "422": "The network policy does not allow an address, or there are too many targets.",
      "428": "If-Match is missing.",
    }),
  },
};

export const deleteTargetOperation: Operation = {
  operationId: "deleteTarget",
  summary: "Stop watching a target",
  description: "Its series are gone at the next scrape.",
  tags: CONFIG_TAGS,
  parameters: [nameParameter("The target's name."), ifMatch],
  responses: {
    "200": answer("Committed.", media("DeleteAnswer", JSON_TYPE)),
    ...refusals({ "404": unknown, "412": noMatch }),
  },
};

export const listTargetsOperation: Operation = {
  operationId: "listTargets",
  summary: "What this monitor sees now",
  tags: WATCH_TAGS,
  parameters: [
    {
      name: "verdict",
      in: "query",
      description: "Only targets with one of these verdicts, between commas.",
      style: "form",
      explode: false,
      schema: { type: "array", items: { type: "string", enum: VERDICTS } },
    },
    {
      name: "name",
      in: "query",
      description: "Only the target of this name; may be repeated.",
      style: "form",
      explode: true,
      schema: { type: "array", items: { type: "string" } },
    },
  ],
  responses: {
    "200": answer("In the order of the config.", {
      [JSON_TYPE]: { schema: { type: "array", items: ref("TargetView") } },
    }),
    ...refusals({ "400": "There is no such verdict." }),
  },
};

export const getTargetOperation: Operation = {
  operationId: "getTarget",
  summary: "What this monitor sees of one target now",
  tags: WATCH_TAGS,
  parameters: [nameParameter("The target's name.")],
  responses: {
    "200": answer("Now.", media("TargetView", JSON_TYPE)),
    ...refusals({ "404": unknown }),
  },
};

export const eventsOperation: Operation = {
  operationId: "getEvents",
  summary: "Every change of verdict, as it happens",
  description:
    "Server-sent events. The first is `snapshot` (its data is a SnapshotEvent), then each change is `verdict` (a VerdictEvent). A listener that comes back with Last-Event-ID gets what it missed, or a new snapshot if that is no longer known. A comment comes every 15 seconds. A listener that does not read is dropped once 8192 events wait for it.",
  tags: WATCH_TAGS,
  parameters: [headerParameter("Last-Event-ID", "The id of the last event received.")],
  responses: {
    "200": text("The stream.", "text/event-stream"),
    ...refusals({ "503": "Too many listen already." }),
  },
};

export const heartbeatOperation: Operation = {
  operationId: "postHeartbeat",
  summary: "A target reports that it is alive",
  description:
    "For targets with the url `push:`. Needs no Content-Type. With a sequence number, late and repeated reports do not count.",
  tags: WATCH_TAGS,
  parameters: [
    nameParameter("The target's name."),
    {
      name: "sequence",
      in: "query",
      description: "The sequence number, if it is not in the body.",
      schema: { type: "integer", minimum: 0 },
    },
  ],
  requestBody: { required: false, content: media("Heartbeat", JSON_TYPE) },
  responses: {
    "204": { description: "The heartbeat counts." },
    ...refusals({
      "400": "The sequence number is not a whole number.",
      "404": unknown,
      "409": "The target is not a pushed one, or the sequence number is not above the last.",
      "413": "The body is over 1 KiB.",
    }),
  },
};

export const metricsOperation: Operation = {
  operationId: "getMetrics",
  summary: "The metrics, for Prometheus",
  description: "Text 0.0.4 or OpenMetrics 1.0 by Accept, gzip by Accept-Encoding.",
  tags: STATUS_TAGS,
  responses: {
    "200": {
      description: "The exposition.",
      content: {
        "text/plain": { schema: { type: "string" } },
        "application/openmetrics-text": { schema: { type: "string" } },
      },
    },
  },
};

export const healthOperation: Operation = {
  operationId: "getHealth",
  summary: "Is the process alive?",
  tags: STATUS_TAGS,
  responses: { "200": text("It is.", "text/plain") },
};

export const readinessOperation: Operation = {
  operationId: "getReadiness",
  summary: "Is the monitor watching?",
  tags: STATUS_TAGS,
  responses: { "200": answer("It is.", media("Readiness", JSON_TYPE)) },
};

export const pageOperation: Operation = {
  operationId: "getPage",
  summary: "The page for people",
  tags: STATUS_TAGS,
  responses: { "200": text("HTML.", "text/html") },
};
