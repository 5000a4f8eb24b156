/** The shapes of how a target is judged and how well that goes, as the API answers them. */
import { Type, type Static } from "@sinclair/typebox";
import { MODELS } from "../config/mod.ts";
import { closed, count, nullable, oneOf, time } from "./schema_parts.ts";

const seconds = (description: string) => Type.Number({ minimum: 0, description });

export const DetectorSchema = Type.Object(
  {
    model: oneOf(MODELS),
    threshold: Type.Number({ description: "The phi from which the target is down, now." }),
    confident: Type.Boolean({
      description: "Whether phi is known from the history, rather than extrapolated from it.",
    }),
    intervalSeconds: seconds("How often the target is asked, or should report, now."),
  },
  { ...closed, description: "How the target is judged." },
);

const CalibrationSchema = Type.Object(
  {
    level: count("The level k of phi."),
    judged: count("Intervals that a heartbeat ended and that were no outage."),
    reached: count("Of those, how many got to phi >= k before it came."),
    share: nullable(Type.Number({ description: "The one over the other; null before any." })),
    expected: Type.Number({ description: "What the share is if phi means what it says: 10^-k." }),
  },
  closed,
);

export const QualitySchema = Type.Object(
  {
    since: nullable(time("From when on the target has been judged as it is now.")),
    aliveSeconds: seconds("Time since then in which it was in no outage: what the rest is of."),
    mistakes: count("Times it was called down without evidence of a real outage: an upper bound."),
    mistakeSeconds: seconds("How long those lasted together: an upper bound."),
    outages: count(
      "Times it was down with evidence of a real outage, or for longer than mistakeMaxMillis.",
    ),
    outageSeconds: seconds("How long those lasted together."),
    mistakesPerHour: Type.Number({ minimum: 0, description: "Lambda_M: an upper bound." }),
    mistakeRecurrenceSeconds: nullable(
      seconds("T_MR, from one mistake to the next: a lower bound; null before there was one."),
    ),
    mistakeDurationSeconds: nullable(
      seconds("T_M, of the possible mistakes; null before there was one."),
    ),
    queryAccuracy: nullable(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          "P_A, the share of time in which it was rightly not called down: a lower bound.",
      }),
    ),
    detectionSeconds: nullable(
      seconds("T_D, an estimate: from the last heartbeat before a crash to the verdict down."),
    ),
    calibration: Type.Array(CalibrationSchema),
  },
  { ...closed, description: "How good the detection has been (Chen, Toueg, Aguilera 2002)." },
);

const perMonth = (description: string) => nullable(Type.Number({ minimum: 0, description }));

export const BudgetSchema = Type.Object(
  {
    detectWithinSeconds: nullable(seconds("As it was stated.")),
    falseAlarmsPerMonth: perMonth("As it was stated; a month has 30 days."),
    feasible: nullable(
      Type.Boolean({
        description:
          "Whether a bound that holds for any distribution of delays lets it pass; null while too little is known, and where no detection time is stated.",
      }),
    ),
    boundFalseAlarmsPerMonth: perMonth("The most by that bound, with the detection time stated."),
    achieved: Type.Object(
      {
        detectionSeconds: nullable(seconds("As in quality.")),
        falseAlarmsPerMonth: perMonth("Possible mistakes: an upper bound; null before any time."),
      },
      closed,
    ),
    instead: nullable(
      Type.Object(
        {
          detectWithinSeconds: nullable(seconds("With the other numbers left as they are.")),
          falseAlarmsPerMonth: perMonth("With the other numbers left as they are."),
          intervalSeconds: nullable(seconds("With the other numbers left as they are.")),
        },
        {
          ...closed,
          description: "What would be feasible, each alone; null where it alone cannot help.",
        },
      ),
    ),
  },
  { ...closed, description: "What was promised of the detection, and what came of it." },
);

export const IntervalsSchema = Type.Object(
  {
    target: Type.String(),
    intervals: Type.Array(
      Type.Object(
        {
          ms: Type.Number({ minimum: 0, description: "From one heartbeat to the next." }),
          outage: Type.Boolean({ description: "Whether it was a real outage, by its evidence." }),
        },
        closed,
      ),
      { description: "Oldest first." },
    ),
  },
  { ...closed, description: "The last intervals between a target's heartbeats." },
);

export type DetectorView = Static<typeof DetectorSchema>;
export type QualityView = Static<typeof QualitySchema>;
export type BudgetView = Static<typeof BudgetSchema>;
export type IntervalsView = Static<typeof IntervalsSchema>;
