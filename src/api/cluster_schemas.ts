/** The shapes of what the API answers about the cluster, and takes; `schemas.ts` has all the others. */
import { Type } from "@sinclair/typebox";
import type { ClusterStanding } from "../cluster/mod.ts";
import { closed, count } from "./schema_parts.ts";

const STANDINGS = ["member", "joining", "removed"] as const satisfies readonly ClusterStanding[];

const ClusterMemberSchema = Type.Object(
  {
    id: Type.String(),
    address: Type.String({ description: "HOST:PORT of its peer port." }),
    role: Type.Union([Type.Literal("voter"), Type.Literal("learner")]),
    isLeader: Type.Boolean(),
    isConnected: Type.Boolean({
      description: "Whether the monitor that answers has a connection to it now; true for itself.",
    }),
    matchIndex: Type.Optional(
      count("The last log entry that it is known to have; on the leader only."),
    ),
    lagEntries: Type.Optional(count("Entries that it has yet to confirm; on the leader only.")),
    isActive: Type.Optional(
      Type.Boolean({ description: "Heard within an election timeout; on the leader only." }),
    ),
  },
  closed,
);

export const StandingSchema = Type.Unsafe<ClusterStanding>(
  Type.Union(
    STANDINGS.map((standing) => Type.Literal(standing)),
    {
      description:
        "joining: it has yet to be let in. removed: it was a member, and never will be again under its id; its log says so, or a member that has proved to be one.",
    },
  ),
);

export const ClusterSchema = Type.Object(
  {
    clusterId: Type.String(),
    id: Type.String({ description: "Of the monitor that answers." }),
    standing: StandingSchema,
    role: Type.Union(
      ["leader", "follower", "candidate", "learner"].map((role) => Type.Literal(role)),
    ),
    leader: Type.Union([Type.String(), Type.Null()], {
      description: "Its id; null while none is known, and to a monitor that is halted none is.",
    }),
    term: count("The latest term that this monitor has seen."),
    quorum: Type.Boolean({ description: "False while the config cannot be changed here." }),
    commitIndex: count("The last log entry known to be committed."),
    appliedIndex: count("The last log entry in force here."),
    lastIndex: count("The last log entry here."),
    snapshotIndex: count("The last log entry that the snapshot here has; 0 for none."),
    halted: Type.Union([Type.String(), Type.Null()], {
      description: "Why this monitor takes no part any more; null while it does.",
    }),
    unreadableEntries: count("Entries of a later version of phi that were passed over."),
    members: Type.Array(ClusterMemberSchema),
    membersCommitted: Type.Boolean({
      description: "False while the last change of `members` may still be undone.",
    }),
  },
  { ...closed, description: "The cluster, as this monitor sees it." },
);

export const JoinRequestSchema = Type.Object(
  {
    id: Type.String({
      pattern: "^[A-Za-z0-9_.-]{1,64}$",
      description: "Never used in this cluster before.",
    }),
    address: Type.String({
      description: "HOST:PORT where the members reach the joiner's peer port.",
    }),
  },
  closed,
);

export const JoinAnswerSchema = Type.Object(
  { clusterId: Type.String(), members: Type.Array(ClusterMemberSchema) },
  closed,
);

export const RemoveAnswerSchema = Type.Object({ removed: Type.String() }, closed);
