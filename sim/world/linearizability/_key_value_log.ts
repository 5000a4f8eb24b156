/**
 * Lines of a key-value store's history, `{:process 0, :type :invoke, :f :put, :key "1", :value "x"}`.
 * The fields stand in any order, and others may stand with them.
 */
import { type Edn, readEdn, tokenOf } from "./_edn.ts";
import type { KeyValueInput, KeyValueOutput } from "./key_value.ts";
import { eventTypeOf, type HistoryEvent, type Meaning } from "./_operations.ts";

export const KEY_VALUE_LINE =
  '{:process PROCESS, :type :invoke|:ok|:fail|:info, :f :get|:put|:append, :key "KEY", :value "VALUE"}';

/** Undefined for a line that is not of this format. */
export function readKeyValueLine(text: string, line: number): HistoryEvent | undefined {
  const read = readEdn(text, 0);
  if (read === undefined || read.end !== text.length || !(read.value instanceof Map))
    return undefined;
  const fields: ReadonlyMap<string, Edn> = read.value;
  const process = nameOf(fields.get(":process"));
  const type = eventTypeOf(tokenOf(fields.get(":type")));
  const name = tokenOf(fields.get(":f"));
  if (process === undefined || type === undefined || !name?.startsWith(":")) return undefined;
  const key = nameOf(fields.get(":key"));
  return { line, process, type, name: name.slice(1), key, value: fields.get(":value") ?? null };
}

export const KEY_VALUE: Meaning<KeyValueInput, KeyValueOutput> = {
  input({ name, key, value }) {
    if (name !== "get" && name !== "put" && name !== "append") return ":get, :put or :append";
    if (key === undefined) return "a :key";
    if (name === "get") return { kind: name, key };
    return typeof value === "string" ? { kind: name, key, value } : `a text to ${name} as :value`;
  },

  output(input, { type, value }) {
    if (type === "fail") return null;
    if (input.kind === "get") {
      // Nothing there is as good as the empty text.
      const found = value ?? "";
      return typeof found === "string" ? { value: found } : "the text that was found as :value";
    }
    const isSame = value === null || value === input.value;
    return isSame ? { isApplied: true } : "the :value of the call again";
  },
};

/** A text, a whole number or a token; the number 1 and the text "1" are one name. */
function nameOf(value: Edn | undefined): string | undefined {
  return typeof value === "string" || typeof value === "number" ? `${value}` : tokenOf(value);
}
