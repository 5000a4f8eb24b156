/**
 * Recorded histories as text, in either of two formats, which the first line tells apart: Jepsen's log
 * of a register, or a key-value store's events as maps. What Jepsen's own processes did to the servers
 * (`:nemesis`) is no operation, and blank lines are nothing.
 */
import { KEY_VALUE, KEY_VALUE_LINE, readKeyValueLine } from "./_key_value_log.ts";
import type { KeyValueInput, KeyValueOutput } from "./key_value.ts";
import type { Operation } from "./operation.ts";
import { type HistoryEvent, type Meaning, type Operations, operationsOf } from "./_operations.ts";
import { readRegisterLine, REGISTER, REGISTER_LINE } from "./_register_log.ts";
import type { RegisterInput, RegisterOutput } from "./register.ts";

export type HistoryFile =
  | {
      readonly ok: true;
      readonly kind: "register";
      readonly operations: readonly Operation<RegisterInput, RegisterOutput>[];
    }
  | {
      readonly ok: true;
      readonly kind: "keyValue";
      readonly operations: readonly Operation<KeyValueInput, KeyValueOutput>[];
    }
  /** `problem`: what was expected in that line (from 1), and what was found. */
  | { readonly ok: false; readonly line: number; readonly problem: string };

interface Line {
  readonly line: number;
  readonly text: string;
}

/** So much of a wrong line is shown, in characters. */
const MAX_SHOWN = 100;

/** A text without lines is the history of a register, of no operations. */
export function parseHistory(text: string): HistoryFile {
  const lines = linesOf(text);
  const parsed = lines[0]?.text.startsWith("{")
    ? ({ kind: "keyValue", ...parse(lines, readKeyValueLine, KEY_VALUE, KEY_VALUE_LINE) } as const)
    : ({ kind: "register", ...parse(lines, readRegisterLine, REGISTER, REGISTER_LINE) } as const);
  if (parsed.ok) return parsed;
  const { line, expected } = parsed;
  const found = lines.find((candidate) => candidate.line === line)?.text ?? "";
  const shown = found.length > MAX_SHOWN ? `${found.slice(0, MAX_SHOWN)}...` : found;
  return { ok: false, line, problem: `expected ${expected}, found: ${shown}` };
}

function parse<Input extends object, Output extends object>(
  lines: readonly Line[],
  read: (text: string, line: number) => HistoryEvent | undefined,
  meaning: Meaning<Input, Output>,
  format: string,
): Operations<Input, Output> {
  const events: HistoryEvent[] = [];
  for (const { line, text } of lines) {
    const event = read(text, line);
    if (event === undefined) {
      const either = events.length === 0 ? `${REGISTER_LINE}, or ${KEY_VALUE_LINE}` : format;
      return { ok: false, line, expected: either };
    }
    if (!event.process.startsWith(":")) events.push(event);
  }
  return operationsOf(events, meaning);
}

function linesOf(text: string): Line[] {
  return text
    .replace(/^\uFEFF/u, "")
    .split(/\r\n|\n|\r/u)
    .map((line, index) => ({ line: index + 1, text: line.trim() }))
    .filter((line) => line.text !== "");
}
