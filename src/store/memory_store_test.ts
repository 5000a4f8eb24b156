import { describe, expect, test } from "bun:test";
import { describeConfigStore } from "../../test/kit/config_store_suite.ts";
import { makeTarget } from "../../test/kit/target.ts";
import { MemoryConfigStore } from "./memory_store.ts";

describeConfigStore("MemoryConfigStore", (options) => new MemoryConfigStore(options));

describe("MemoryConfigStore", () => {
  test("calls the other subscribers when one throws, keeps the write, and says what was thrown", async () => {
    const thrown: unknown[] = [];
    const store = new MemoryConfigStore({ onListenerError: (error) => thrown.push(error) });
    const heard: number[] = [];
    store.subscribe(() => {
      throw new Error("no");
    });
    store.subscribe(({ revision }) => heard.push(revision));
    const result = await store.put(makeTarget());
    await store.delete(makeTarget().name);
    expect(result).toEqual({ ok: true, revision: 1, created: true });
    expect(heard).toEqual([1, 2]);
    expect(thrown).toEqual([new Error("no"), new Error("no")]);
  });

  test("hands out the same snapshot while nothing is written, and copies once for many writes", async () => {
    const store = new MemoryConfigStore();
    await store.put(makeTarget({ name: "a" }));
    const first = store.readLocal();
    expect(store.readLocal().targets).toBe(first.targets);
    await store.put(makeTarget({ name: "b" }));
    const second = store.readLocal();
    expect(second.targets).not.toBe(first.targets);
    expect(second.targets.get("a")).toBe(first.targets.get("a"));
  });

  test("one function may subscribe twice, and leave once", async () => {
    const store = new MemoryConfigStore();
    let count = 0;
    const listener = () => {
      count++;
    };
    const stop = store.subscribe(listener);
    store.subscribe(listener);
    await store.put(makeTarget({ name: "a" }));
    stop();
    await store.put(makeTarget({ name: "b" }));
    expect(count).toBe(3);
  });
});
