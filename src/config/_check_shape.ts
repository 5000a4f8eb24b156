/**
 * The first of two looks at a target: does it have the shape that the schema asks for? TypeBox finds what
 * is wrong (interpreting the schema: an isolate may not compile one); this file says it in words, once
 * per place.
 */
import type { TSchema } from "@sinclair/typebox";
import { Value, ValueErrorType, type ValueError } from "@sinclair/typebox/value";
import { didYouMean } from "./_did_you_mean.ts";
import { showUrl } from "./field_rules.ts";
import { isObject } from "./_plain_value.ts";
import { adviceFor, describe, keysOf, show, showKind } from "./_say.ts";
import { shorten, type ConfigPath } from "./errors.ts";

export type Report = (path: ConfigPath, message: string) => void;

/** Longer keys are not repeated in a path. */
const MAX_KEY_LENGTH = 256;

/** Reports every place of `value` that does not fit; at most `limit` of them. */
export function reportShape(schema: TSchema, value: unknown, limit: number, report: Report): void {
  const seen = new Set<string>();
  for (const error of Value.Errors(schema, value)) {
    if (seen.has(error.path)) continue;
    if (seen.size >= limit) return;
    seen.add(error.path);
    const path = pathOf(value, error.path);
    const last = path.at(-1);
    if (typeof last === "string" && last.length > MAX_KEY_LENGTH) {
      report(path.slice(0, -1), `unknown key ${JSON.stringify(shorten(last, 64))}`);
    } else {
      report(path, messageFor(error, path));
    }
  }
}

function messageFor(error: ValueError, path: ConfigPath): string {
  const { type, schema, value } = error;
  if (type === ValueErrorType.ObjectAdditionalProperties) {
    return unknownKeyMessage(String(path.at(-1)), keysOf(schema));
  }
  if (type === ValueErrorType.ObjectRequiredProperty) return "is missing, and has no default";
  const special = SPECIAL_MESSAGES[path.filter((step) => typeof step === "string").join(".")];
  if (special !== undefined) return special(value);
  const shown = isSecret(path) ? showKind(value) : show(value);
  return `must be ${describe(schema)}, received ${shown}${adviceFor(schema, value)}`;
}

/** What stands below these may be a secret: a header, a password, the URL of a receiver. */
const SECRET_STEPS = new Set<string | number>(["headers", "basicAuth", "webhook", "alertmanager"]);

/** Who writes a URL where a receiver should stand has given it away as well. */
function isSecret(path: ConfigPath): boolean {
  const key = path.findLast((step) => typeof step === "string");
  return key === "receivers" || path.some((step) => SECRET_STEPS.has(step));
}

function unknownKeyMessage(key: string, known: readonly string[]): string {
  const meant = didYouMean(key, known);
  if (meant !== undefined) return `unknown key; did you mean ${meant}?`;
  return `unknown key; known are ${known.join(", ")}`;
}

/** Where what a schema can say is not what helps. */
const SPECIAL_MESSAGES: Readonly<Record<string, (value: unknown) => string>> = {
  name: (value) =>
    typeof value === "number" && Number.isFinite(value)
      ? `must be text or a whole number, received ${show(value)}; put it in quotes`
      : `must be text of 1 to 128 characters, received ${show(value)}${quotesFor(value)}`,
  url: (value) =>
    `must be text of 1 to 2048 characters, received ${typeof value === "string" ? showUrl(value) : show(value)}`,
  "expect.status": (value) =>
    Array.isArray(value)
      ? `must be a list of 1 to 64 status codes and ranges, received ${value.length}`
      : typeof value === "number" || typeof value === "string"
        ? `must be a status code from 100 to 599, or a range such as 200-299, in a list such as [200-299], received ${show(value)}`
        : `must be a list of status codes and ranges such as [200-299], received ${show(value)}`,
};

function quotesFor(value: unknown): string {
  return typeof value === "boolean" || value === null ? "; put it in quotes" : "";
}

/** A pointer's steps: an index where the value has a list, a key elsewhere. */
function pathOf(root: unknown, pointer: string): (string | number)[] {
  const path: (string | number)[] = [];
  let at: unknown = root;
  for (const escaped of pointer.split("/").slice(1)) {
    const step = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(at) ? Number(step) : step);
    at = Array.isArray(at) ? at[Number(step)] : isObject(at) ? at[step] : undefined;
  }
  return path;
}
