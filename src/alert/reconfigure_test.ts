import { expect, test } from "bun:test";
import { ALERTMANAGER, alertsOf, TestHouse, WEBHOOK, type Sentry } from "./_test_house.ts";

const PAGER = { ...WEBHOOK, name: "pager", webhook: "http://pager/hook" };

async function houseWith(receivers: readonly object[], rules: readonly object[]) {
  const house = new TestHouse({ config: { rules, receivers } });
  const leader = await house.ready();
  house.targets.set("api-1", {});
  house.say("api-1", "up");
  await house.pass(100);
  return { house, leader };
}

function reconfigure(house: TestHouse, receivers: readonly object[], rules?: readonly object[]) {
  const config = alertsOf({ receivers, ...(rules && { rules }) });
  for (const sentry of house.sentries) sentry.alerts.reconfigure(config);
}

const DOWN = [{ verdict: "down" }];
const urlsOf = (house: TestHouse) => house.received.map(({ url }) => url);
const namesOf = ({ alerts }: Sentry) => alerts.status().receivers.map(({ name }) => name);

test("a receiver that is new hears of what goes on, and one that stayed hears nothing twice", async () => {
  const { house, leader } = await houseWith([WEBHOOK], DOWN);
  house.say("api-1", "down");
  await house.pass(8_000);
  expect(urlsOf(house)).toEqual(["http://chat/hook"]);
  reconfigure(house, [WEBHOOK, PAGER], DOWN);
  await house.pass(8_000);
  expect(urlsOf(house)).toEqual(["http://chat/hook", "http://pager/hook"]);
  expect(namesOf(leader)).toEqual(["chat", "pager"]);
});

test("a receiver that is gone hears nothing more, and its incidents end without it", async () => {
  const { house, leader } = await houseWith([WEBHOOK, PAGER], DOWN);
  house.say("api-1", "down");
  await house.pass(8_000);
  expect(urlsOf(house)).toHaveLength(2);
  reconfigure(house, [PAGER], DOWN);
  house.say("api-1", "up");
  await house.pass(8_000);
  expect(urlsOf(house).slice(2)).toEqual(["http://pager/hook"]);
  expect(leader.store.alertRecord.readLocal().incidents.size).toBe(0);
});

test("one under the same name at another address is told there, under the same key", async () => {
  const { house } = await houseWith([WEBHOOK], DOWN);
  house.answers.set("chat", "unreachable");
  house.say("api-1", "down");
  await house.pass(8_000);
  reconfigure(house, [{ ...WEBHOOK, webhook: "http://chat.new/hook" }], DOWN);
  await house.pass(40_000);
  expect(urlsOf(house)).toEqual(["http://chat.new/hook"]);
  const [{ headers }] = house.received as [(typeof house.received)[0]];
  expect(headers.get("idempotency-key")).toBe("c1-2");
});

test("a rule that is new makes news of what was none", async () => {
  const { house } = await houseWith([WEBHOOK], DOWN);
  house.say("api-1", "partial");
  await house.pass(8_000);
  expect(house.received).toEqual([]);
  reconfigure(house, [WEBHOOK], [...DOWN, { verdict: "partial", forMillis: 0 }]);
  await house.pass(8_000);
  expect(house.told).toEqual(["firing api-1"]);
});

test("an Alertmanager that stays is repeated to at the new pace", async () => {
  const slow = { ...ALERTMANAGER, repeatMillis: 600_000 };
  const { house } = await houseWith([slow], DOWN);
  house.say("api-1", "down");
  await house.pass(30_000);
  reconfigure(house, [{ ...ALERTMANAGER, repeatMillis: 1_000 }], DOWN);
  const before = house.received.length;
  await house.pass(10_000);
  expect(house.received.length - before).toBeGreaterThanOrEqual(10);
});
