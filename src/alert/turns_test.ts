import { expect, test } from "bun:test";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import { Turns } from "./turns.ts";

const nothing = (): void => {};

function setUp() {
  const time = new VirtualTime();
  const startMs = time.monotonicMs();
  const turnsMs: number[] = [];
  const defects: unknown[] = [];
  const world: { turn: () => Promise<void> } = { turn: async () => {} };
  const turns = new Turns({
    timers: time,
    togetherMs: 20,
    everyMs: 500,
    turn: () => {
      turnsMs.push(time.monotonicMs() - startMs);
      return world.turn();
    },
    onDefect: (error) => defects.push(error),
  });
  const pass = async (ms: number) => {
    time.pass(ms);
    for (let count = 0; count < 5; count++) await Promise.resolve();
  };
  return { time, turns, turnsMs, defects, world, pass };
}

test("turns come now and then, and soon after something happened, once for all of it", async () => {
  const { turns, turnsMs, pass } = setUp();
  await pass(20);
  await pass(500);
  await pass(100);
  for (let count = 0; count < 5; count++) turns.happened();
  await pass(20);
  await pass(499);
  expect(turnsMs).toEqual([20, 520, 640]);
});

test("what never ceases to happen does not put a turn off", async () => {
  const { turns, turnsMs, pass } = setUp();
  for (let count = 0; count < 20; count++) {
    turns.happened();
    await pass(10);
  }
  expect(turnsMs.length).toBe(10);
});

test("what happens during a turn leads to another, after it", async () => {
  const { turns, turnsMs, world, pass } = setUp();
  let end = nothing;
  world.turn = () => new Promise((resolve) => (end = resolve));
  await pass(20);
  turns.happened();
  await pass(1_000);
  expect(turnsMs).toEqual([20]);
  world.turn = async () => {};
  end();
  await pass(0);
  await pass(20);
  expect(turnsMs).toEqual([20, 1_040]);
});

test("a turn that fails is told, and the next comes", async () => {
  const { turnsMs, defects, world, pass } = setUp();
  world.turn = () => Promise.reject(new Error("a defect"));
  await pass(20);
  await pass(500);
  expect(turnsMs).toEqual([20, 520]);
  expect(defects.map(String)).toEqual(["Error: a defect", "Error: a defect"]);
});

test("after close() there are no more, and no timer is left", async () => {
  const { time, turns, turnsMs, world, pass } = setUp();
  let end = nothing;
  world.turn = () => new Promise((resolve) => (end = resolve));
  await pass(20);
  turns.close();
  turns.happened();
  end();
  await pass(1_000);
  expect([turnsMs, time.waitingCount]).toEqual([[20], 0]);
});
