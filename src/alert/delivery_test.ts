/** What becomes of what a receiver does not take, in virtual time. */
import { describe, expect, test } from "bun:test";
import { Delivery } from "./delivery.ts";
import type { PostOutcome } from "./post.ts";
import { TestHouse, WEBHOOK } from "./_test_house.ts";

const NOTICE = { number: 1, receiver: "chat", group: {}, firing: [1], resolved: [], atWallMs: 0 };

/** A delivery of which every attempt ends as it is told. */
function deliveryOf(outcome: PostOutcome) {
  const world = { nowMs: 0, attempts: 0 };
  const delivery = new Delivery({
    random: () => 0,
    nowMs: () => world.nowMs,
    send: async () => {
      world.attempts++;
      return outcome;
    },
    onAttempt: () => {},
  });
  const attend = async () => {
    delivery.attend(NOTICE);
    await Promise.resolve();
    return world.attempts;
  };
  return { delivery, world, attend };
}

describe("Delivery", () => {
  test("leaves a receiver alone for as long as it asks, within reason", async () => {
    for (const [askedMs, waitMs] of [
      [90_000, 90_000],
      [9_000_000, 300_000],
      [10, 1_000],
    ] as const) {
      const { world, attend } = deliveryOf({ kind: "failed", detail: "", retryAfterMs: askedMs });
      expect(await attend()).toBe(1);
      world.nowMs = waitMs - 1;
      expect(await attend()).toBe(1);
      world.nowMs = waitMs;
      expect(await attend()).toBe(2);
    }
  });

  test("of one that led before begins anew: what it knew of the receiver is old", async () => {
    const { delivery, attend } = deliveryOf({ kind: "failed", detail: "" });
    await attend();
    expect(await attend()).toBe(1);
    delivery.rest();
    expect(await attend()).toBe(2);
    expect(delivery.failureCount).toBe(1);
  });

  test("does not send what was taken again while that is being recorded", async () => {
    const { delivery, attend } = deliveryOf({ kind: "taken" });
    await attend();
    expect(await attend()).toBe(1);
    expect(delivery.settledOf(NOTICE)).toEqual({ number: 1, isDelivered: true });
    expect(delivery.settledOf({ ...NOTICE, number: 2 })).toBeUndefined();
  });
});

describe("a receiver that does not take it", () => {
  test.each([500, 429, 404, 302, 401, "unreachable", "hangs"] as const)(
    "%p is tried again, under the same key, ever more seldom, until it is taken",
    async (answer) => {
      const house = new TestHouse();
      const leader = await house.ready();
      house.answers.set("chat", answer);
      let attempts = 0;
      house.onPoint = (_, point) => void (point === "before send" && attempts++);
      house.say("a", "down");
      await house.pass(120_000);
      // 1, 2, 4, 8, 16 and 30 s, and 10 s for each that hangs.
      expect(attempts).toBeGreaterThanOrEqual(answer === "hangs" ? 4 : 6);
      expect(attempts).toBeLessThanOrEqual(8);
      const [receiver] = leader.alerts.status().receivers;
      const failures = receiver!.failures!;
      expect(receiver!.queueLength).toBe(1);
      // The last one may be under way.
      expect(attempts - failures).toBeLessThanOrEqual(1);
      expect(receiver!.lastError).toStartWith("http://chat ");
      expect(leader.lines.join()).toContain("chat was not told, it is tried again");
      house.say("b", "down");
      house.answers.delete("chat");
      await house.pass(60_000);
      expect(house.told).toEqual(["firing a", "firing b"]);
      expect(leader.alerts.status().receivers[0]).toMatchObject({
        queueLength: 0,
        lastError: null,
      });
      const counts = leader.alerts.facts().notifications;
      const failed = counts.find(({ outcome }) => outcome === "failed")!.count;
      expect(failed).toBeGreaterThanOrEqual(failures);
      expect(counts.find(({ outcome }) => outcome === "delivered")!.count).toBe(2);
    },
  );

  test("what it refuses is dropped at once, counted and said, and no end of it is told", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    house.answers.set("chat", 400);
    house.say("a", "down");
    await house.pass(10_000);
    house.answers.delete("chat");
    house.say("a", "up");
    await house.pass(10_000);
    expect(house.told).toEqual([]);
    const { droppedCount, notifications } = leader.alerts.facts();
    expect(droppedCount).toBe(1);
    expect(notifications).toContainEqual({ receiver: "chat", outcome: "refused", count: 1 });
    expect(leader.lines.join()).toContain(
      "chat is not told of 1 incidents: http://chat answered 400",
    );
  });

  test("what nobody took for too long is given up, and what came after is told", async () => {
    const receiver = { ...WEBHOOK, giveUpAfterMillis: 60_000 };
    const house = new TestHouse({ config: { receivers: [receiver] } });
    const leader = await house.ready();
    house.answers.set("chat", "unreachable");
    house.say("a", "down");
    await house.pass(50_000);
    house.say("b", "down");
    await house.pass(20_000);
    house.answers.delete("chat");
    house.say("a", "up");
    await house.pass(60_000);
    expect(house.told).toEqual(["firing b"]);
    expect(leader.alerts.facts()).toMatchObject({ droppedCount: 1 });
    expect(leader.lines.join()).toContain("nobody took it for 60 s");
  });

  test("what began and ended meanwhile comes as its end, and says that it is news", async () => {
    const house = new TestHouse();
    await house.ready();
    house.answers.set("chat", "unreachable");
    house.say("a", "down");
    await house.pass(10_000);
    house.say("b", "down");
    await house.pass(10_000);
    house.say("b", "up");
    await house.pass(10_000);
    house.answers.delete("chat");
    await house.pass(60_000);
    expect(house.told).toEqual(["firing a", "resolved b"]);
    expect(house.notices[1]!.alerts[0]).toMatchObject({ target: "b", wasTold: false });
  });
});
