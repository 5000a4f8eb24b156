/** The shapes of what the API says of alerts and silences, and takes. */
import { Type, type Static } from "@sinclair/typebox";
import { HOLDS, STANDINGS } from "../alert/mod.ts";
import { closed, count, nullable, oneOf, time } from "./schema_parts.ts";

const textByName = Type.Record(Type.String(), Type.String());

const IncidentSchema = Type.Object(
  {
    key: Type.String({ description: "What receivers know it by." }),
    target: Type.String(),
    verdict: Type.String(),
    labels: textByName,
    reason: Type.String(),
    since: nullable(time("When the verdict began.")),
    openedAt: nullable(time("When it had lasted long enough to be told.")),
    closedAt: nullable(time("When it ended; null while it goes on.")),
    closedReason: nullable(Type.String()),
    silencedBy: Type.Array(Type.String(), { description: "Silences that match it now." }),
    receivers: Type.Record(Type.String(), oneOf(STANDINGS), {
      description: "How each receiver stands with it.",
    }),
  },
  { ...closed, description: "A verdict that is worth telling." },
);

const ReceiverSchema = Type.Object(
  {
    name: Type.String(),
    kind: oneOf(["alertmanager", "webhook"]),
    at: Type.Array(Type.String(), { description: "Scheme, host and port only." }),
    queue: count("Incidents that it is yet to be told of, those under way included."),
    notice: nullable(
      Type.Object(
        {
          key: Type.String(),
          incidents: count("What it tells of."),
          since: nullable(time("When it was recorded.")),
        },
        { ...closed, description: "What it is being told." },
      ),
    ),
    failures: nullable(count("Failed attempts in a row; null on monitors that do not send.")),
    nextAttemptSeconds: nullable(Type.Number({ minimum: 0 })),
    lastError: nullable(Type.String()),
  },
  closed,
);

export const AlertsSchema = Type.Object(
  {
    leader: nullable(Type.String({ description: "The monitor that sends." })),
    sender: Type.Boolean({ description: "Whether that is the one that answers." }),
    configured: Type.Boolean({ description: "Whether this one was given an alerts file." }),
    hold: nullable(
      Type.Unsafe<(typeof HOLDS)[number]>({
        ...oneOf(HOLDS),
        description: "Why nothing new is sent, where this one leads.",
      }),
    ),
    dropped: count("Incidents that somebody was not told of, since the cluster was founded."),
    waiting: Type.Array(
      Type.Object(
        {
          target: Type.String(),
          verdict: Type.String(),
          since: nullable(time("When the verdict began.")),
          dueInSeconds: Type.Number({ description: "Until it has lasted long enough." }),
        },
        closed,
      ),
    ),
    receivers: Type.Array(ReceiverSchema),
    incidents: Type.Array(IncidentSchema),
  },
  { ...closed, description: "What is told, to whom, and what waits." },
);

export const SilenceSchema = Type.Object(
  {
    id: Type.String(),
    matchers: Type.Array(Type.String(), { description: "`NAME=PATTERN` or `NAME!=PATTERN`." }),
    startsAt: nullable(time("From then on.")),
    endsAt: nullable(time("Until then.")),
    author: Type.String(),
    comment: Type.String(),
    createdAt: nullable(time("When it was made.")),
    status: oneOf(["pending", "active", "expired"]),
  },
  { ...closed, description: "What matches all of it is not told between the two times." },
);

export const SilencesSchema = Type.Array(SilenceSchema);

export const SilenceInputSchema = Type.Object(
  {
    matchers: Type.Array(
      Type.String({
        maxLength: 512,
        description:
          "`NAME=PATTERN` or `NAME!=PATTERN`: a label of the target, or `target` or `verdict`; `*` in the pattern stands for any number of characters.",
      }),
      { minItems: 1, maxItems: 16, description: "All of them have to match." },
    ),
    durationSeconds: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 31_622_400, description: "Or endsAt." }),
    ),
    endsAt: Type.Optional(time("Or durationSeconds.")),
    startsAt: Type.Optional(time("Default: now.")),
    author: Type.String({ minLength: 1, maxLength: 128, description: "Who asks for it." }),
    comment: Type.String({ minLength: 1, maxLength: 1_024, description: "Why." }),
  },
  closed,
);

export const RemoveSilenceAnswerSchema = Type.Object({ removed: Type.String() }, closed);

export type AlertsView = Omit<Static<typeof AlertsSchema>, "incidents">;
export type IncidentView = Static<typeof IncidentSchema>;
export type SilenceView = Static<typeof SilenceSchema>;
export type SilenceInput = Static<typeof SilenceInputSchema>;
