/** A leader whose disk is almost full, and nobody to lead in its stead: nothing new is recorded, so nothing is told. */
import { describe, expect, test } from "bun:test";
import { TestHouse } from "./_test_house.ts";

const WHY = "nothing came of it within 1500 ms: the leader's disk is almost full";
const SAID = `warning: alerts: nothing new is sent: it cannot be recorded first: ${WHY}`;

async function houseOf(ids: readonly string[]) {
  const house = new TestHouse({ ids });
  const leader = await house.ready();
  return { house, leader };
}

/** The disks of all, which they look at with each tick. */
async function setLowOnSpace(house: TestHouse, isLow: boolean): Promise<void> {
  for (const { store } of house.sentries) store.isLowOnSpace = isLow;
  await house.pass(200);
}

describe.each([[["a"]], [["a", "b", "c"]]])("the disks of all of %p are almost full", (ids) => {
  test("that nothing can be recorded is said, and it is told once there is room", async () => {
    const { house, leader } = await houseOf(ids);
    await setLowOnSpace(house, true);
    house.say("x", "down");
    await house.pass(30_000);
    expect(house.leader).toBe(leader);
    expect(house.told).toEqual([]);
    expect(leader.alerts.facts().hold).toBe("cannot_record");
    expect(leader.lines).toEqual([SAID]);
    await setLowOnSpace(house, false);
    await house.pass(10_000);
    expect(house.told).toEqual(["firing x"]);
    expect(leader.alerts.facts().hold).toBeNull();
    expect(leader.lines.slice(1)).toEqual([
      "info: alerts: nothing waits to be recorded",
      "info: alerts: chat was told of 1 that began and 0 that ended",
    ]);
  });
});

test("what is over before there is room holds nothing any more", async () => {
  const { house, leader } = await houseOf(["a"]);
  await setLowOnSpace(house, true);
  house.say("x", "down");
  await house.pass(8_000);
  expect(leader.alerts.facts().hold).toBe("cannot_record");
  house.say("x", "up");
  await house.pass(3_000);
  expect(leader.alerts.facts().hold).toBeNull();
  expect(leader.lines).toEqual([SAID, "info: alerts: nothing waits to be recorded"]);
});

test("what was recorded before is sent all the same, and once", async () => {
  const { house, leader } = await houseOf(["a"]);
  house.answers.set("chat", "unreachable");
  house.say("x", "down");
  await house.pass(8_000);
  await setLowOnSpace(house, true);
  house.say("y", "down");
  await house.pass(8_000);
  expect(leader.alerts.facts().hold).toBe("cannot_record");
  house.answers.delete("chat");
  await house.pass(30_000);
  expect(house.told).toEqual(["firing x"]);
  await setLowOnSpace(house, false);
  await house.pass(12_000);
  expect(house.told).toEqual(["firing x", "firing y"]);
});
