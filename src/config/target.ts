/**
 * What it means to watch something: the schema of a decoded target, in which every default is filled
 * in. It holds the ranges, and `target_input.ts` builds from the same fields what people may leave
 * out; so the two cannot disagree, and the API's description says what the decoder enforces. A rule
 * that a schema cannot say (is this a URL?) is in `field_rules.ts`.
 */
import { Type, type Static } from "@sinclair/typebox";

/** More than these is refused, so that one bad file cannot take the monitor with it. */
export const MAX_TARGETS = 100_000;
export const MAX_CONFIG_BYTES = 8 * 1024 * 1024;

/** Targets with this URL are not asked: they report. */
export const PUSH_URL = "push:";

export const ONE_DAY_MILLIS = 86_400_000;

/** What a target gets for what was left out; the first estimate is the interval, if nobody gives one. */
export const DEFAULTS = {
  intervalMillis: 1_000,
  timeoutMillis: 5_000,
  method: "GET",
  connection: "reuse",
  expect: { status: ["200-299"], maxBodyBytes: 65_536 },
  tls: { insecureSkipVerify: false },
  monitor: {
    model: "akka",
    threshold: 16,
    suspectRatio: 0.5,
    upAfterHeartbeats: 2,
    maxSampleSize: 200,
    minStdDeviationMillis: 500,
    acceptableHeartbeatPauseMillis: 0,
    mistakeMaxMillis: 60_000,
  },
} as const;

/** How suspicion may be computed; with a budget it is `calibrated` unless another is named. */
export const MODELS = ["akka", "normal", "fixed", "calibrated"] as const;

export type ModelName = (typeof MODELS)[number];

/** The threshold of the model `calibrated`: about one interval in a million. 16 would be one in ten thousand million million. */
export const CALIBRATED_THRESHOLD = 6;

/** The least threshold that a budget may lead to: a target that is down in a tenth of its intervals is no verdict. */
export const LEAST_BUDGETED_THRESHOLD = 1;
export const MONTH_MILLIS = 30 * ONE_DAY_MILLIS;

const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, description });

/** A string for each name; what the names and strings may be is `field_rules.ts`'s. */
const stringByName = (maxProperties: number, maxLength: number, description: string) =>
  Type.Unsafe<Record<string, string>>(
    Type.Object(
      {},
      {
        additionalProperties: Type.String({ maxLength }),
        maxProperties,
        description,
        default: {},
      },
    ),
  );

/** How the rhythm of a target's heartbeats is judged. */
export const monitorFields = {
  model: Type.Union(
    MODELS.map((model) => Type.Literal(model)),
    {
      default: DEFAULTS.monitor.model,
      description:
        "How suspicion is computed: `akka` and `normal` fit a normal distribution to the last intervals, `calibrated` ranks a silence among them, `fixed` is a timeout. With a budget the default is `calibrated`.",
    },
  ),
  threshold: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1_000,
    default: DEFAULTS.monitor.threshold,
    description:
      "The suspicion (phi) at which the target is down. Higher makes fewer mistakes and takes longer. Without meaning beside a budget, from which it follows. With the model `calibrated` the default is 6.",
  }),
  suspectRatio: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    default: DEFAULTS.monitor.suspectRatio,
    description: "The target is suspect from this share of the threshold.",
  }),
  upAfterHeartbeats: Type.Integer({
    minimum: 1,
    maximum: 1_000,
    default: DEFAULTS.monitor.upAfterHeartbeats,
    description: "Heartbeats in a row that make a target that was down up again.",
  }),
  maxSampleSize: Type.Integer({
    minimum: 2,
    maximum: 10_000,
    default: DEFAULTS.monitor.maxSampleSize,
    description: "Intervals between heartbeats that are remembered, the sampling window.",
  }),
  minStdDeviationMillis: Type.Number({
    exclusiveMinimum: 0,
    maximum: ONE_DAY_MILLIS,
    default: DEFAULTS.monitor.minStdDeviationMillis,
    description:
      "Milliseconds. The least deviation to reckon with, however regular the heartbeats were.",
  }),
  acceptableHeartbeatPauseMillis: Type.Number({
    minimum: 0,
    maximum: ONE_DAY_MILLIS,
    default: DEFAULTS.monitor.acceptableHeartbeatPauseMillis,
    description: "Milliseconds of silence beyond the usual that are not held against the target.",
  }),
  firstHeartbeatEstimateMillis: Type.Number({
    exclusiveMinimum: 0,
    maximum: ONE_DAY_MILLIS,
    description:
      "Milliseconds between heartbeats, until enough came. Default: intervalMillis, or the shorter interval at which minIntervalMillis has it asked.",
  }),
  mistakeMaxMillis: Type.Number({
    minimum: 0,
    maximum: ONE_DAY_MILLIS,
    default: DEFAULTS.monitor.mistakeMaxMillis,
    description:
      "Milliseconds. A target that was down for longer was in a real outage; shorter, and without other evidence, it counts as a possible mistake. Never less than the time that a single lost heartbeat can take.",
  }),
};

