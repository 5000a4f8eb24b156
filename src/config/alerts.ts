/**
 * Who is told what when a verdict changes: the schema of the alerts file, and what it decodes to, with every
 * default filled in. The file is the operator's own, named on the command line of each monitor; it is no part
 * of the config that the cluster shares, because whoever may write that is not to choose whom phi calls.
 */
import { Type, type Static } from "@sinclair/typebox";
import { ONE_DAY_MILLIS } from "./target.ts";

/** Verdicts of all observers together that can be told; in the order of their weight. */
export const ALERT_VERDICTS = ["suspect", "partial", "down"] as const;
export type AlertVerdict = (typeof ALERT_VERDICTS)[number];

export const MAX_RECEIVERS = 16;

/**
 * What is left out. A verdict that is not `down` is told only when it lasts: that is what makes it news. And it
 * comes and goes, as a server does that is on the edge, so its end is told only when that lasts.
 */
export const ALERT_DEFAULTS = {
  forMillis: { suspect: 300_000, partial: 300_000, down: 0 },
  keepFiringMillis: { suspect: 30_000, partial: 30_000, down: 0 },
  timeoutMillis: 10_000,
  giveUpAfterMillis: ONE_DAY_MILLIS,
  repeatMillis: 60_000,
  groupWaitMillis: 5_000,
  rate: { notices: 10, perMillis: 60_000 },
} as const;

const closed = { additionalProperties: false };
const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, description });
const millis = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));
const verdict = Type.Union(ALERT_VERDICTS.map((name) => Type.Literal(name)));

const RuleSchema = Type.Object(
  {
    verdict: Type.Unsafe<AlertVerdict>(verdict),
    forMillis: millis(0, ONE_DAY_MILLIS, "How long the verdict has to last before it is told."),
    keepFiringMillis: millis(
      0,
      ONE_DAY_MILLIS,
      "For how long it has to be anything else before the end is told.",
    ),
    labels: Type.Optional(
      Type.Unsafe<Record<string, string>>(
        Type.Object(
          {},
          { additionalProperties: Type.String({ maxLength: 1_024 }), maxProperties: 32 },
        ),
      ),
    ),
  },
  closed,
);

const ReceiverSchema = Type.Object(
  {
    name: text(64, "1 to 64 of A-Z a-z 0-9 _ . -; unique."),
    alertmanager: Type.Optional(Type.Array(text(2_048, "A URL."), { minItems: 1, maxItems: 8 })),
    webhook: Type.Optional(text(2_048, "A URL.")),
    secretFile: Type.Optional(text(4_096, "What a webhook is signed with.")),
    bearerTokenFile: Type.Optional(text(4_096, "A bearer token for the receiver.")),
    verdicts: Type.Optional(
      Type.Array(Type.Unsafe<AlertVerdict>(verdict), { minItems: 1, maxItems: 3 }),
    ),
    timeoutMillis: millis(100, 60_000, "For one request."),
    giveUpAfterMillis: millis(60_000, 30 * ONE_DAY_MILLIS, "After which a notice is dropped."),
    repeatMillis: millis(1_000, ONE_DAY_MILLIS, "How often Alertmanager is told what still is."),
    groupBy: Type.Optional(Type.Array(text(128, "A label's name."), { maxItems: 8 })),
    groupWaitMillis: millis(0, 600_000, "How long a notice waits for what comes with it."),
    rate: Type.Optional(
      Type.Object(
        {
          notices: Type.Integer({ minimum: 1, maximum: 10_000 }),
          perMillis: Type.Integer({ minimum: 1_000, maximum: ONE_DAY_MILLIS }),
        },
        closed,
      ),
    ),
  },
  closed,
);

export const AlertsInputSchema = Type.Object(
  {
    rules: Type.Optional(Type.Array(RuleSchema, { minItems: 1, maxItems: 3 })),
    receivers: Type.Array(ReceiverSchema, { minItems: 1, maxItems: MAX_RECEIVERS }),
  },
  closed,
);

export type AlertsInput = Static<typeof AlertsInputSchema>;
export type ReceiverInput = AlertsInput["receivers"][number];

/** When a verdict is worth telling. */
export interface AlertRule {
  readonly verdict: AlertVerdict;
  /** More: fewer notices of what mends itself, and later ones of what does not. */
  readonly forMillis: number;
  /** More: one notice of what comes and goes, and a later one of its end. */
  readonly keepFiringMillis: number;
  /** Added to the target's own. */
  readonly labels: Readonly<Record<string, string>>;
}

interface AnyReceiver {
  readonly name: string;
  readonly bearerTokenFile: string | undefined;
  /** Those that it is told of. */
  readonly verdicts: readonly AlertVerdict[];
  readonly timeoutMillis: number;
  /** A notice that nobody took for this long is dropped, counted and said. */
  readonly giveUpAfterMillis: number;
}

export interface AlertmanagerReceiver extends AnyReceiver {
  readonly kind: "alertmanager";
  /** Each is sent everything; a notice is delivered once one of them has it, the others get the next repetition. */
  readonly urls: readonly string[];
  /** Alertmanager takes for resolved what it does not hear of for four times as long. */
  readonly repeatMillis: number;
}

export interface WebhookReceiver extends AnyReceiver {
  readonly kind: "webhook";
  readonly url: string;
  readonly secretFile: string;
  /** What has the same values of these labels goes into one notice; all of it, if there are none. */
  readonly groupBy: readonly string[];
  readonly groupWaitMillis: number;
  /** Beyond it what waits is told together. */
  readonly rate: { readonly notices: number; readonly perMillis: number };
}

export type AlertReceiver = AlertmanagerReceiver | WebhookReceiver;

export interface AlertsConfig {
  /** At most one a verdict. */
  readonly rules: readonly AlertRule[];
  readonly receivers: readonly AlertReceiver[];
}
