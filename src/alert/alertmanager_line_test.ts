/** In which order an Alertmanager hears what it is told, in virtual time. */
import { describe, expect, test } from "bun:test";
import { AlertmanagerLine } from "./alertmanager_line.ts";
import { ALERTMANAGER, TestHouse, type Sentry } from "./_test_house.ts";

const REPEAT_MS = 30_000;

/** A target that is down and was told, to receivers like this. */
async function aDown(...receivers: readonly object[]) {
  const config = { receivers: receivers.map((each) => ({ ...each, repeatMillis: REPEAT_MS })) };
  const house = new TestHouse({ config });
  const leader = await house.ready();
  house.say("a", "down");
  await house.pass(2_000);
  return { house, leader };
}

/** Passes time until the next repetition has left, of which `host` hears so late or never. */
async function repetitionUnderWay(house: TestHouse, host: string, answer: "hangs" | number) {
  house.answers.set(host, answer === "hangs" ? answer : { afterMs: answer });
  let hasLeft = false;
  house.onPoint = (_, point) => void (hasLeft ||= point === "before send");
  await house.until("a repetition to be under way", () => hasLeft);
  // Both of two addresses.
  await house.pass(50);
  house.answers.delete(host);
}

/** `a true`, `b false`, ...: what this host was told in this order, and whether it goes on by that. */
function toldAt(house: TestHouse, host: string): readonly string[] {
  const nowMs = house.cluster.time.wallMs();
  return house.alertmanagerAlerts
    .filter((alert) => alert.host === host)
    .map(({ labels, endsAt }) => `${labels["target"]} ${Date.parse(endsAt) > nowMs}`);
}

describe("Alertmanager", () => {
  const one = { name: "am", alertmanager: ["http://am1:9093"] };
  const other = { name: "other", alertmanager: ["http://am2:9093"] };

  test("hears of an end after a repetition that is long on its way, not before", async () => {
    const { house } = await aDown(one);
    await repetitionUnderWay(house, "am1:9093", 6_000);
    house.received.length = 0;
    house.say("a", "up");
    await house.pass(5_000);
    expect(toldAt(house, "am1:9093")).toEqual([]);
    await house.pass(5_000);
    expect(toldAt(house, "am1:9093")).toEqual(["a true", "a false"]);
  });

  test.each([
    ["address", [ALERTMANAGER]],
    ["receiver", [one, other]],
  ])("that is mute keeps no other %s from hearing of an end at once", async (_, receivers) => {
    const { house } = await aDown(...receivers);
    await repetitionUnderWay(house, "am1:9093", "hangs");
    house.received.length = 0;
    house.say("a", "up");
    await house.pass(1_000);
    expect(toldAt(house, "am2:9093")).toEqual(["a false"]);
    expect(toldAt(house, "am1:9093")).toEqual([]);
    // Once the repetition has had its time.
    await house.pass(10_000);
    expect(toldAt(house, "am1:9093")).toEqual(["a false"]);
  });

  test("is not told what had to wait by a monitor that does not send any more by then", async () => {
    const { house, leader } = await aDown(one);
    await repetitionUnderWay(house, "am1:9093", 8_000);
    house.say("b", "down");
    await house.pass(1_000);
    const next: Sentry = house.sentries.find((each) => each !== leader)!;
    leader.store.member!.transferLeadership(next.id);
    await house.until("another leader", () => house.leader === next);
    await house.pass(15_000);
    const ofB = house.received.filter(({ body }) => body.includes('"b"'));
    expect(new Set(ofB.map(({ from }) => from))).toEqual(new Set([next.id]));
  });
});

/** Work that ends when it is told to. */
function handWork(said: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = () => {
    said.push(name);
    return promise;
  };
  return { work, resolve, reject };
}

describe("AlertmanagerLine", () => {
  test("does one thing after the other, be it that one fails", async () => {
    const said: string[] = [];
    const line = new AlertmanagerLine();
    const [first, second] = [handWork(said, "first"), handWork(said, "second")];
    const failed = line.tell(first.work).catch(String);
    const told = line.tell(second.work);
    await Promise.resolve();
    expect(said).toEqual(["first"]);
    first.reject(new Error("it failed"));
    expect(await failed).toBe("Error: it failed");
    second.resolve("done");
    expect(await told).toBe("done");
    expect(said).toEqual(["first", "second"]);
  });

  test("has one repetition at a time", async () => {
    const said: string[] = [];
    const line = new AlertmanagerLine();
    const first = handWork(said, "first");
    line.repeat(first.work);
    line.repeat(handWork(said, "second").work);
    first.resolve("done");
    await line.tell(() => Promise.resolve("heard"));
    line.repeat(handWork(said, "third").work);
    await Promise.resolve();
    expect(said).toEqual(["first", "third"]);
  });

  test("leaves out what waits when somebody else sends, and goes on with what is asked for later", async () => {
    const said: string[] = [];
    const line = new AlertmanagerLine();
    const first = handWork(said, "first");
    const told = [line.tell(first.work), line.tell(handWork(said, "second").work)];
    await Promise.resolve();
    line.rest();
    const third = handWork(said, "third");
    told.push(line.tell(third.work));
    first.resolve("1");
    third.resolve("3");
    expect(await Promise.all(told)).toEqual(["1", undefined, "3"]);
    expect(said).toEqual(["first", "third"]);
  });
});
