/**
 * `GET /cluster`, `POST /cluster/join` and `DELETE /cluster/members/:id`. What a cluster does with the
 * latter two is its own affair; here requests are checked, and results get their status.
 */
import { jsonAnswer } from "./answer.ts";
import { readJsonRequest } from "./body.ts";
import {
  getClusterOperation,
  joinClusterOperation,
  removeMemberOperation,
} from "./cluster_operations.ts";
import {
  type ClusterMember,
  type ClusterStatus,
  type ClusterView,
  isMemberId,
  type JoinResult,
  type RemoveResult,
} from "../cluster/mod.ts";
import { refusePrecondition } from "./etag.ts";
import { parseJoinRequest } from "./join_request.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { RETRY_AFTER } from "./unavailable.ts";

const MAX_BODY_BYTES = 4_096;

/** Without a cluster the routes are there too, and say that there is none. */
export function clusterRoutes({ cluster }: { readonly cluster?: ClusterView }): Route[] {
  return [
    {
      method: "GET",
      path: "/cluster",
      operation: getClusterOperation,
      handle: () =>
        cluster === undefined ? noCluster() : jsonAnswer(viewCluster(cluster.status())),
    },
    {
      method: "POST",
      path: "/cluster/join",
      operation: joinClusterOperation,
      handle: (request) =>
        cluster === undefined
          ? noCluster()
          : (refusePrecondition(request) ?? join(request, cluster)),
    },
    {
      method: "DELETE",
      path: "/cluster/members/:id",
      operation: removeMemberOperation,
      handle: (request, { id }) =>
        cluster === undefined
          ? noCluster()
          : (refusePrecondition(request) ?? remove(id ?? null, cluster)),
    },
  ];
}

function noCluster(): Response {
  return problem("no_cluster", "This receiver is by itself and shares its config with nobody.");
}

async function join(request: Request, cluster: ClusterView): Promise<Response> {
  const body = await readJsonRequest(request, MAX_BODY_BYTES);
  if (!body.ok) return body.response;
  const parsed = parseJoinRequest(body.bytes);
  if (!parsed.ok) return parsed.response;
  const result = await cluster.join(parsed.request);
  if (!result.ok) return refusedJoin(result);
  return jsonAnswer({ clusterId: result.clusterId, members: result.members.map(viewMember) });
}

function refusedJoin({ reason, detail }: Extract<JoinResult, { ok: false }>): Response {
  const sentence = `The member was not added: ${detail}.`;
  switch (reason) {
    case "not_verified":
      return problem("not_verified", sentence);
    case "conflict":
      return problem("member_conflict", sentence);
    case "refused":
      return problem("member_not_added", sentence);
    case "unavailable":
      return undecided(`The member may not have been added: ${detail}.`);
  }
}

async function remove(id: string | null, cluster: ClusterView): Promise<Response> {
  // What cannot be an id need not be asked for; but a member of an earlier version may have a name that is none now.
  const isMember = cluster.status().members.some((member) => member.id === id);
  if (id === null || !(isMember || isMemberId(id))) {
    return unknownMember("what the path names cannot be a member's id");
  }
  const result = await cluster.remove(id);
  return result.ok ? jsonAnswer({ removed: id }) : refusedRemoval(result);
}

function refusedRemoval({ reason, detail }: Extract<RemoveResult, { ok: false }>): Response {
  const sentence = `The member was not removed: ${detail}.`;
  switch (reason) {
    case "unknown_member":
      return unknownMember(detail);
    case "refused":
      return problem("member_not_removed", sentence);
    case "unavailable":
      return undecided(`The member may not have been removed: ${detail}.`);
  }
}

/** What was asked of a leader that is gone may still come to be. */
function undecided(sentence: string): Response {
  const advice =
    "GET /cluster shows whether it was, once there is a leader and `membersCommitted` is true; " +
    "asking again does no harm.";
  return problem("cluster_unavailable", `${sentence} ${advice}`, { headers: RETRY_AFTER });
}

function unknownMember(detail: string): Response {
  return problem("unknown_member", `No such member: ${detail}; GET /cluster lists the members.`);
}

/** Field by field, so that whatever else an implementation keeps there stays inside. */
function viewCluster(status: ClusterStatus): ClusterStatus {
  return {
    clusterId: status.clusterId,
    id: status.id,
    standing: status.standing,
    role: status.role,
    leader: status.leader,
    term: status.term,
    quorum: status.quorum,
    commitIndex: status.commitIndex,
    appliedIndex: status.appliedIndex,
    lastIndex: status.lastIndex,
    snapshotIndex: status.snapshotIndex,
    halted: status.halted,
    unreadableEntries: status.unreadableEntries,
    members: status.members.map(viewMember),
    membersCommitted: status.membersCommitted,
  };
}

function viewMember(member: ClusterMember): ClusterMember {
  const { id, address, role, isLeader, isConnected, matchIndex, lagEntries, isActive } = member;
  return {
    id,
    address,
    role,
    isLeader,
    isConnected,
    ...(matchIndex !== undefined && { matchIndex }),
    ...(lagEntries !== undefined && { lagEntries }),
    ...(isActive !== undefined && { isActive }),
  };
}
