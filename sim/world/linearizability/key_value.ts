/**
 * A key-value store: get a text, put one, or append to the one that is there. A key that was never
 * written holds the empty text. Keys do not touch one another, so each has a history of its own, and
 * the state of the model is the text of one key.
 */
import type { Model } from "./model.ts";

export type KeyValueInput =
  | { readonly kind: "get"; readonly key: string }
  | { readonly kind: "put"; readonly key: string; readonly value: string }
  | { readonly kind: "append"; readonly key: string; readonly value: string };

/** What a get found; a put and an append that returned took effect. */
export type KeyValueOutput = { readonly value: string } | { readonly isApplied: true };

export const keyValueModel: Model<string, KeyValueInput, KeyValueOutput> = {
  initial: "",

  step(state, input, output) {
    if (input.kind === "get") {
      return output === undefined || ("value" in output && output.value === state)
        ? state
        : undefined;
    }
    if (output !== undefined && !("isApplied" in output)) return undefined;
    return input.kind === "put" ? input.value : state + input.value;
  },

  key: (state) => state,

  partition: (history) => Map.groupBy(history, ({ input }) => input.key).values(),

  inputKey: (input) => JSON.stringify(input.kind === "get" ? ["get"] : [input.kind, input.value]),

  isReadOnly: (input) => input.kind === "get" || (input.kind === "append" && input.value === ""),

  needs: (_input, output) => ("value" in output ? output.value : undefined),

  tells: (_input, output) => (output && "value" in output ? output.value : undefined),

  leaves: (input) => (input.kind === "put" ? input.value : undefined),

  leads: (from, to) => to.startsWith(from),

  serves(input, to) {
    if (input.kind === "get") return false;
    return input.kind === "put" ? to.startsWith(input.value) : to.includes(input.value);
  },
};
