/** Leaders whose wall clocks differ: the times in the record are those of either, and no duration is their difference. */
import { expect, test } from "bun:test";
import { TestHouse, WEBHOOK } from "./_test_house.ts";

const ONE_DAY_MS = 86_400_000;

/** Its receiver does not answer, `a` is being told, and `b` waits behind it. */
async function setUp(receiver: object = {}) {
  const house = new TestHouse({ config: { receivers: [{ ...WEBHOOK, ...receiver }] } });
  const first = await house.ready();
  house.answers.set("chat", "unreachable");
  house.say("a", "down");
  await house.pass(8_000);
  house.say("b", "down");
  await house.pass(2_000);
  return { house, first };
}

test("a notice under way is not given up by one whose clock is a day ahead", async () => {
  const { house, first } = await setUp();
  for (const sentry of house.sentries) if (sentry !== first) sentry.aheadMs = 2 * ONE_DAY_MS;
  first.crash();
  await house.pass(20_000);
  house.answers.delete("chat");
  await house.pass(40_000);
  expect(house.told).toEqual(["firing a", "firing b"]);
  expect(house.leader!.alerts.facts().droppedCount).toBe(0);
});

test("and given up after as long as ever by one whose clock is a day behind", async () => {
  const { house, first } = await setUp({ giveUpAfterMillis: 60_000 });
  for (const sentry of house.sentries) if (sentry !== first) sentry.aheadMs = -ONE_DAY_MS;
  first.crash();
  await house.pass(40_000);
  expect(house.leader!.alerts.facts().droppedCount).toBe(0);
  // Of the 60 s the first one saw some five.
  await house.pass(18_000);
  expect(house.leader!.alerts.facts().droppedCount).toBe(1);
  expect(house.leader!.lines.join()).toContain("nobody took it for 60 s");
});

test("the end of what nobody could be told of is told by one whose clock is behind", async () => {
  for (const behindMs of [ONE_DAY_MS, 58_000]) {
    const { house, first } = await setUp();
    for (const sentry of house.sentries) if (sentry !== first) sentry.aheadMs = -behindMs;
    first.crash();
    await house.pass(50_000);
    house.say("b", "up");
    await house.pass(5_000);
    house.answers.delete("chat");
    await house.pass(60_000);
    expect(house.told).toEqual(["firing a", "resolved b"]);
  }
});
