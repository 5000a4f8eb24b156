import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { checkLinearizability } from "./check.ts";
import { keyValueModel } from "./key_value.ts";
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { registerModel } from "./register.ts";
import { keyValueHistory, registerHistory, spoiled } from "./_test_histories.ts";
import { isLinearizableByTrial, withoutHints } from "./_test_twin.ts";

/** A register that also tells what it holds afterwards and can be shifted, so that it has few hints. */
type ShiftInput = { readonly kind: "get" | "put" | "shift"; readonly value: number };
const shiftModel: Model<number, ShiftInput, { readonly value: number }> = {
  initial: 0,
  step(state, { kind, value }, output) {
    const after = kind === "get" ? state : kind === "put" ? value : (state * 2 + value) % 5;
    return output === undefined || output.value === after ? after : undefined;
  },
  key: (state) => state,
  isReadOnly: ({ kind }) => kind === "get",
  needs: ({ kind }, output) => (kind === "get" ? output.value : undefined),
  leaves: ({ kind, value }) => (kind === "put" ? value : undefined),
  leads: () => true,
};

const shiftValue = fc.nat(2);

/** Made up from nothing: mostly wrong. */
const shiftHistory = fc.array(
  fc
    .record({
      process: fc.constant(0),
      input: fc.record({ kind: fc.constantFrom("get", "put", "shift"), value: shiftValue }),
      output: fc.option(fc.record({ value: shiftValue }), { nil: undefined, freq: 2 }),
      invokedAt: fc.nat(6),
    })
    .chain((call) => fc.nat(6).map((later) => ({ ...call, returnedAt: call.invokedAt + later }))),
  { maxLength: 6 },
);

type Verdict = ReturnType<typeof checkLinearizability>;

/** Holds the verdicts against those of a twin, and takes care that there were enough of both. */
function expectSame<State, Input, Output>(
  model: Model<State, Input, Output>,
  histories: fc.Arbitrary<Operation<Input, Output>[]>,
  twin: (history: readonly Operation<Input, Output>[]) => Verdict,
): void {
  const runs = { numRuns: 3_000 };
  let linearizable = 0;
  fc.assert(
    fc.property(histories, (history) => {
      const expected = twin(history);
      if (expected === "linearizable") linearizable++;
      expect(checkLinearizability(model, history)).toBe(expected);
    }),
    runs,
  );
  expect(linearizable / runs.numRuns).toBeGreaterThan(0.05);
  expect(linearizable / runs.numRuns).toBeLessThan(0.95);
}

const byTrial =
  <State, Input, Output>(model: Model<State, Input, Output>) =>
  (history: readonly Operation<Input, Output>[]): Verdict =>
    isLinearizableByTrial(model, history) ? "linearizable" : "not-linearizable";

const byNoHints =
  <State, Input, Output>(model: Model<State, Input, Output>) =>
  (history: readonly Operation<Input, Output>[]): Verdict =>
    checkLinearizability(withoutHints(model), history, { maxSteps: Infinity });

describe("checkLinearizability() says what trying all orders says", () => {
  test("of a register", () => {
    expectSame(registerModel, spoiled(registerHistory(8)), byTrial(registerModel));
  });

  test("of a key", () => {
    expectSame(keyValueModel, spoiled(keyValueHistory(8)), byTrial(keyValueModel));
  });

  test("of a model with few hints", () => {
    expectSame(shiftModel, shiftHistory, byTrial(shiftModel));
  });

  test("of models with none", () => {
    const [register, keyValue] = [withoutHints(registerModel), withoutHints(keyValueModel)];
    expectSame(register, spoiled(registerHistory(7)), byTrial(register));
    expectSame(keyValue, spoiled(keyValueHistory(7)), byTrial(keyValue));
  });
});

const HINTS = ["inputKey", "isReadOnly", "needs", "leaves", "leads", "tells", "serves"] as const;

/** The model without some of its hints. What `leads` says is about all that `leaves` leaves out. */
function without<State, Input, Output>(
  model: Model<State, Input, Output>,
  hints: readonly (typeof HINTS)[number][],
): Model<State, Input, Output> {
  const left = { ...model };
  for (const hint of hints) delete left[hint];
  if (hints.includes("leaves")) delete left.leads;
  return left;
}

describe("the hints of a model change no verdict", () => {
  test("whichever of them are left out", () => {
    const some = fc.subarray([...HINTS]);
    fc.assert(
      fc.property(spoiled(registerHistory(8)), some, (history, hints) => {
        const verdict = checkLinearizability(without(registerModel, hints), history);
        expect(verdict).toBe(byTrial(registerModel)(history));
      }),
      { numRuns: 3_000 },
    );
    fc.assert(
      fc.property(spoiled(keyValueHistory(8)), some, (history, hints) => {
        const verdict = checkLinearizability(without(keyValueModel, hints), history);
        expect(verdict).toBe(byTrial(keyValueModel)(history));
      }),
      { numRuns: 3_000 },
    );
  });

  test("of a register", () => {
    expectSame(registerModel, spoiled(registerHistory(16)), byNoHints(registerModel));
  });

  test("of a key", () => {
    expectSame(keyValueModel, spoiled(keyValueHistory(16)), byNoHints(keyValueModel));
  });
});

test("whatever a store of one copy did is linearizable", () => {
  fc.assert(
    fc.property(registerHistory(40), (history) => {
      expect(checkLinearizability(registerModel, history)).toBe("linearizable");
    }),
  );
  fc.assert(
    fc.property(keyValueHistory(40), (history) => {
      expect(checkLinearizability(keyValueModel, history)).toBe("linearizable");
    }),
  );
});
