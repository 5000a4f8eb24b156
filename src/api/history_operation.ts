/** What the route of a target's history says about itself in the OpenAPI document. */
import { DEFAULT_LIMIT, MAX_LIMIT } from "./history_query.ts";
import { answer, JSON_TYPE, media, nameParameter, refusals } from "./operation_parts.ts";
import type { Operation, Parameter } from "./route.ts";

const moment = (name: string, description: string): Parameter => ({
  name,
  in: "query",
  description: `${description} A time as RFC 3339 has it, or Unix seconds.`,
  schema: { type: "string" },
});

export const historyOperation: Operation = {
  operationId: "getTargetHistory",
  summary: "What a target was: its verdicts, and phi about once a minute",
  description:
    "Answered for a target that is not watched any more too, as long as something of it is kept (--history-days, --history-max-bytes).",
  tags: ["Watch"],
  parameters: [
    nameParameter("The target's name."),
    moment("from", "The first moment; a day before `to` if not given."),
    moment("to", "The moment before which to end; now if not given."),
    {
      name: "limit",
      in: "query",
      description: "At most so many changes and samples together.",
      schema: { type: "integer", minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
    },
  ],
  responses: {
    "200": answer("In the order of time.", media("History", JSON_TYPE)),
    ...refusals({
      "400": "A query parameter is not valid, or there is no such parameter.",
      "404": "Nothing is known of a target of that name, or this monitor keeps no history.",
      "503": "The history cannot be read now; Retry-After says when to try again.",
    }),
  },
};
