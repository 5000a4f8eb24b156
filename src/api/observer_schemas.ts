/** The shapes of what the API says of the observers: who is heard, and what all of them hold of a target. */
import { Type, type Static } from "@sinclair/typebox";
import { VERDICTS } from "../monitor/mod.ts";
import { COMBINED_VERDICTS, DOUBTS } from "../observers/mod.ts";
import { closed, count, nullable, oneOf, time } from "./schema_parts.ts";

const verdict = oneOf(VERDICTS);
const doubts = Type.Array(oneOf(DOUBTS), {
  description: "Why it does not trust itself; empty while it does.",
});
const dissenters = Type.Array(Type.String(), {
  description: "Whose vote is another; for `partial`, who says down. In ascending order.",
});

export const CombinedVerdictSchema = oneOf(COMBINED_VERDICTS);

/** Without the votes, for lists. */
export const CombinedSchema = Type.Object(
  {
    verdict: CombinedVerdictSchema,
    since: nullable(time("When this monitor first held the verdict for what it is.")),
    needed: count("So many observers have to say down."),
    members: count("Members of the cluster, heard or not."),
    dissenters,
  },
  {
    ...closed,
    description:
      "What all observers that are heard hold of the target together: down if `needed` say so, " +
      "partial if fewer do, unknown rather than any of it where no majority is heard.",
  },
);

const VoteSchema = Type.Object(
  {
    observer: Type.String(),
    verdict,
    phi: Type.Number({ minimum: 0, description: "As of when it said so." }),
    since: nullable(time("When its verdict became what it is, by its own clock.")),
    counted: Type.Boolean({ description: "False if it doubts itself, or is no voting member." }),
  },
  closed,
);

export const CombinedWithVotesSchema = Type.Object(
  {
    ...CombinedSchema.properties,
    votes: Type.Array(VoteSchema, {
      description: "Of the observers that are heard, in ascending order.",
    }),
  },
  { ...closed, description: "As Combined, and who says what." },
);

export const ObserverSchema = Type.Object(
  {
    id: Type.String(),
    self: Type.Boolean({ description: "Whether it is the monitor that answers." }),
    heard: Type.Boolean({ description: "Whether what it said last is fresh enough to count." }),
    silentSeconds: nullable(
      Type.Number({ minimum: 0, description: "Since it was heard; null if it never was." }),
    ),
    inDoubt: Type.Boolean(),
    doubts,
    targets: nullable(
      Type.Object(
        {
          unknown: count("Targets that it holds for unknown."),
          up: count("For up."),
          suspect: count("For suspect."),
          down: count("For down."),
        },
        closed,
      ),
    ),
  },
  {
    ...closed,
    description: "One monitor as an observer; `targets` is null while it is not heard.",
  },
);

export const ObserversSchema = Type.Object(
  {
    self: Type.String({ description: "The monitor that answers." }),
    members: count("Those who have a vote in the cluster."),
    needed: count("So many have to say down."),
    minority: Type.Boolean({
      description: "Whether fewer than a majority are heard: then nothing worse than up is said.",
    }),
    observers: Type.Array(ObserverSchema, { description: "By id, in ascending order." }),
  },
  closed,
);

export const ObserverMatrixSchema = Type.Object(
  {
    observers: Type.Array(Type.String(), { description: "In ascending order." }),
    targets: Type.Record(Type.String(), Type.String(), {
      description:
        "By target a letter for each observer, in their order: u up, s suspect, d down, n unknown, " +
        "- not heard. A capital letter is not counted.",
    }),
  },
  closed,
);

export const CombinedEventSchema = Type.Object(
  {
    target: Type.String(),
    from: CombinedVerdictSchema,
    to: CombinedVerdictSchema,
    at: nullable(time("When it changed here.")),
    dissenters,
    reason: Type.String({ description: "Who says what." }),
  },
  { ...closed, description: "The data of a `combined` event." },
);

export const ObserverEventSchema = Type.Object(
  {
    id: Type.String(),
    heard: Type.Boolean(),
    inDoubt: Type.Boolean(),
    doubts,
    at: nullable(time("When this monitor noticed.")),
  },
  {
    ...closed,
    description:
      "The data of an `observer` event: one began or ceased to be heard, or to doubt itself.",
  },
);

/** Those that the document names; the others stand inside of them. */
export const OBSERVER_SCHEMAS = {
  CombinedVerdict: CombinedVerdictSchema,
  Observers: ObserversSchema,
  ObserverMatrix: ObserverMatrixSchema,
  CombinedEvent: CombinedEventSchema,
  ObserverEvent: ObserverEventSchema,
} as const;

export type CombinedView = Static<typeof CombinedSchema>;
export type CombinedWithVotesView = Static<typeof CombinedWithVotesSchema>;
export type ObserverView = Static<typeof ObserverSchema>;
export type ObserversView = Static<typeof ObserversSchema>;
export type CombinedEvent = Static<typeof CombinedEventSchema>;
export type ObserverEvent = Static<typeof ObserverEventSchema>;
