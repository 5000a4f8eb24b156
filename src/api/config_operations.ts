/** What the routes of the config say about themselves in the OpenAPI document. */
import {
  answer,
  headerParameter,
  JSON_TYPE,
  media,
  nameParameter,
  refusals,
  NEEDS_TOKEN,
  NO_SUCH_TARGET,
  YAML_TYPE,
  WRITE_SECURITY,
} from "./operation_parts.ts";
import { DEFAULT_CONFIG_LIMITS } from "../store/mod.ts";
import type { Operation, Parameter } from "./route.ts";

const etagHeader = {
  ETag: {
    description: "The revision, in quotes; of YAML with -yaml after it.",
    schema: { type: "string" },
    example: '"5"',
  },
};

const ifMatch = headerParameter(
  "If-Match",
  'Write only if this is still the revision: `"5"`, a list of such tags, or `*`.',
);
const ifNoneMatchRead = headerParameter("If-None-Match", "Answer 304 if this is the revision.");
const ifNoneMatchWrite = headerParameter(
  "If-None-Match",
  "`*`: only if there is none of that name.",
);

const idempotencyKey = headerParameter(
  "Idempotency-Key",
  `A name for this write, 1 to 128 visible ASCII characters: repeated under it, the write is applied once and the answer is the same. That holds for the last ${DEFAULT_CONFIG_LIMITS.maxKeys} writes that had one, and ${DEFAULT_CONFIG_LIMITS.keysExpireAfter} entries of the log at most: with a revision in If-Match beside it a write may be repeated however late.`,
);

const stale: Parameter = {
  name: "stale",
  in: "query",
  description:
    "`true`: whatever this monitor has now, which may be behind. The answer then has the header Phi-Stale: true.",
  schema: { type: "boolean", default: false },
};

const readHeaders = {
  ...etagHeader,
  "Phi-Stale": {
    description: "There, and true, where the answer may be behind.",
    schema: { type: "string", const: "true" },
  },
};

const noRead = "No quorum could be asked for the current config; `?stale=true` needs none.";
const noWrite =
  "No quorum decided on it. The problem's type says whether the write failed or is unknown.";
const badQuery = 'There is no query parameter but "stale".';

const notModified = { description: "It is what If-None-Match names." };
const noMatch = "If-Match or If-None-Match does not hold; nothing has changed.";
const badBody = "The body is not valid: `errors` says what and where; nothing has changed.";
const tooLarge =
  "The body is over 8 MiB, or over 64 KiB of YAML: send what is larger as JSON. Or, written out in full, it is over 16 MiB.";
const wrongType = "The body has no Content-Type that is understood.";

const CONFIG_TAGS = ["Config"];

export const putTargetOperation: Operation = {
  operationId: "putTarget",
  summary: "Create or replace one target",
  description:
    "Replaces, does not merge: what the body leaves out gets its default. A target that is known keeps its history.",
  tags: CONFIG_TAGS,
  security: WRITE_SECURITY,
  parameters: [ifMatch, ifNoneMatchWrite, idempotencyKey],
  requestBody: { required: true, content: media("TargetInput", JSON_TYPE, YAML_TYPE) },
  responses: {
    "200": answer(
      "Committed. The ETag is the target's.",
      media("WriteAnswer", JSON_TYPE),
      etagHeader,
    ),
    ...refusals({
      "400": badBody,
      "401": NEEDS_TOKEN,
      "412": noMatch,
      "413": tooLarge,
      "415": wrongType,
      "422":
        "The network policy does not allow the address, there are too many targets, or the key was used for another write.",
      "503": noWrite,
    }),
  },
};

export const getConfigOperation: Operation = {
  operationId: "getConfig",
  summary: "The whole config",
  description:
    "Has every write that was acknowledged anywhere before. What differs from the defaults, so that it can be sent back by POST, unless single writes have made it larger than 8 MiB. GET /config/{name} spells a target out.",
  tags: CONFIG_TAGS,
  parameters: [stale, ifNoneMatchRead],
  responses: {
    "200": answer("By Accept.", media("Config", JSON_TYPE, YAML_TYPE), readHeaders),
    "304": notModified,
    ...refusals({ "400": badQuery, "406": "Neither JSON nor YAML is accepted.", "503": noRead }),
  },
};

export const getTargetConfigOperation: Operation = {
  operationId: "getTargetConfig",
  summary: "One target's config",
  tags: CONFIG_TAGS,
  parameters: [nameParameter("The target's name."), stale, ifNoneMatchRead],
  responses: {
    "200": answer(
      "By Accept. The ETag is the target's.",
      media("Target", JSON_TYPE, YAML_TYPE),
      readHeaders,
    ),
    "304": notModified,
    ...refusals({
      "400": badQuery,
      "404": NO_SUCH_TARGET,
      "406": "Neither JSON nor YAML is accepted.",
      "503": noRead,
    }),
  },
};

export const replaceConfigOperation: Operation = {
  operationId: "replaceConfig",
  summary: "Replace the whole config",
  description: "What the body does not name is no longer watched. Whole, or not at all.",
  tags: CONFIG_TAGS,
  security: WRITE_SECURITY,
  parameters: [
    headerParameter(
      "If-Match",
      "The ETag of GET /config, or `*` to replace whatever is there.",
      true,
    ),
    idempotencyKey,
  ],
  requestBody: { required: true, content: media("Config", JSON_TYPE, YAML_TYPE) },
  responses: {
    "200": answer("Committed.", media("ReplaceAnswer", JSON_TYPE), etagHeader),
    ...refusals({
      "400": badBody,
      "401": NEEDS_TOKEN,
      "412": noMatch,
      "413": tooLarge,
      "415": wrongType,
      "422":
        "The network policy does not allow an address, there are too many targets, or the key was used for another write.",
      "428": "If-Match is missing.",
      "503": noWrite,
    }),
  },
};

export const deleteTargetOperation: Operation = {
  operationId: "deleteTarget",
  summary: "Stop watching a target",
  description: "Its series are gone at the next scrape.",
  tags: CONFIG_TAGS,
  security: WRITE_SECURITY,
  parameters: [nameParameter("The target's name."), ifMatch, idempotencyKey],
  responses: {
    "200": answer("Committed.", media("DeleteAnswer", JSON_TYPE)),
    ...refusals({
      "400": "A header is not valid; nothing has changed.",
      "401": NEEDS_TOKEN,
      "404": NO_SUCH_TARGET,
      "412": noMatch,
      "422": "The key was used for another write.",
      "503": noWrite,
    }),
  },
};
