/**
 * Lines of Jepsen's log of a register, `INFO  jepsen.util - 3 :invoke :write 4`. A compare-and-set is
 * `:cas [EXPECTED REPLACEMENT]`; one that ends in `:fail` and repeats the two was refused, because it
 * found something else. Any other `:fail`, with a reason in place of a value or behind it, did not happen, and tells
 * nothing.
 */
import { type Edn, readEdn } from "./_edn.ts";
import { eventTypeOf, type HistoryEvent, type Meaning } from "./_operations.ts";
import type { RegisterInput, RegisterOutput, RegisterValue } from "./register.ts";

const LINE =
  /^INFO\s+jepsen\.util\s+-\s+(?<process>\S+)\s+(?<type>:\w+)\s+:(?<name>\S+)\s+(?<rest>.*)$/u;

export const REGISTER_LINE =
  "INFO  jepsen.util - PROCESS :invoke|:ok|:fail|:info :read|:write|:cas VALUE";

/** Undefined for a line that is not of this format. */
export function readRegisterLine(text: string, line: number): HistoryEvent | undefined {
  const { process, type: keyword, name, rest = "" } = LINE.exec(text)?.groups ?? {};
  const type = eventTypeOf(keyword);
  const first = readEdn(rest, 0);
  if (process === undefined || name === undefined || !type || !first) return undefined;
  // Behind the value there may be one more: why it failed.
  const last = first.end < rest.length ? readEdn(rest, first.end) : first;
  if (last?.end !== rest.length) return undefined;
  const { value } = type === "fail" ? last : first;
  return { line, process, type, name, key: undefined, value };
}

export const REGISTER: Meaning<RegisterInput, RegisterOutput> = {
  input({ name, value }) {
    switch (name) {
      case "read":
        return { kind: "read" };
      case "write":
        return isValue(value) ? { kind: "write", value } : "a whole number or nil to write";
      case "cas":
        return isPair(value)
          ? { kind: "compareAndSet", expected: value[0], replacement: value[1] }
          : "[EXPECTED REPLACEMENT], each a whole number or nil";
      default:
        return ":read, :write or :cas";
    }
  },

  output(input, { type, value }) {
    if (type === "fail" && (input.kind !== "compareAndSet" || !isPair(value))) return null;
    if (input.kind === "read") return isValue(value) ? { value } : "a whole number or nil as found";
    const called = input.kind === "write" ? [input.value] : [input.expected, input.replacement];
    const repeated = isPair(value) ? value : [value];
    // Nothing but nil stands for the same again.
    const isSame = value === null || JSON.stringify(repeated) === JSON.stringify(called);
    return isSame ? { isApplied: type === "ok" } : "the value of the call again";
  },
};

function isValue(value: Edn): value is number | null {
  return value === null || typeof value === "number";
}

function isPair(value: Edn): value is readonly [RegisterValue & Edn, RegisterValue & Edn] {
  return Array.isArray(value) && value.length === 2 && value.every(isValue);
}
