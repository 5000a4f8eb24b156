/**
 * How the decoder talks about values and schemas: a schema in, "a whole number from 1 to 1000" out; a
 * value in, something short enough for a line out. No message is written by hand that a schema can give.
 */
import { KindGuard, type TInteger, type TNumber, type TSchema } from "@sinclair/typebox";
import { shorten } from "./errors.ts";

const MAX_VALUE_SHOWN = 60;

/** Whoever put a URL where it does not belong may have put a password into it. */
const USER_INFO = /:\/\/[^/]*@/u;

/** A value as people would write it; only its kind if it is not a plain one, or may hold a password. */
export function show(value: unknown): string {
  if (typeof value === "string" && USER_INFO.test(value)) return showKind(value);
  if (typeof value === "string") return JSON.stringify(shorten(value, MAX_VALUE_SHOWN));
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return showKind(value);
}

/** For values that might be secret: what they are, and no more. */
export function showKind(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return `text of ${value.length} characters`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** What a schema asks for, to stand after "must be". */
export function describe(schema: TSchema): string {
  if (KindGuard.IsNumber(schema)) return `a number ${describeRange(schema)}`;
  if (KindGuard.IsInteger(schema)) return `a whole number ${describeRange(schema)}`;
  if (KindGuard.IsBoolean(schema)) return "true or false";
  if (KindGuard.IsString(schema)) {
    return `text of ${schema.minLength ?? 0} to ${schema.maxLength} characters`;
  }
  if (KindGuard.IsArray(schema)) {
    return `a list of ${schema.minItems ?? 0} to ${schema.maxItems}, each ${describe(schema.items)}`;
  }
  if (KindGuard.IsLiteral(schema)) return JSON.stringify(schema.const);
  if (KindGuard.IsUnion(schema)) return schema.anyOf.map(describe).join(" or ");
  const keys = keysOf(schema);
  if (keys.length > 0) return `an object with any of the keys ${keys.join(", ")}`;
  return `an object of at most ${schema["maxProperties"]} texts by name`;
}

function describeRange({ minimum, exclusiveMinimum, maximum }: TNumber | TInteger): string {
  if (exclusiveMinimum !== undefined) return `> ${exclusiveMinimum} and at most ${maximum}`;
  return `from ${minimum} to ${maximum}`;
}

/** The keys of an object's schema; none for the schema of anything else. */
export function keysOf(schema: TSchema): string[] {
  return KindGuard.IsObject(schema) ? Object.keys(schema.properties) : [];
}

/** What to do about a value of the wrong kind, if it is plain; starts with a semicolon. */
export function adviceFor(schema: TSchema, value: unknown): string {
  if (value === null) return "; leave the key out for its default";
  if (KindGuard.IsString(schema) && (typeof value === "number" || typeof value === "boolean")) {
    return "; put it in quotes";
  }
  if (typeof value !== "string") return "";
  const isQuotedNumber =
    (KindGuard.IsNumber(schema) || KindGuard.IsInteger(schema)) && QUOTED_NUMBER.test(value);
  const isQuotedBoolean = KindGuard.IsBoolean(schema) && (value === "true" || value === "false");
  return isQuotedNumber || isQuotedBoolean ? "; write it without quotes" : "";
}

const QUOTED_NUMBER = /^-?\d+(?:\.\d+)?$/;
