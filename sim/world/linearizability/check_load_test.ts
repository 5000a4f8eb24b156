import { describe, expect, test } from "bun:test";
import { judgeHistory } from "./check.ts";
import { keyValueModel, type KeyValueInput } from "./key_value.ts";
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { registerModel, type RegisterInput } from "./register.ts";
import { type Load, oneKeyValueStore, oneRegister, plansOf, run } from "./_test_histories.ts";

type Random = () => number;

/** Values of their own, so that each read tells which write it saw. */
function ownValue(random: Random, count: number): RegisterInput {
  const draw = random();
  if (draw < 0.5) return { kind: "read" };
  if (draw < 0.8) return { kind: "write", value: count };
  return { kind: "compareAndSet", expected: count - 5, replacement: count };
}

function oneOfFive(random: Random): RegisterInput {
  const [draw, value] = [random(), Math.floor(random() * 5)];
  if (draw < 0.4) return { kind: "read" };
  if (draw < 0.7) return { kind: "write", value };
  return { kind: "compareAndSet", expected: value, replacement: Math.floor(random() * 5) };
}

const ofKeys =
  (keys: number) =>
  (random: Random, count: number): KeyValueInput => {
    const [draw, key] = [random(), `${Math.floor(random() * keys)}`];
    if (draw < 0.4) return { kind: "get", key };
    return { kind: draw < 0.5 ? "put" : "append", key, value: `${count} ` };
  };

/** A read from behind the middle finds again what one from before found. */
function staled<Input, Output extends object>(
  history: readonly Operation<Input, Output>[],
): Operation<Input, Output>[] {
  const reads = history.filter(({ output }) => output !== undefined && "value" in output);
  const [early, late] = [0.3, 0.7].map((share) => reads[Math.floor(reads.length * share)]!);
  return history.map((each) => (each === late ? { ...each, output: early!.output } : each));
}

/** The work is counted, not timed: far above these bounds, something that spares work no longer does. */
function expectWork<State, Input, Output extends object>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  { asItWas, stale }: { readonly asItWas: number; readonly stale: number },
): void {
  const right = judgeHistory(model, history, { maxSteps: asItWas });
  expect(right.verdict).toBe("linearizable");
  const wrong = judgeHistory(model, staled(history), { maxSteps: stale });
  expect(wrong.verdict).toBe("not-linearizable");
}

describe("the work that it takes to judge", () => {
  const load: Omit<Load<unknown>, "input"> = {
    seed: 1,
    operations: 2_000,
    clients: 12,
    lostShare: 0.1,
  };
  const long = { ...load, operations: 10_000, lostShare: 0.03 };

  test("a register with values of their own", () => {
    const plans = plansOf({ ...load, input: ownValue });
    expectWork(registerModel, run(oneRegister(), plans), { asItWas: 30_000, stale: 40_000 });
  });

  test("a register with few values", () => {
    const history = run(oneRegister(), plansOf({ ...load, input: oneOfFive }));
    expect(judgeHistory(registerModel, history, { maxSteps: 10_000 }).verdict).toBe("linearizable");
  });

  test("one key", () => {
    const plans = plansOf({ ...load, input: ofKeys(1) });
    expectWork(keyValueModel, run(oneKeyValueStore(), plans), { asItWas: 200_000, stale: 400_000 });
  });

  test("ten thousand operations on a register", () => {
    const plans = plansOf({ ...long, input: ownValue });
    expectWork(registerModel, run(oneRegister(), plans), { asItWas: 200_000, stale: 400_000 });
  });

  test("ten thousand operations on five keys", () => {
    const plans = plansOf({ ...long, input: ofKeys(5) });
    expectWork(keyValueModel, run(oneKeyValueStore(), plans), { asItWas: 60_000, stale: 60_000 });
  });
});
