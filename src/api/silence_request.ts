/** The body of `POST /silences`: bytes in, a silence out, or all that is wrong with it. */
import { Value, type ValueError } from "@sinclair/typebox/value";
import type { Matcher, Silence } from "../store/mod.ts";
import { SilenceInputSchema, type SilenceInput } from "./alert_schemas.ts";
import { invalidBody, readJsonBody } from "./json_body.ts";
import { parseMatcher } from "./matcher_text.ts";
import type { ProblemError } from "./problem.ts";
import { parseRfc3339 } from "../moment/mod.ts";

export type SilenceRequestResult =
  | { readonly ok: true; readonly silence: Omit<Silence, "id"> }
  | { readonly ok: false; readonly response: Response };

const EXAMPLE =
  '{"matchers": ["target=db-*"], "durationSeconds": 7200, "author": "me", "comment": "new disks"}';
/** 366 days: whoever wants longer wants the target not to be watched. */
const MAX_SILENCE_MS = 31_622_400_000;

/** `wallMs` is now. */
export function parseSilenceRequest(bytes: Uint8Array, wallMs: number): SilenceRequestResult {
  const read = readJsonBody(bytes, `The body must be JSON such as ${EXAMPLE}.`);
  if (!read.ok) return invalidBody(read.errors);
  const { value } = read;
  if (!isInput(value)) {
    const errors = [...Value.Errors(SilenceInputSchema, stripTimes(value))].map(errorOf);
    return invalidBody(errors.slice(0, 16));
  }
  return silenceOf(value, wallMs);
}

/** TypeBox knows no formats here; times are looked at below. */
function isInput(value: unknown): value is SilenceInput {
  return Value.Check(SilenceInputSchema, stripTimes(value));
}

function stripTimes(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(
      ([key, text]) => !(TIMES.includes(key) && typeof text === "string"),
    ),
  );
}

const TIMES = ["startsAt", "endsAt"];

function silenceOf(input: SilenceInput, wallMs: number): SilenceRequestResult {
  const errors = unprintable(input);
  const matchers = input.matchers.flatMap((text, place): Matcher[] => {
    const matcher = parseMatcher(text);
    if (matcher === undefined) {
      const detail = `"matchers" must be NAME=PATTERN or NAME!=PATTERN, received ${JSON.stringify(text.slice(0, 60))}.`;
      errors.push({ pointer: `/matchers/${place}`, detail });
      return [];
    }
    if (isOfNobody(matcher)) {
      errors.push({ pointer: `/matchers/${place}`, detail: "No target's name is empty." });
    }
    return [matcher];
  });
  const moment = (key: "startsAt" | "endsAt") => {
    const text = input[key];
    const parsed = text === undefined ? undefined : parseRfc3339(text);
    if (text !== undefined && parsed === undefined) {
      const detail = `"${key}" must be a time such as 2026-01-31T23:59:00Z.`;
      errors.push({ pointer: `/${key}`, detail });
    }
    return parsed;
  };
  const startsWallMs = moment("startsAt") ?? wallMs;
  const endsAt = moment("endsAt");
  const { durationSeconds, author, comment } = input;
  if ((input.endsAt === undefined) === (durationSeconds === undefined)) {
    errors.push({ pointer: "", detail: 'Give either "durationSeconds" or "endsAt".' });
  }
  const endsWallMs = endsAt ?? startsWallMs + (durationSeconds ?? 1) * 1_000;
  if (errors.length === 0 && (endsWallMs <= wallMs || endsWallMs <= startsWallMs)) {
    const pointer = input.endsAt === undefined ? "/startsAt" : "/endsAt";
    errors.push({ pointer, detail: "A silence must end in the future, and after it starts." });
  }
  if (errors.length === 0 && endsWallMs - startsWallMs > MAX_SILENCE_MS) {
    errors.push({ pointer: "/endsAt", detail: "A silence must not last longer than 366 days." });
  }
  if (errors.length > 0) return invalidBody(errors);
  const times = { startsWallMs, endsWallMs, createdWallMs: wallMs };
  return { ok: true, silence: { matchers, ...times, author, comment } };
}

/** Whoever wrote it left something out: a variable that is not set, for one. */
function isOfNobody({ name, isEqual, pattern }: Matcher): boolean {
  return name === "target" && isEqual && pattern === "";
}

/** It is shown in terminals, and whoever made it may want to do more there than to be read. */
function unprintable({ matchers, author, comment }: SilenceInput): ProblemError[] {
  const fields: [string, string][] = [
    ...matchers.map((text, place): [string, string] => [`/matchers/${place}`, text]),
    ["/author", author],
    ["/comment", comment],
  ];
  return fields
    .filter(([, text]) => /\p{Cc}/u.test(text))
    .map(([pointer]) => ({
      pointer,
      detail: `"${pointer.slice(1)}" must hold no control characters.`,
    }));
}

function errorOf({ path, message }: ValueError): ProblemError {
  const detail = `${path === "" ? "The body" : `"${path.slice(1)}"`}: ${message}.`;
  return { pointer: path, detail };
}
