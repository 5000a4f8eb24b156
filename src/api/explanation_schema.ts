/** The shape of an explanation as the API answers it; its type is made from it. */
import { Type, type Static, type TSchema } from "@sinclair/typebox";
import { PROBE_FAILURE_REASONS, VERDICTS } from "../monitor/mod.ts";
import { COMBINED_VERDICTS, DOUBTS } from "../observers/mod.ts";

const closed = { additionalProperties: false };
const time = (description: string) =>
  Type.Union([Type.String({ format: "date-time", description }), Type.Null()]);
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const count = (description: string) => Type.Integer({ minimum: 0, description });
const oneOf = <T extends string>(names: readonly T[]) =>
  Type.Unsafe<T>(Type.Union(names.map((name) => Type.Literal(name))));

const FitSchema = Type.Object(
  {
    samples: count("Intervals in the sampling window; 0 before the first heartbeat."),
    meanMs: Type.Number({ description: "Their mean, or the first estimate." }),
    stdDevMs: Type.Number({ description: "Their standard deviation." }),
    leastStdDevMs: Type.Number({ description: "minStdDeviationMillis." }),
    stdDevInForceMs: Type.Number({ description: "The larger of the two: the one that counts." }),
    acceptablePauseMs: Type.Number({ description: "acceptableHeartbeatPauseMillis." }),
    deviations: Type.Number({
      description: "How far the silence is past mean and pause, in deviations in force.",
    }),
  },
  { ...closed, description: "What phi is computed from." },
);

const VoteSchema = Type.Object(
  {
    observer: Type.String(),
    verdict: oneOf(VERDICTS),
    phi: Type.Number(),
    since: time("When its verdict changed last, by its own clock."),
    counted: Type.Boolean({ description: "False if it says so in doubt of itself." }),
  },
  closed,
);

const CombinedSchema = Type.Object(
  {
    verdict: oneOf(COMBINED_VERDICTS),
    since: time("When this monitor first held it."),
    needed: count("So many have to say down."),
    members: count("Monitors of the cluster, heard or not."),
    minority: Type.Boolean({ description: "Whether this monitor hears fewer than a majority." }),
    dissenters: Type.Array(Type.String()),
    votes: Type.Array(VoteSchema),
  },
  { ...closed, description: "What all monitors hold together." },
);

const ObserverSchema = Type.Object(
  {
    id: Type.String(),
    self: Type.Boolean(),
    heard: Type.Boolean(),
    silentSeconds: nullable(Type.Number()),
    inDoubt: Type.Boolean(),
    doubts: Type.Array(oneOf(DOUBTS)),
  },
  closed,
);

const LastErrorSchema = Type.Object(
  { reason: oneOf(PROBE_FAILURE_REASONS), detail: Type.String(), at: time("When.") },
  closed,
);

export const ExplanationSchema = Type.Object(
  {
    target: Type.String(),
    observer: nullable(Type.String({ description: "This monitor." })),
    at: time("Now."),
    sentences: Type.Array(Type.String(), { description: "All of it, for people." }),
    verdict: oneOf(VERDICTS),
    verdictSince: time("When this monitor's own verdict became what it is."),
    watchedSince: time("When the watch began."),
    lastHeartbeat: time("Null before the first."),
    silenceSeconds: Type.Number({
      description: "What phi is of: less the time in which this monitor did not run.",
    }),
    intervalSeconds: Type.Number({ description: "How often it is asked, or should report." }),
    pushed: Type.Boolean({ description: "Whether it reports by itself." }),
    phi: Type.Number({ minimum: 0 }),
    suspectPhi: Type.Number(),
    threshold: Type.Number(),
    fit: FitSchema,
    suspectAt: time("When it becomes suspect if nothing arrives; null if it is, or never will."),
    downAt: time("When it becomes down if nothing arrives; null if it is, or never will."),
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
    combined: nullable(CombinedSchema),
    observers: Type.Array(ObserverSchema),
  },
  { ...closed, description: "Why the verdict is what it is." },
);

export type ExplanationView = Static<typeof ExplanationSchema>;
