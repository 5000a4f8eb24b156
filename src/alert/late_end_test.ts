/** An end that is recorded long after it was proposed, of what has begun again meanwhile. */
import { expect, test } from "bun:test";
import { TestHouse, WEBHOOK } from "./_test_house.ts";

test("what has begun again when its end is recorded at last is told anew", async () => {
  const house = new TestHouse({ config: { receivers: [{ ...WEBHOOK, groupWaitMillis: 0 }] } });
  const leader = await house.ready();
  house.say("a", "down");
  await house.pass(2_000);
  // The others answer that they live, and store nothing: the one that leads goes on to.
  house.cluster.delivers = (message) =>
    message.kind !== "appendRequest" || message.entries.length === 0;
  house.say("a", "up");
  await house.pass(2_000);
  house.say("a", "down", "again");
  await house.pass(2_000);
  expect(house.leader).toBe(leader);
  expect(house.told).toEqual(["firing a"]);
  house.cluster.heal();
  await house.pass(5_000);
  expect(house.leader).toBe(leader);
  expect(house.notices).toHaveLength(2);
  expect(house.notices[1]!.alerts).toMatchObject([
    { status: "firing", target: "a", reason: "again" },
    { status: "resolved", target: "a", key: house.notices[0]!.alerts[0]!.key },
  ]);
  house.say("a", "up");
  await house.pass(2_000);
  expect(house.told.slice(3)).toEqual(["resolved a"]);
});
