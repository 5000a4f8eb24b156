/** What becomes of what a receiver does not take, in virtual time. */
import { describe, expect, test } from "bun:test";
import { TestHouse, WEBHOOK } from "./_test_house.ts";

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
