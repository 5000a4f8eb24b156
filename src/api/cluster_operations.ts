/** What the routes of the cluster say about themselves in the OpenAPI document. */
import {
  answer,
  JSON_TYPE,
  media,
  NEEDS_TOKEN,
  pathParameter,
  refusals,
  WRITE_SECURITY,
} from "./operation_parts.ts";
import type { Operation } from "./route.ts";

const CLUSTER_TAGS = ["Cluster"];

const noCluster = "There is no cluster here.";

export const getClusterOperation: Operation = {
  operationId: "getCluster",
  summary: "Members, leader, term and indexes",
  description:
    "As this monitor sees them: each says which of the others it is connected to, and the leader how far each one is.",
  tags: CLUSTER_TAGS,
  responses: {
    "200": answer("Now.", media("Cluster", JSON_TYPE)),
    ...refusals({ "404": noCluster }),
  },
};

export const joinClusterOperation: Operation = {
  operationId: "joinCluster",
  summary: "Ask for a monitor to be taken in",
  description:
    "What a monitor with --join does. The peer port at the address is then dialled, and has to prove the cluster's credentials; link-local and cloud metadata addresses are dialled only where a rule of --allow-net names them; multicast, unspecified and broadcast addresses never. The joiner is a learner until it has caught up. Asking again for a member is no error.",
  tags: CLUSTER_TAGS,
  security: WRITE_SECURITY,
  requestBody: { required: true, content: media("JoinRequest", JSON_TYPE) },
  responses: {
    "200": answer("It is a member.", media("JoinAnswer", JSON_TYPE)),
    ...refusals({
      "400": "The body is not valid: `errors` says what and where. Or there is a precondition.",
      "401": NEEDS_TOKEN,
      "403":
        "The peer port at the address is not to be dialled, or did not prove the cluster's credentials.",
      "404": noCluster,
      "409": "The id is taken, or the monitor that was asked was itself removed from the cluster.",
      "413": "The body is over 4 KiB.",
      "415": "The body is not application/json.",
      "503": "No quorum decided on it; asking again is safe.",
    }),
  },
};

export const removeMemberOperation: Operation = {
  operationId: "removeMember",
  summary: "Remove a member for good",
  description:
    "Its id is never taken again. Stop the monitor, too: it goes on watching, and says of itself that it was removed.",
  tags: CLUSTER_TAGS,
  security: WRITE_SECURITY,
  parameters: [pathParameter("id", "The member's id.")],
  responses: {
    "200": answer("It is no member any more.", media("RemoveAnswer", JSON_TYPE)),
    ...refusals({
      "400": "There is a precondition, or a query parameter.",
      "401": NEEDS_TOKEN,
      "404": "There is no member of that id, or no cluster here.",
      "409":
        "It cannot be removed now: it is the last voter, too few others were heard, or the monitor that was asked was itself removed.",
      "503": "No quorum decided on it; asking again is safe.",
    }),
  },
};
