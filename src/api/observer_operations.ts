/** What the routes of the observers say about themselves in the OpenAPI document. */
import { answer, JSON_TYPE, media, refusals } from "./operation_parts.ts";
import type { Operation } from "./route.ts";

const OBSERVER_TAGS = ["Observers"];
const NO_OBSERVERS = "This receiver is by itself.";

export const listObserversOperation: Operation = {
  operationId: "listObservers",
  summary: "Who watches, who of them is heard, and who doubts itself",
  tags: OBSERVER_TAGS,
  responses: {
    "200": answer("As this monitor knows it, now.", media("Observers", JSON_TYPE)),
    ...refusals({ "404": NO_OBSERVERS }),
  },
};

export const observerMatrixOperation: Operation = {
  operationId: "getObserverMatrix",
  summary: "Who says what of every target",
  tags: OBSERVER_TAGS,
  responses: {
    "200": answer("In the order of the config.", media("ObserverMatrix", JSON_TYPE)),
    ...refusals({ "404": NO_OBSERVERS }),
  },
};
