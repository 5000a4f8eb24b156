/**
 * The small bodies of JSON that are no config: bytes in, their value out, or what is wrong. Read as strictly
 * as a config is: UTF-8, nothing nested without end, and no key twice in an object, because of two values it
 * would be chance which one counts.
 */
import { parseJsonText } from "../config/mod.ts";
import { problem, type ProblemError } from "./problem.ts";

export type JsonBodyResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly errors: readonly ProblemError[] };

/** `notJson` is what is said of a body that is none; duplicates are said by themselves. */
export function readJsonBody(bytes: Uint8Array, notJson: string): JsonBodyResult {
  const text = decodeUtf8(bytes);
  const parsed = text === undefined ? undefined : parseJsonText(text);
  if (parsed?.ok !== true) return { ok: false, errors: [{ pointer: "", detail: notJson }] };
  const { faults, value } = parsed;
  if (faults.length === 0) return { ok: true, value };
  const errors = faults.map(({ path, message }) => ({
    pointer: path.map(pointerStep).join(""),
    detail: `The key "${path.at(-1)}" ${message}.`,
  }));
  return { ok: false, errors };
}

/** Refuses the body for all that is wrong with it. */
export function invalidBody(errors: readonly ProblemError[]): {
  readonly ok: false;
  readonly response: Response;
} {
  const detail = errors.map((error) => error.detail).join(" ");
  return { ok: false, response: problem("invalid_body", detail, { errors }) };
}

/** One step of a JSON pointer (RFC 6901). */
export function pointerStep(key: string | number): string {
  return `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
