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

test("a receiver that is gone hears nothing more, and its incidents are forgotten after five minutes", async () => {
  const { house, leader } = await houseWith([WEBHOOK, PAGER], DOWN);
  house.say("api-1", "down");
  await house.pass(8_000);
  expect(urlsOf(house)).toHaveLength(2);
  reconfigure(house, [PAGER], DOWN);
  house.say("api-1", "up");
  await house.pass(8_000);
  expect(urlsOf(house).slice(2)).toEqual(["http://pager/hook"]);
  await house.pass(280_000);
  expect(leader.store.alertRecord.readLocal().incidents.size).toBe(1);
  await house.pass(20_000);
  expect(leader.store.alertRecord.readLocal().incidents.size).toBe(0);
  expect(urlsOf(house)).toHaveLength(3);
});

test("a receiver that is back in time hears of the end of what it was told of", async () => {
  const { house, leader } = await houseWith([WEBHOOK, PAGER], DOWN);
  house.say("api-1", "down");
  await house.pass(8_000);
  reconfigure(house, [WEBHOOK], DOWN);
  house.say("api-1", "up");
  await house.pass(60_000);
  expect(urlsOf(house).slice(2)).toEqual(["http://chat/hook"]);
  reconfigure(house, [WEBHOOK, PAGER], DOWN);
  await house.pass(8_000);
  expect(urlsOf(house).slice(3)).toEqual(["http://pager/hook"]);
  expect(house.told.slice(2)).toEqual(["resolved api-1", "resolved api-1"]);
  expect(leader.store.alertRecord.readLocal().incidents.size).toBe(0);
});

test("a leader with an old file leaves the end to the next one, whose file has the receiver", async () => {
  const { house, leader } = await houseWith([WEBHOOK, PAGER], DOWN);
  house.say("api-1", "down");
  await house.pass(8_000);
  leader.alerts.reconfigure(alertsOf({ receivers: [WEBHOOK], rules: DOWN }));
  house.say("api-1", "up");
  await house.pass(20_000);
  expect(urlsOf(house).slice(2)).toEqual(["http://chat/hook"]);
  leader.crash();
  await house.pass(15_000);
  expect(urlsOf(house).slice(3)).toEqual(["http://pager/hook"]);
  expect(house.leader!.store.alertRecord.readLocal().incidents.size).toBe(0);
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
