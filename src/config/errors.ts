/**
 * What is wrong with a config, and where: a JSON Pointer for programs, a field for people, and the line
 * if there is a text to point into. Messages say what was expected, what was received, what to do.
 */

export interface ConfigError {
  /** Absent where the config did not come from a file. */
  readonly file?: string;
  /** From 1; absent where the config came as a value. */
  readonly line?: number;
  readonly column?: number;
  /** As people write it, `servers[2].monitor.threshold`; empty for the whole. */
  readonly field: string;
  /** RFC 6901, `/servers/2/monitor/threshold`; empty for the whole. */
  readonly pointer: string;
  readonly message: string;
}

/** From the root to a place in a value: keys of objects, indexes of lists. */
export type ConfigPath = readonly (string | number)[];

/** What is wrong at a path, before anybody has looked for its line. */
export interface Fault {
  readonly path: ConfigPath;
  readonly message: string;
}

/** A reader who has mended these comes back for more. */
export const MAX_ERRORS = 100;

export function configError(path: ConfigPath, message: string): ConfigError {
  return { field: fieldOf(path), pointer: pointerOf(path), message };
}

/** `file:line: field: message`, each part only where it is known. */
export function formatConfigError(error: ConfigError): string {
  const { file, line, field, message } = error;
  const place =
    file === undefined
      ? line === undefined
        ? ""
        : `line ${line}`
      : line === undefined
        ? file
        : `${file}:${line}`;
  return [place, field, message].filter((part) => part !== "").join(": ");
}

export function pointerOf(path: ConfigPath): string {
  return path
    .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

const PLAIN_KEY = /^[\w-]+$/;
const MAX_KEY_SHOWN = 64;

export function fieldOf(path: ConfigPath): string {
  let field = "";
  for (const step of path) {
    if (typeof step === "number") field += `[${step}]`;
    else if (!PLAIN_KEY.test(step)) field += `[${JSON.stringify(shorten(step, MAX_KEY_SHOWN))}]`;
    else field += `${field === "" ? "" : "."}${shorten(step, MAX_KEY_SHOWN)}`;
  }
  return field;
}

export function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
