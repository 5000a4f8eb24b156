/**
 * A register that holds one value: read it, write it, or replace it only if it holds what is expected
 * (compare and set). It begins with none, `null`.
 */
import type { Model } from "./model.ts";

export type RegisterValue = number | string | null;

export type RegisterInput =
  | { readonly kind: "read" }
  | { readonly kind: "write"; readonly value: RegisterValue }
  | {
      readonly kind: "compareAndSet";
      readonly expected: RegisterValue;
      readonly replacement: RegisterValue;
    };

/** What a read found; for the others whether they took effect, as a write that returned always did. */
export type RegisterOutput = { readonly value: RegisterValue } | { readonly isApplied: boolean };

export const registerModel: Model<RegisterValue, RegisterInput, RegisterOutput> = {
  initial: null,

  step(state, input, output) {
    switch (input.kind) {
      case "read":
        return output === undefined || ("value" in output && output.value === state)
          ? state
          : undefined;
      case "write":
        return fits(output, true) ? input.value : undefined;
      case "compareAndSet": {
        const isApplied = state === input.expected;
        if (!fits(output, isApplied)) return undefined;
        return isApplied ? input.replacement : state;
      }
    }
  },

  key: valueKey,

  inputKey(input) {
    switch (input.kind) {
      case "read":
        return "read";
      case "write":
        return `write ${valueKey(input.value)}`;
      case "compareAndSet":
        return JSON.stringify([input.expected, input.replacement]);
    }
  },

  isReadOnly(input, output) {
    if (input.kind === "compareAndSet") {
      return input.expected === input.replacement || (output !== undefined && fits(output, false));
    }
    return input.kind === "read";
  },

  needs(input, output) {
    if (input.kind === "read") return "value" in output ? output.value : undefined;
    return input.kind === "compareAndSet" && fits(output, true) ? input.expected : undefined;
  },

  tells(input, output) {
    if (input.kind === "read") return output && "value" in output ? output.value : undefined;
    return input.kind === "write" ? undefined : input.expected;
  },

  leaves(input) {
    if (input.kind === "read") return undefined;
    return input.kind === "write" ? input.value : input.replacement;
  },
};

/** A number and the text of it are two values. */
function valueKey(value: RegisterValue): string {
  return JSON.stringify(value);
}

function fits(output: RegisterOutput | undefined, isApplied: boolean): boolean {
  return output === undefined || ("isApplied" in output && output.isApplied === isApplied);
}