/** Those that have no default: without them there is no budget, and no timeout. */
export const optionalMonitorFields = {
  fixedTimeoutMillis: Type.Number({
    exclusiveMinimum: 0,
    maximum: ONE_DAY_MILLIS,
    description: "Milliseconds of silence from which the target is down, with the model `fixed`.",
  }),
  detectWithinMillis: Type.Integer({
    minimum: 20,
    maximum: ONE_DAY_MILLIS,
    description:
      "A budget instead of a threshold: milliseconds from the last heartbeat before a crash within which the target is down.",
  }),
  falseAlarmsPerMonth: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1_000_000,
    description:
      "A budget instead of a threshold: how often in 30 days the target may be called down by mistake. The threshold follows from the observed history.",
  }),
  minIntervalMillis: Type.Integer({
    minimum: 10,
    maximum: ONE_DAY_MILLIS,
    description:
      "Milliseconds. Lets the monitor ask this often, and no more, where detectWithinMillis needs it. Without it intervalMillis is not changed.",
  }),
  downVotes: Type.Integer({
    minimum: 1,
    maximum: 100,
    description:
      "Monitors that have to say down before all hold it for down. Default: a majority of the members. Of three or more it takes two at least, and never more than there are.",
  }),
};

export const expectFields = {
  status: Type.Array(
    Type.Union([
      Type.Integer({ minimum: 100, maximum: 599 }),
      Type.String({ maxLength: 7, description: "A range, both ends included: 200-299" }),
    ]),
    {
      minItems: 1,
      maxItems: 64,
      default: DEFAULTS.expect.status,
      description: "HTTP status codes, and ranges of them, that count as an answer.",
    },
  ),
  bodyMatches: text(
    512,
    "A regular expression (ECMAScript, flag `u`) that has to match somewhere in the body.",
  ),
  maxBodyBytes: Type.Integer({
    minimum: 1,
    maximum: 16 * 1024 * 1024,
    default: DEFAULTS.expect.maxBodyBytes,
    description: "Bytes. A longer body is a failed probe.",
  }),
};

export const tlsFields = {
  caFile: text(4_096, "Path of a PEM file with the authorities to trust instead of the system's."),
  serverName: text(253, "The name to send and to require of the certificate, if not the URL's."),
  insecureSkipVerify: Type.Boolean({
    default: DEFAULTS.tls.insecureSkipVerify,
    description: "Takes any certificate. Whoever is in between can then answer for the target.",
  }),
};

export const basicAuthSchema = Type.Object(
  {
    user: text(256, "The user's name."),
    passwordFile: text(4_096, "Path of a file that holds the password."),
  },
  { additionalProperties: false, description: "HTTP basic authentication." },
);

export const targetFields = {
  name: text(128, "1 to 128 of A-Z a-z 0-9 . _ : - but not `.` or `..`; unique."),
  url: text(2_048, "http or https; or `push:`, and the target reports by POST /heartbeat/NAME."),
  intervalMillis: Type.Integer({
    minimum: 10,
    maximum: ONE_DAY_MILLIS,
    default: DEFAULTS.intervalMillis,
    description: "Milliseconds from one question to the next.",
  }),
  timeoutMillis: Type.Integer({
    minimum: 10,
    maximum: 600_000,
    default: DEFAULTS.timeoutMillis,
    description: "Milliseconds that a probe may take, from the name's look-up to the last byte.",
  }),
  method: text(32, "The HTTP method, in capitals; not CONNECT."),
  headers: stringByName(64, 4_096, "Header fields to send with each question. No secrets."),
  bearerTokenFile: text(4_096, "Path of a file that holds a bearer token. Not with basicAuth."),
  basicAuth: basicAuthSchema,
  connection: Type.Union([Type.Literal("reuse"), Type.Literal("fresh")], {
    default: DEFAULTS.connection,
    description: "Keep the connection between probes, or make a new one for each.",
  }),
  labels: stringByName(
    32,
    1_024,
    "Prometheus labels of phi_target_info. Not target, url, observer or names starting with __.",
  ),
};

/** A target as the house knows it: nothing that has a default is missing. */
export const TargetSchema = Type.Object(
  {
    ...targetFields,
    bearerTokenFile: Type.Optional(targetFields.bearerTokenFile),
    basicAuth: Type.Optional(targetFields.basicAuth),
    expect: Type.Object(
      { ...expectFields, bodyMatches: Type.Optional(expectFields.bodyMatches) },
      { additionalProperties: false },
    ),
    tls: Type.Object(
      {
        ...tlsFields,
        caFile: Type.Optional(tlsFields.caFile),
        serverName: Type.Optional(tlsFields.serverName),
      },
      { additionalProperties: false },
    ),
    monitor: Type.Object(
      { ...monitorFields, ...Type.Partial(Type.Object(optionalMonitorFields)).properties },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false, description: "A target under watch, all settings shown." },
);

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** Never changed once made: parts of it are shared with other targets. */
export type Target = DeepReadonly<Static<typeof TargetSchema>>;
export type MonitorSettings = Target["monitor"];
