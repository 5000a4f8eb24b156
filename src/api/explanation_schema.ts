/** The shape of an explanation as the API answers it; its type is made from it. */
import { Type, type Static } from "@sinclair/typebox";
import { PROBE_FAILURE_REASONS, VERDICTS } from "../monitor/mod.ts";
import { DOUBTS } from "../observers/mod.ts";
import { CombinedWithVotesSchema, ObserverSchema } from "./observer_schemas.ts";
import { BudgetSchema, DetectorSchema, QualitySchema } from "./quality_schemas.ts";
import { closed, count, nullable, oneOf, time } from "./schema_parts.ts";

const moment = (description: string) => nullable(time(description));

const FitSchema = Type.Object(
  {
    samples: count("Intervals in the sampling window; 0 before the first heartbeat."),
    meanMs: Type.Number({ description: "Their mean, or the first estimate." }),
    stdDevMs: Type.Number({ description: "Their standard deviation." }),
    leastStdDevMs: Type.Number({
      description: "minStdDeviationMillis; 0 where the model has none.",
    }),
    stdDevInForceMs: Type.Number({ description: "The larger of the two: the one that counts." }),
    acceptablePauseMs: Type.Number({ description: "acceptableHeartbeatPauseMillis." }),
    deviations: Type.Number({
      description: "How far the silence is past mean and pause, in deviations in force.",
    }),
  },
  {
    ...closed,
    description:
      "What is known of the rhythm; phi is computed from it by the models akka and normal.",
  },
);

const LastErrorSchema = Type.Object(
  { reason: oneOf(PROBE_FAILURE_REASONS), detail: Type.String(), at: moment("When.") },
  closed,
);

export const ExplanationSchema = Type.Object(
  {
    target: Type.String(),
    observer: nullable(Type.String({ description: "This monitor." })),
    at: moment("Now."),
    sentences: Type.Array(Type.String(), { description: "All of it, for people." }),
    verdict: oneOf(VERDICTS),
    verdictSince: moment("When this monitor's own verdict became what it is."),
    watchedSince: moment("When the watch began."),
    lastHeartbeat: moment("Null before the first."),
    silenceSeconds: Type.Number({
      description:
        "What phi is of: less the time in which this monitor did not run, or that an edit took out.",
    }),
    intervalSeconds: Type.Number({ description: "How often it is asked, or should report." }),
    pushed: Type.Boolean({ description: "Whether it reports by itself." }),
    phi: Type.Number({ minimum: 0 }),
    suspectPhi: Type.Number(),
    threshold: Type.Number(),
    fit: FitSchema,
    detector: DetectorSchema,
    quality: QualitySchema,
    budget: nullable(BudgetSchema),
    suspectAt: moment("When it becomes suspect if nothing arrives; null if it is, or never will."),
    downAt: moment("When it becomes down if nothing arrives; null if it is, or never will."),
    recovery: nullable(
      Type.Object(
        { heartbeats: count("In a row since it was down."), needed: count("To be up again.") },
        closed,
      ),
    ),
    probes: Type.Object(
      { total: count("Probes that ended."), failed: count("Those that failed.") },
      closed,
    ),
    lastError: nullable(LastErrorSchema),
    selfDoubts: Type.Array(Type.Object({ doubt: oneOf(DOUBTS), detail: Type.String() }, closed), {
      description: "Why this monitor does not trust itself.",
    }),
    combined: nullable(CombinedWithVotesSchema),
    minority: Type.Boolean({
      description: "Whether this monitor hears fewer than a majority of the members.",
    }),
    observers: Type.Array(ObserverSchema, { description: "By id, in ascending order." }),
  },
  { ...closed, description: "Why the verdict is what it is." },
);

export type ExplanationView = Static<typeof ExplanationSchema>;
