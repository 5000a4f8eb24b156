import { describe, expect, test } from "bun:test";
import { checkLinearizability } from "./check.ts";
import { keyValueModel, type KeyValueInput } from "./key_value.ts";
import { registerModel, type RegisterInput } from "./register.ts";
import { oneKeyValueStore, oneRegister, plansOf, run } from "./_test_histories.ts";

describe("a history of ten thousand operations", () => {
  const load = { seed: 1, operations: 10_000, clients: 20, lostShare: 0.03 };
  const registerLoad = plansOf<RegisterInput>({
    ...load,
    input(random, count) {
      const draw = random();
      if (draw < 0.5) return { kind: "read" };
      if (draw < 0.8) return { kind: "write", value: count };
      return { kind: "compareAndSet", expected: count - 5, replacement: count };
    },
  });

  test("of a register is judged", () => {
    const history = run(oneRegister(), registerLoad);
    expect(checkLinearizability(registerModel, history)).toBe("linearizable");
    const stale: (typeof history)[number] = {
      process: 0,
      input: { kind: "read" },
      output: { value: null },
      invokedAt: 1e6,
      returnedAt: 1e6,
    };
    expect(checkLinearizability(registerModel, [...history, stale])).toBe("not-linearizable");
  });

  test("of a key-value store is judged", () => {
    const plans = plansOf<KeyValueInput>({
      ...load,
      input(random, count) {
        const [draw, key] = [random(), `${Math.floor(random() * 5)}`];
        if (draw < 0.4) return { kind: "get", key };
        return { kind: draw < 0.5 ? "put" : "append", key, value: `${count} ` };
      },
    });
    const history = run(oneKeyValueStore(), plans);
    expect(checkLinearizability(keyValueModel, history)).toBe("linearizable");
    const stale = {
      process: 0,
      input: { kind: "get", key: "0" } as const,
      output: { value: "" },
      invokedAt: 1e6,
      returnedAt: 1e6,
    };
    expect(checkLinearizability(keyValueModel, [...history, stale])).toBe("not-linearizable");
  });
});
