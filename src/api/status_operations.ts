/** What the routes about the monitor itself say about themselves in the OpenAPI document. */
import { answer, JSON_TYPE, media, text } from "./operation_parts.ts";
import type { Operation } from "./route.ts";

const STATUS_TAGS = ["Status"];

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
