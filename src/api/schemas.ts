/**
 * The shapes of what the API answers, as schemas: the types of `views.ts` are made from them, and the
 * OpenAPI document shows them, so that neither can say what the other does not.
 */
import { Type, type Static, type TSchema } from "@sinclair/typebox";
import {
  AlertsSchema,
  RemoveSilenceAnswerSchema,
  SilenceInputSchema,
  SilenceSchema,
  SilencesSchema,
} from "./alert_schemas.ts";
import {
  ClusterSchema,
  JoinAnswerSchema,
  JoinRequestSchema,
  RemoveAnswerSchema,
  StandingSchema,
} from "./cluster_schemas.ts";
import { ExplanationSchema } from "./explanation_schema.ts";
import { HistorySchema } from "./history_schemas.ts";
import { ConfigInputSchema, TargetInputSchema, TargetSchema } from "../config/mod.ts";
import { PROBE_FAILURE_REASONS, VERDICTS } from "../monitor/mod.ts";
import {
  CombinedSchema,
  CombinedVerdictSchema,
  CombinedWithVotesSchema,
  OBSERVER_SCHEMAS,
} from "./observer_schemas.ts";
import { BudgetSchema, DetectorSchema, IntervalsSchema, QualitySchema } from "./quality_schemas.ts";
import { closed, count, nullable, oneOf, time } from "./schema_parts.ts";

/** A pushed target is shown without what says how to ask. */
const ShownTargetSchema: TSchema = {
  ...TargetSchema,
  required: ["name", "url", "intervalMillis", "labels", "monitor"],
};

export const VerdictSchema = oneOf(VERDICTS);

const FailureReasonSchema = oneOf(PROBE_FAILURE_REASONS);

const targetViewProperties = {
  name: Type.String(),
  url: Type.String(),
  verdict: VerdictSchema,
  verdictSince: nullable(time("When the verdict became what it is.")),
  phi: Type.Number({ minimum: 0, description: "The suspicion level now. Always finite." }),
  threshold: Type.Number({ description: "The phi from which the target is down, now." }),
  suspectPhi: Type.Number({ description: "The phi from which the target is suspect." }),
  watchedSeconds: Type.Number({ description: "How long this monitor has watched the target." }),
  lastHeartbeat: nullable(time("When the last valid answer arrived; null before the first.")),
  silenceSeconds: Type.Number({
    description: "Since the last heartbeat that this process heard; before it, since it watches.",
  }),
  heartbeats: count("Heartbeats since the watch began."),
  window: Type.Object(
    {
      samples: count("Intervals in the sampling window."),
      meanMs: Type.Number({
        description: "Their mean; the first estimate while there are none.",
      }),
      stdDevMs: Type.Number({ description: "Their standard deviation." }),
    },
    closed,
  ),
  probes: Type.Object(
    {
      total: count("Probes that were answered or failed."),
      skipped: count(
        "Probes that were due and not sent: too many were still out, or the monitor was late.",
      ),
      failures: Type.Record(Type.String(), Type.Integer(), {
        description: `Failed probes by reason: ${PROBE_FAILURE_REASONS.join(", ")}.`,
      }),
    },
    closed,
  ),
  lastError: nullable(
    Type.Object(
      { reason: FailureReasonSchema, detail: Type.String(), at: nullable(time("When.")) },
      closed,
    ),
  ),
  certificateExpires: nullable(time("When the server's certificate ends; null if none was seen.")),
};

const NO_OBSERVERS = "Absent where nobody else could watch: in an isolate.";

export const TargetViewSchema = Type.Object(
  {
    ...targetViewProperties,
    combined: Type.Optional({ ...CombinedSchema, description: NO_OBSERVERS }),
  },
  { ...closed, description: "What this monitor sees of one target, now." },
);

export const TargetDetailSchema = Type.Object(
  {
    ...targetViewProperties,
    combined: Type.Optional({ ...CombinedWithVotesSchema, description: NO_OBSERVERS }),
    detector: DetectorSchema,
    quality: QualitySchema,
    budget: nullable(BudgetSchema),
  },
  {
    ...closed,
    description: "As TargetView, and who says what, and how well the target is judged.",
  },
);

