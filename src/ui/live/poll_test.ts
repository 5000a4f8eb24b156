import { expect, test } from "bun:test";
import { FakeWorld, settled } from "./_test_world.ts";
import { Poll } from "./poll.ts";

function makePoll() {
  const world = new FakeWorld(() => "hang");
  const ends: (() => void)[] = [];
  const poll = new Poll(
    world.timers,
    () => 1_000,
    () => new Promise((resolve) => ends.push(resolve)),
  );
  const end = async () => {
    ends.at(-1)!();
    await settled();
  };
  return { world, poll, end, runs: () => ends.length };
}

test("Poll waits from the end of a run to the beginning of the next", async () => {
  const { world, poll, end, runs } = makePoll();
  poll.now();
  expect(runs()).toBe(0); //     not started
  poll.start();
  expect(runs()).toBe(1);
  await world.pass(5_000); //    a slow one is not asked again
  expect(runs()).toBe(1);
  await end();
  await world.pass(999);
  expect(runs()).toBe(1);
  await world.pass(1);
  expect(runs()).toBe(2);
});

test("Poll runs at once when it is told to, and once more if it was under way", async () => {
  const { world, poll, end, runs } = makePoll();
  poll.start();
  poll.now();
  poll.now();
  expect(runs()).toBe(1);
  await end();
  await world.pass(0);
  expect(runs()).toBe(2);
  await end();
  await world.pass(500);
  poll.now();
  expect(runs()).toBe(3);
  await end();
  await world.pass(999);
  expect(runs()).toBe(3);
});

test("Poll leaves nothing behind when it is stopped", async () => {
  const { world, poll, end, runs } = makePoll();
  poll.start();
  await end();
  poll.stop();
  expect(world.waitingCount).toBe(0);
  poll.start();
  poll.stop();
  await end();
  await world.pass(10_000);
  expect([runs(), world.waitingCount]).toEqual([2, 0]);
});
