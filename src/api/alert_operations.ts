/** What the routes of the alerts say about themselves in the OpenAPI document. */
import {
  answer,
  headerParameter,
  JSON_TYPE,
  media,
  NEEDS_TOKEN,
  pathParameter,
  refusals,
  WRITE_SECURITY,
} from "./operation_parts.ts";
import type { Operation } from "./route.ts";

const ALERT_TAGS = ["Alerts"];
const NO_ALERTS = "This receiver is by itself and alerts nobody.";

export const listAlertsOperation: Operation = {
  operationId: "listAlerts",
  summary: "What is told, to whom, and what waits",
  description:
    "Incidents and who was told of them are the same on every monitor; attempts are known where they are made.",
  tags: ALERT_TAGS,
  responses: {
    "200": answer("Now.", media("Alerts", JSON_TYPE)),
    ...refusals({ "404": NO_ALERTS }),
  },
};

export const listSilencesOperation: Operation = {
  operationId: "listSilences",
  summary: "What is kept quiet, until when, by whom and why",
  description: "The last to end first; those that ended stay for a while.",
  tags: ALERT_TAGS,
  responses: {
    "200": answer("Now.", media("Silences", JSON_TYPE)),
    ...refusals({ "404": NO_ALERTS }),
  },
};

const undecided =
  "No quorum decided on it. The problem's type says whether the write failed or is unknown.";

export const addSilenceOperation: Operation = {
  operationId: "addSilence",
  summary: "Keep something quiet for a while",
  description:
    "What begins and goes on is not told until the silence ends. What was told before stays so: its end is told.",
  tags: ALERT_TAGS,
  security: WRITE_SECURITY,
  parameters: [
    headerParameter(
      "Idempotency-Key",
      "Repeated under it, the silence is made once. One that was removed meanwhile, or ended so long ago that it is not listed, is made anew.",
    ),
  ],
  requestBody: { required: true, content: media("SilenceInput", JSON_TYPE) },
  responses: {
    "200": answer("It holds, on all monitors.", media("Silence", JSON_TYPE)),
    ...refusals({
      "400": "The body is not valid: `errors` says what and where. Or there is a precondition.",
      "401": NEEDS_TOKEN,
      "404": NO_ALERTS,
      "409": "Some monitors run a version that knows of no silences.",
      "413": "The body is over 16 KiB.",
      "415": "The body is not application/json.",
      "422":
        "There are too many silences, or the Idempotency-Key was used for another, or for one that is over.",
      "503": undecided,
    }),
  },
};

export const removeSilenceOperation: Operation = {
  operationId: "removeSilence",
  summary: "End a silence now",
  description: "What it held back and still goes on is told.",
  tags: ALERT_TAGS,
  security: WRITE_SECURITY,
  parameters: [pathParameter("id", "The silence's id.")],
  responses: {
    "200": answer("It is gone.", media("RemoveSilenceAnswer", JSON_TYPE)),
    ...refusals({
      "400": "There is a precondition, or a query parameter.",
      "401": NEEDS_TOKEN,
      "404": "There is no silence of that id.",
      "503": undecided,
    }),
  },
};
