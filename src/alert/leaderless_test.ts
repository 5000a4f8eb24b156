/** What Alertmanager is told while no quorum is left to lead, in virtual time. */
import { expect, test } from "bun:test";
import { ALERTMANAGER, TestHouse, WEBHOOK, type Sentry } from "./_test_house.ts";

const REPEAT_MS = 10_000;
const config = { receivers: [{ ...ALERTMANAGER, repeatMillis: REPEAT_MS }, WEBHOOK] };

/** Targets that are down and were told; then all but one monitor die. */
async function aloneWith(...targets: readonly string[]) {
  const house = new TestHouse({ config });
  await house.ready();
  for (const target of targets) house.say(target, "down");
  await house.pass(12_000);
  const [survivor, ...others] = house.sentries.toSorted((left) => (left === house.leader ? 1 : -1));
  for (const other of others) other.crash();
  survivor!.observers.isMinority = true;
  for (const target of targets) survivor!.observers.say(target, "unknown");
  house.received.length = 0;
  return { house, survivor: survivor!, others };
}

/** Who has told Alertmanager in so long that this goes on, and would it hold it for over at any time? */
async function toldWhile(house: TestHouse, target: string, ms: number) {
  const from = house.received.length;
  const startMs = house.cluster.time.wallMs();
  let longestMs = 0;
  let untilMs = startMs + 4 * REPEAT_MS;
  for (let passedMs = 0; passedMs < ms; passedMs += 500) {
    await house.pass(500);
    for (const { labels, endsAt } of house.alertmanagerAlerts) {
      if (labels["target"] === target) untilMs = Math.max(untilMs, Date.parse(endsAt));
    }
    longestMs = Math.max(longestMs, house.cluster.time.wallMs() - untilMs);
  }
  const senders = house.received.slice(from).filter(({ body }) => body.includes(`"${target}"`));
  return { isGapless: longestMs <= 0, senders: new Set(senders.map((each) => each.from)) };
}

test("what is open is repeated by whoever is left, and by the leader alone when there is one again", async () => {
  const { house, survivor, others } = await aloneWith("a");
  const alone = await toldWhile(house, "a", 120_000);
  expect(alone).toEqual({ isGapless: true, senders: new Set([survivor.id]) });
  // Nothing new is told meanwhile, and no webhook is told again.
  expect(house.notices).toEqual([]);
  const names = house.alertmanagerAlerts.map(({ labels }) => labels["alertname"]);
  expect(new Set(names)).toEqual(new Set(["PhiTargetDown"]));
  // At each of its two addresses, every ten seconds.
  expect(names.length).toBeLessThanOrEqual(24);
  for (const other of others) other.restart();
  await house.until("a leader", () => house.leader !== undefined);
  await house.pass(5_000);
  const led = await toldWhile(house, "a", 60_000);
  expect(led).toEqual({ isGapless: true, senders: new Set([house.leader!.id]) });
});

test("an election is nobody's cause to repeat", async () => {
  const house = new TestHouse({ config });
  const leader = await house.ready();
  house.say("a", "down");
  await house.pass(12_000);
  leader.store.member!.transferLeadership(house.sentries.find((each) => each !== leader)!.id);
  await house.until("another leader", () => house.leader !== leader);
  house.received.length = 0;
  await house.pass(30_000);
  expect(new Set(house.received.map(({ from }) => from))).toEqual(new Set([house.leader!.id]));
});

test("nobody repeats what is up by all that it sees, or is not watched any more", async () => {
  const { house, survivor } = await aloneWith("a", "b", "c");
  survivor.observers.say("b", "up");
  house.unwatch("c");
  await house.pass(30_000);
  const targets = house.alertmanagerAlerts.map(({ labels }) => labels["target"]);
  expect(new Set(targets)).toEqual(new Set(["a"]));
});

test("one that is cut off from the leader does not raise again what has ended", async () => {
  const house = new TestHouse({ config });
  const leader = await house.ready();
  house.say("a", "down");
  await house.pass(12_000);
  const other: Sentry = house.sentries.find((each) => each !== leader)!;
  house.cluster.isolate(other.store);
  other.observers.isMinority = true;
  house.say("a", "up");
  await house.pass(60_000);
  const last = house.alertmanagerAlerts.at(-1)!;
  expect(Date.parse(last.endsAt)).toBeLessThan(house.cluster.time.wallMs());
});

test("one that reaches neither the others nor the target repeats what may be down, as long as that lasts", async () => {
  const house = new TestHouse({ config });
  const leader = await house.ready();
  house.say("a", "down");
  await house.pass(12_000);
  const other: Sentry = house.sentries.find((each) => each !== leader)!;
  house.cluster.isolate(other.store);
  other.observers.isMinority = true;
  house.say("a", "up");
  other.observers.say("a", "unknown");
  await house.pass(20_000);
  expect((await toldWhile(house, "a", 60_000)).senders).toEqual(new Set([other.id]));
  house.cluster.heal();
  other.observers.isMinority = false;
  await house.pass(2_000);
  expect((await toldWhile(house, "a", 60_000)).senders).toEqual(new Set());
});

/** `a` is down and was told; then the disk of the leader fails, and it is halted. */
async function leaderHalted() {
  const house = new TestHouse({ config });
  const leader = await house.ready();
  house.say("a", "down");
  await house.pass(12_000);
  leader.store.isDiskBroken = true;
  house.say("b", "down");
  await house.until("it to halt", () => leader.store.member!.status().halted !== undefined);
  return { house, halted: leader };
}

test("a leader whose disk has failed raises nothing again that the next one has ended", async () => {
  const { house, halted } = await leaderHalted();
  await house.until("another leader", () => house.leader !== undefined);
  await house.pass(5_000);
  expect(halted.alerts.facts()).toMatchObject({ isSender: false, hold: null });
  house.say("a", "up");
  await house.pass(5_000);
  const { senders } = await toldWhile(house, "a", 60_000);
  expect(senders).toEqual(new Set());
  expect(house.leader!.alerts.facts().isSender).toBe(true);
});

test("one whose disk has failed goes on telling what is down when it is left alone", async () => {
  const { house, halted } = await leaderHalted();
  for (const other of house.sentries) if (other !== halted) other.crash();
  halted.observers.isMinority = true;
  halted.observers.say("a", "unknown");
  await house.pass(5_000);
  const alone = await toldWhile(house, "a", 120_000);
  expect(alone).toEqual({ isGapless: true, senders: new Set([halted.id]) });
});
