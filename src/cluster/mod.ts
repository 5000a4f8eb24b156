/** One member of the cluster at work: Raft on its storage and links, joining, promotion, hand-over. */
export { ClusterNode } from "./node.ts";
export type { NodeOptions, NodeWorld } from "./node.ts";
export type { Links, Verified } from "./links.ts";
export { isMemberId, MEMBER_ID_RULE } from "./member_id.ts";
export type {
  ClusterMember,
  ClusterRole,
  ClusterStanding,
  ClusterStatus,
  ClusterView,
  JoinRequest,
  JoinResult,
  RemoveResult,
} from "./status.ts";
export { askToJoin, findCluster } from "./joining.ts";
export type { Asked, JoinGrants, JoinTarget } from "./joining.ts";
export type { KnownCluster } from "./join_answer.ts";
