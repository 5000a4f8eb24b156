/**
 * What people write: the fields of `target.ts`, with all that has a default left to their choice. These
 * schemas are what the decoder checks and what the API publishes.
 */
import { Type, type Static } from "@sinclair/typebox";
import {
  DEFAULTS,
  expectFields,
  MAX_TARGETS,
  monitorFields,
  optionalMonitorFields,
  targetFields,
  tlsFields,
} from "./target.ts";

const closed = { additionalProperties: false };

export const TargetInputSchema = Type.Object(
  {
    ...Type.Partial(Type.Object(targetFields)).properties,
    name: Type.Union([targetFields.name, Type.Integer()], {
      description: `${targetFields.name.description} A whole number is taken as its text.`,
    }),
    url: targetFields.url,
    method: Type.Optional(Type.String({ ...targetFields.method, default: DEFAULTS.method })),
    expect: Type.Optional(
      Type.Partial(Type.Object(expectFields), {
        ...closed,
        description: "What counts as an answer.",
      }),
    ),
    tls: Type.Optional(
      Type.Partial(Type.Object(tlsFields), { ...closed, description: "For https." }),
    ),
    monitor: Type.Optional(
      Type.Partial(Type.Object({ ...monitorFields, ...optionalMonitorFields }), {
        ...closed,
        description: "How the rhythm of the heartbeats is judged.",
      }),
    ),
  },
  { ...closed, description: "A target to watch: a name and a URL; the rest is optional." },
);

/** For what is left of an input once its misshapen fields are put aside. */
export const TargetInputPartSchema = Type.Partial(TargetInputSchema);

export const ConfigInputSchema = Type.Object(
  {
    servers: Type.Array(TargetInputSchema, {
      maxItems: MAX_TARGETS,
      description: "All that is to be watched.",
    }),
  },
  { ...closed, description: "A whole config." },
);

export type TargetInput = Static<typeof TargetInputSchema>;
export type TargetInputPart = Static<typeof TargetInputPartSchema>;
