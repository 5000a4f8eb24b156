/** Every setting of a target as rows of a Markdown table, from the schema that the decoder checks. */
import type { TSchema } from "@sinclair/typebox";
import { TargetInputSchema } from "../../src/config/mod.ts";

export const HEADER = ["setting", "values", "default", "what it is"];

/** `monitor.threshold`: the settings in the order of the schema, a group's own after it. */
export function settingsRows(): string[][] {
  return rowsOf(TargetInputSchema.properties, "");
}

function rowsOf(properties: Readonly<Record<string, TSchema>>, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const members = schema["properties"] as Record<string, TSchema> | undefined;
    if (members !== undefined && Object.keys(members).length > 0) {
      return rowsOf(members, `${prefix}${name}.`);
    }
    return [[`\`${prefix}${name}\``, valuesOf(schema), defaultOf(schema), wordsOf(schema)]];
  });
}

function valuesOf(schema: TSchema): string {
  const { type, minimum, exclusiveMinimum, maximum } = schema;
  const either = schema["anyOf"] as TSchema[] | undefined;
  const choices = either?.filter((choice) => "const" in choice);
  if (choices !== undefined && choices.length > 0) {
    return choices.map((choice) => `\`${String(choice["const"])}\``).join(", ");
  }
  if (either !== undefined) return either.map(valuesOf).join(" or ");
  if (type === "array") return `a list of: ${valuesOf(schema["items"] as TSchema)}`;
  if (type === "object") return "text by name";
  if (type === "boolean") return "true, false";
  if (type === "string") return "text";
  const word = type === "integer" ? "whole, " : "";
  if (exclusiveMinimum !== undefined) return `${word}above ${exclusiveMinimum}, up to ${maximum}`;
  return minimum === undefined ? "a whole number" : `${word}${minimum} to ${maximum}`;
}

function defaultOf({ default: value }: TSchema): string {
  return value === undefined ? "" : `\`${JSON.stringify(value)}\``;
}

function wordsOf({ description }: TSchema): string {
  if (description === undefined) throw new Error("a setting has no description");
  return description;
}