export const SnapshotEventSchema = Type.Object(
  {
    at: nullable(time("When the snapshot was taken.")),
    targets: Type.Array(
      Type.Object(
        {
          target: Type.String(),
          verdict: VerdictSchema,
          since: nullable(time("When the verdict became what it is.")),
          combined: Type.Optional(CombinedVerdictSchema),
        },
        closed,
      ),
    ),
    recent: Type.Array(
      Type.Object(
        {
          id: Type.Integer(),
          event: Type.Union([
            Type.Literal("verdict"),
            Type.Literal("combined"),
            Type.Literal("observer"),
          ]),
          data: Type.Object({}, { description: "As that event had it." }),
        },
        closed,
      ),
      { description: "The last events before it that this monitor has seen, the oldest first." },
    ),
  },
  {
    ...closed,
    description:
      "The data of a `snapshot` event: every target's verdict, and what happened last before it.",
  },
);

export const VerdictEventSchema = Type.Object(
  {
    target: Type.String(),
    from: VerdictSchema,
    to: VerdictSchema,
    phi: Type.Number(),
    silenceSeconds: Type.Number({
      description: "The silence that led to it; 0 after a heartbeat.",
    }),
    reason: Type.String(),
    at: nullable(time("When it changed.")),
  },
  { ...closed, description: "The data of a `verdict` event." },
);

export const WriteAnswerSchema = Type.Object(
  {
    revision: Type.Integer({ description: "The target's revision: its ETag." }),
    created: Type.Boolean({ description: "False if it replaced a target of that name." }),
    target: ShownTargetSchema,
  },
  closed,
);

export const ReplaceAnswerSchema = Type.Object(
  { revision: Type.Integer(), targets: count("How many targets there are now.") },
  closed,
);

export const DeleteAnswerSchema = Type.Object(
  { revision: Type.Integer(), deleted: Type.String() },
  closed,
);

export const HeartbeatSchema = Type.Object(
  {
    sequence: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: "Above that of the last one, or the beat is stale.",
      }),
    ),
  },
  closed,
);

export const ReadinessSchema = Type.Object(
  {
    status: Type.Literal("watching"),
    watching: count("Targets under watch."),
    revision: Type.Integer({ description: "Of the config that this monitor follows." }),
    quorum: Type.Optional(
      Type.Boolean({
        description:
          "False while the config cannot be changed here. Absent where there is no cluster.",
      }),
    ),
    standing: Type.Optional(StandingSchema),
    halted: Type.Optional(
      nullable(
        Type.String({ description: "Why this monitor takes no part in its cluster any more." }),
      ),
    ),
    detail: Type.Optional(Type.String({ description: "What is wrong, for people." })),
    pausedSeconds: Type.Number({
      description: "Time in which this process did not run; it is not counted as silence.",
    }),
    version: Type.String(),
    observer: Type.Optional(Type.String()),
  },
  closed,
);

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: "urn:phi:problem:KIND; programs tell refusals apart by it." }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "What is wrong, and what to do." }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: "A JSON pointer into the body (RFC 6901)." }),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { description: "RFC 9457." },
);

export const SCHEMAS = {
  Target: ShownTargetSchema,
  TargetInput: TargetInputSchema,
  Config: ConfigInputSchema,
  TargetView: TargetViewSchema,
  Explanation: ExplanationSchema,
  TargetDetail: TargetDetailSchema,
  Intervals: IntervalsSchema,
  History: HistorySchema,
  Verdict: VerdictSchema,
  SnapshotEvent: SnapshotEventSchema,
  VerdictEvent: VerdictEventSchema,
  WriteAnswer: WriteAnswerSchema,
  ReplaceAnswer: ReplaceAnswerSchema,
  DeleteAnswer: DeleteAnswerSchema,
  Heartbeat: HeartbeatSchema,
  Readiness: ReadinessSchema,
  Cluster: ClusterSchema,
  JoinRequest: JoinRequestSchema,
  JoinAnswer: JoinAnswerSchema,
  RemoveAnswer: RemoveAnswerSchema,
  ...OBSERVER_SCHEMAS,
  Alerts: AlertsSchema,
  Silence: SilenceSchema,
  Silences: SilencesSchema,
  SilenceInput: SilenceInputSchema,
  RemoveSilenceAnswer: RemoveSilenceAnswerSchema,
  Problem: ProblemSchema,
} as const satisfies Record<string, TSchema>;

export type SchemaName = keyof typeof SCHEMAS;

export type TargetView = Static<typeof TargetViewSchema>;
export type TargetDetail = Static<typeof TargetDetailSchema>;
export type SnapshotEntry = Static<typeof SnapshotEventSchema>["targets"][number];
export type VerdictEvent = Static<typeof VerdictEventSchema>;
