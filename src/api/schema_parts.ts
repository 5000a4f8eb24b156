/** What the schemas of the API's answers are made of. */
import { Type, type TSchema } from "@sinclair/typebox";

export const closed = { additionalProperties: false };

export const time = (description: string) => Type.String({ format: "date-time", description });

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const count = (description: string) => Type.Integer({ minimum: 0, description });

export const oneOf = <T extends string>(names: readonly T[]) =>
  Type.Unsafe<T>(Type.Union(names.map((name) => Type.Literal(name))));
