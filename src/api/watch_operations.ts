/** What the routes of targets, events and heartbeats say about themselves in the OpenAPI document. */
import { VERDICTS } from "../monitor/mod.ts";
import {
  answer,
  headerParameter,
  JSON_TYPE,
  media,
  nameParameter,
  ref,
  refusals,
  text,
  NEEDS_TOKEN,
  NO_SUCH_TARGET,
  WRITE_SECURITY,
} from "./operation_parts.ts";
import type { Operation } from "./route.ts";

const WATCH_TAGS = ["Watch"];

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
    "200": answer("Now.", media("TargetDetail", JSON_TYPE)),
    ...refusals({ "404": NO_SUCH_TARGET }),
  },
};

export const targetIntervalsOperation: Operation = {
  operationId: "getTargetIntervals",
  summary: "The last intervals between a target's heartbeats",
  description:
    "Oldest first, as `phi replay --target NAME` reads them. For the model `akka` they are those of the sampling window (maxSampleSize) until the target is first called down, and from then on the last so many with the outages among them; for `normal` and `fixed` the last maxSampleSize, for `calibrated` and every target with a budget the last 1,024.",
  tags: WATCH_TAGS,
  parameters: [nameParameter("The target's name.")],
  responses: {
    "200": answer("Now.", media("Intervals", JSON_TYPE)),
    ...refusals({ "404": NO_SUCH_TARGET }),
  },
};

export const explainTargetOperation: Operation = {
  operationId: "explainTarget",
  summary: "Why the verdict on a target is what it is",
  description:
    "The samples and the fit behind phi, the last heartbeat and the last error, when the target will be called suspect and down if nothing arrives, what each monitor says, and which of them doubts itself. As text it is the sentences alone.",
  tags: WATCH_TAGS,
  parameters: [nameParameter("The target's name.")],
  responses: {
    "200": answer("Now.", {
      ...media("Explanation", JSON_TYPE),
      "text/plain": { schema: { type: "string" } },
    }),
    ...refusals({ "404": NO_SUCH_TARGET, "406": "Neither JSON nor text is accepted." }),
  },
};

export const eventsOperation: Operation = {
  operationId: "getEvents",
  summary: "Every change of verdict, as it happens",
  description:
    "Server-sent events. The first is `snapshot` (its data is a SnapshotEvent), then each change of what this monitor sees is `verdict` (a VerdictEvent), of what all observers hold together `combined` (a CombinedEvent), and of an observer itself `observer` (an ObserverEvent). A listener that comes back with Last-Event-ID gets what it missed, or a new snapshot if that is no longer known. A comment comes every 15 seconds. A listener that does not read is dropped once 8192 events wait for it.",
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
    "For targets with the url `push:`, on any monitor, which hands it on to the others. Needs no Content-Type. With a sequence number, late and repeated reports do not count.",
  tags: WATCH_TAGS,
  security: WRITE_SECURITY,
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
      "400": "The sequence number is not a whole number, or is there twice.",
      "401": NEEDS_TOKEN,
      "404": NO_SUCH_TARGET,
      "409": "The target is not a pushed one, or the sequence number is not above the last.",
      "413": "The body is over 1 KiB.",
    }),
  },
};
