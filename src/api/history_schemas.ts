/** The shapes of a history as the API answers it. */
import { Type, type Static } from "@sinclair/typebox";
import { CHANGE_SCOPES, COMBINED_VERDICTS } from "../history/mod.ts";
import { closed } from "./schema_parts.ts";

const timeOrNull = (description: string) =>
  Type.Union([Type.String({ format: "date-time" }), Type.Null()], { description });
const oneOf = <T extends string>(names: readonly T[], description: string) =>
  Type.Unsafe<T>(
    Type.Union(
      names.map((name) => Type.Literal(name)),
      { description },
    ),
  );

const verdict = () => oneOf(COMBINED_VERDICTS, "`partial` is a combined verdict only.");

const ChangeSchema = Type.Object(
  {
    at: timeOrNull("When it changed."),
    scope: oneOf(
      CHANGE_SCOPES,
      "Whose verdict: this monitor's `own`, or that of all observers `combined`.",
    ),
    from: verdict(),
    to: verdict(),
    phi: Type.Union([Type.Number(), Type.Null()], {
      description: "This monitor's phi at that moment; null for a combined verdict.",
    }),
    reason: Type.String(),
  },
  closed,
);

const SampleSchema = Type.Object(
  {
    at: timeOrNull("When it was taken, to the second."),
    phi: Type.Number({ description: "Then, to three digits." }),
    peakPhi: Type.Number({ description: "The highest since the sample before." }),
  },
  closed,
);

export const HistorySchema = Type.Object(
  {
    target: Type.String(),
    from: timeOrNull("As asked for, or a day before `to`."),
    to: timeOrNull("As asked for, or now. Not included itself."),
    changes: Type.Array(ChangeSchema, { description: "Changes of verdict, the earliest first." }),
    phi: Type.Array(SampleSchema, { description: "About one a minute, the earliest first." }),
    next: timeOrNull("If there is more: what to ask for as `from` to go on. Else null."),
  },
  { ...closed, description: "What one target was, as far as it is kept." },
);

export type HistoryChange = Static<typeof ChangeSchema>;
export type HistorySample = Static<typeof SampleSchema>;
