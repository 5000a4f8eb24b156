import { expect, test } from "bun:test";
import { getLogger, type Logger } from "@logtape/logtape";
import { makeTarget } from "../../test/kit/target.ts";
import type { Monitor } from "../monitor/mod.ts";
import { MemoryConfigStore } from "../store/mod.ts";
import { follow } from "./follow.ts";

/** A loop whose turns a test ends. */
class HandHeldLoop {
  readonly #waiting: (() => void)[] = [];

  after() {
    return () => {};
  }

  yieldToLoop(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  async endTurn(): Promise<void> {
    for (const resolve of this.#waiting.splice(0)) resolve();
    await microtasks();
  }
}

async function microtasks(): Promise<void> {
  for (let count = 0; count < 20; count++) await Promise.resolve();
}

async function follower(first: readonly string[] = []) {
  const loop = new HandHeldLoop();
  const store = new MemoryConfigStore();
  const done: string[] = [];
  const monitor = {
    put: ({ name, url }: { name: string; url: string }) => done.push(`put ${name} ${url}`),
    remove: (name: string) => done.push(`remove ${name}`),
    recallNoMore: () => done.push("recall no more"),
    watchCount: 0,
    recalledCount: 0,
  } as unknown as Monitor;
  const log = getLogger("test of follow");
  await store.replace(first.map((name) => makeTarget({ name, url: "push:" })));
  const stop = follow(store, { monitor }, { timers: loop, openFilesLimit: 1_000 }, log);
  await microtasks();
  expect(done.splice(0)).toEqual([...first.map((name) => `put ${name} push:`), "recall no more"]);
  const put = async (name: string, url = "push:") => {
    await store.put(makeTarget({ name, url }));
    await microtasks();
  };
  return { loop, store, done, stop, put };
}

test("what was changed is taken over a turn of the loop later, after whoever asked has the answer", async () => {
  const { loop, done, put } = await follower();
  await put("a");
  expect(done).toEqual([]);
  await loop.endTurn();
  expect(done).toEqual(["put a push:"]);
});

test("what was changed in one turn is taken over in the next, in its order, and so is what comes then", async () => {
  const { loop, store, done, put } = await follower();
  await put("a");
  await put("b");
  await store.delete("a");
  await put("a", "http://127.0.0.1/");
  await loop.endTurn();
  const first = ["put a push:", "put b push:", "remove a", "put a http://127.0.0.1/"];
  expect(done).toEqual(first);
  await put("c");
  await loop.endTurn();
  expect(done).toEqual([...first, "put c push:"]);
});

test("only what is there at the start is recalled: what is added later is another target", async () => {
  const { loop, done, put } = await follower(["a", "b"]);
  await put("c");
  await loop.endTurn();
  expect(done).toEqual(["put c push:"]);
});

test.each([
  [400, 0],
  [401, 1],
])(
  "%d targets that are asked, under a limit of 1,000 open files: %d warnings",
  async (count, warnings) => {
    const store = new MemoryConfigStore();
    const asked = Array.from({ length: count }, (_, place) =>
      makeTarget({ name: `asked${place}` }),
    );
    const pushed = Array.from({ length: 900 }, (_, place) =>
      makeTarget({ name: `pushed${place}`, url: "push:" }),
    );
    await store.replace([...asked, ...pushed]);
    const told: string[] = [];
    const log = { warning: (line: string) => told.push(line) } as unknown as Logger;
    const monitor = {
      put: () => {},
      recallNoMore: () => {},
      recalledCount: 0,
    } as unknown as Monitor;
    follow(store, { monitor }, { timers: new HandHeldLoop(), openFilesLimit: 1_000 }, log)();
    expect(told).toHaveLength(warnings);
  },
);
