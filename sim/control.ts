/**
 * How a simulated server is told to behave: the settings, and the reading of what somebody posts to
 * `/control`. A body is taken whole or not at all, and what it leaves out stays as it was.
 */
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

const MAX_SECONDS = 3_600;

const seconds = () => Type.Number({ minimum: 0, maximum: MAX_SECONDS });
const rate = () => Type.Number({ minimum: 0, maximum: 1 });

const SETTINGS = Type.Object(
  {
    /** Seconds that each answer waits. */
    delay: seconds(),
    /** Seconds: each answer waits up to so much longer, evenly spread. */
    jitter: seconds(),
    /** The share of answers that are a 500. */
    errorRate: rate(),
    /** The share of requests that are accepted and never answered. */
    dropRate: rate(),
    /** The HTTP status of all other answers. */
    status: Type.Integer({ minimum: 200, maximum: 599 }),
    /** While this is true nothing is answered; what came in meanwhile is answered afterwards. */
    paused: Type.Boolean(),
  },
  { additionalProperties: false },
);

export type SimSettings = Static<typeof SETTINGS>;

const UPDATE = Type.Partial(SETTINGS);

/** What each setting takes, in the words of the messages. */
const TAKES: Readonly<Record<keyof SimSettings, string>> = {
  delay: `a number of seconds from 0 to ${MAX_SECONDS}`,
  jitter: `a number of seconds from 0 to ${MAX_SECONDS}`,
  errorRate: "a number from 0 to 1",
  dropRate: "a number from 0 to 1",
  status: "a whole number from 200 to 599",
  paused: "true or false",
};

export const HEALTHY: SimSettings = {
  delay: 0,
  jitter: 0,
  errorRate: 0,
  dropRate: 0,
  status: 200,
  paused: false,
};

/** One thing wrong with a body: `pointer` is a JSON pointer, `""` for the whole. */
export interface ControlError {
  readonly pointer: string;
  readonly detail: string;
}

export type ControlResult =
  | { readonly ok: true; readonly settings: SimSettings }
  | { readonly ok: false; readonly status: 400 | 422; readonly errors: readonly ControlError[] };

/** `settings` with what `text` says changed; 400 if it is not JSON, 422 if it makes no sense. */
export function applyControl(settings: SimSettings, text: string): ControlResult {
  const update = parseJson(text);
  if (update === undefined) {
    const detail = `The body must be JSON, for example {"delay": 10}`;
    return { ok: false, status: 400, errors: [{ pointer: "", detail }] };
  }
  if (Value.Check(UPDATE, update)) return { ok: true, settings: { ...settings, ...update } };
  return { ok: false, status: 422, errors: explain(update) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON has no undefined, so this cannot be taken for a value.
    return undefined;
  }
}

function explain(update: unknown): ControlError[] {
  if (typeof update !== "object" || update === null || Array.isArray(update)) {
    const detail = `The body must be an object with any of ${Object.keys(TAKES).join(", ")}`;
    return [{ pointer: "", detail }];
  }
  const errors: ControlError[] = [];
  for (const [name, value] of Object.entries(update)) {
    const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (!isSetting(name)) {
      const known = Object.keys(TAKES).join(", ");
      errors.push({ pointer, detail: `"${name}" is not a setting; there are ${known}` });
    } else if (!Value.Check(SETTINGS.properties[name], value)) {
      const received = JSON.stringify(value);
      errors.push({ pointer, detail: `"${name}" must be ${TAKES[name]}, received ${received}` });
    }
  }
  return errors;
}

function isSetting(name: string): name is keyof SimSettings {
  return Object.hasOwn(TAKES, name);
}
