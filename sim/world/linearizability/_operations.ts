/**
 * The events of a recorded history, a line each, made into operations: a call waits for the next event
 * of its process, which says how it ended. `ok` gives the output, `fail` says that it is known not to
 * have happened, `info` that nobody knows; and nobody knows of a call that no event follows, or none
 * before the next call of its process. The number of the line serves as the time.
 */
import type { Edn } from "./_edn.ts";
import type { Operation } from "./operation.ts";

const EVENT_TYPES = ["invoke", "ok", "fail", "info"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface HistoryEvent {
  readonly line: number;
  readonly process: string;
  readonly type: EventType;
  /** What is done, as the file calls it: `read`, `append`. */
  readonly name: string;
  readonly key: string | undefined;
  readonly value: Edn;
}

/** What the events of one kind of history mean. A text as the result says what was expected. */
export interface Meaning<Input, Output> {
  input(call: HistoryEvent): Input | string;
  /** Of an `ok` or a `fail`. Null for what is known not to have happened. */
  output(input: Input, end: HistoryEvent): Output | null | string;
}

/** In the order of their calls. */
export type Operations<Input, Output> =
  | { readonly ok: true; readonly operations: readonly Operation<Input, Output>[] }
  | { readonly ok: false; readonly line: number; readonly expected: string };

interface OpenCall<Input> {
  readonly event: HistoryEvent;
  readonly input: Input;
}

export function operationsOf<Input extends object, Output extends object>(
  events: Iterable<HistoryEvent>,
  meaning: Meaning<Input, Output>,
): Operations<Input, Output> {
  const operations: Operation<Input, Output>[] = [];
  const open = new Map<string, OpenCall<Input>>();
  const add = ({ event, input }: OpenCall<Input>, output?: Output, returnedAt = Infinity) => {
    operations.push({ process: event.process, input, output, invokedAt: event.line, returnedAt });
  };
  for (const event of events) {
    const fail = (expected: string) => ({ ok: false, line: event.line, expected }) as const;
    const call = open.get(event.process);
    if (event.type === "invoke") {
      const input = meaning.input(event);
      if (typeof input === "string") return fail(input);
      if (call) add(call);
      open.set(event.process, { event, input });
      continue;
    }
    if (call === undefined) return fail(`process ${event.process} to call before it ends a call`);
    if (!isEndOf(call.event, event)) return fail(`the end of ${describe(call.event)}`);
    open.delete(event.process);
    const output = event.type === "info" ? undefined : meaning.output(call.input, event);
    if (typeof output === "string") return fail(output);
    if (output === undefined) add(call);
    else if (output !== null) add(call, output, event.line);
  }
  for (const call of open.values()) add(call);
  operations.sort((a, b) => a.invokedAt - b.invokedAt);
  return { ok: true, operations };
}

/** Of a keyword such as `:ok`. */
export function eventTypeOf(keyword: string | undefined): EventType | undefined {
  return EVENT_TYPES.find((type) => keyword === `:${type}`);
}

function isEndOf(call: HistoryEvent, end: HistoryEvent): boolean {
  return call.name === end.name && (end.key === undefined || end.key === call.key);
}

function describe({ name, key, line }: HistoryEvent): string {
  return `:${name}${key === undefined ? "" : ` of key "${key}"`}, called in line ${line}`;
}
