/** When nothing new is told: by the one that leads, and by anybody, since somebody asked for silence. */
import { describe, expect, test } from "bun:test";
import { TestHouse, WEBHOOK } from "./_test_house.ts";

/** Of what has such a name. */
const silence = (id: string, pattern: string, endsInMs: number, house: TestHouse) => {
  const nowMs = house.cluster.time.wallMs();
  return {
    id,
    matchers: [{ name: "target", isEqual: true, pattern }],
    startsWallMs: nowMs,
    endsWallMs: nowMs + endsInMs,
    createdWallMs: nowMs,
    author: "me",
    comment: "why",
  };
};

describe("the one that leads tells nothing new", () => {
  test("while it is cut off from the other observers", async () => {
    const house = new TestHouse({ ids: ["a"] });
    const leader = await house.ready();
    leader.observers.isMinority = true;
    house.say("x", "down");
    await house.pass(8_000);
    expect(house.told).toEqual([]);
    expect(leader.alerts.status().hold).toBe("minority");
    leader.observers.isMinority = false;
    await house.pass(10_000);
    expect(house.told).toEqual(["firing x"]);
    expect(leader.lines).toEqual([
      "warning: alerts: nothing new is sent: this monitor hears fewer observers than a majority",
      "info: alerts: they are sent again",
      "info: alerts: chat was told of 1 that began and 0 that ended",
    ]);
  });

  test("and what it holds alone counts for nothing, later either", async () => {
    const rules = [{ verdict: "down", keepFiringMillis: 20_000 }];
    const house = new TestHouse({ ids: ["a"], config: { rules, receivers: [WEBHOOK] } });
    const leader = await house.ready();
    house.say("x", "down");
    await house.pass(8_000);
    leader.observers.isMinority = true;
    house.say("x", "up");
    await house.pass(60_000);
    leader.observers.isMinority = false;
    await house.pass(1_000);
    // The others say what they have said all the time.
    house.say("x", "down");
    await house.pass(60_000);
    expect(house.told).toEqual(["firing x"]);
    leader.observers.isMinority = true;
    house.say("x", "up");
    await house.pass(60_000);
    leader.observers.isMinority = false;
    // That it is up is known from three seconds on after that, and told twenty seconds later.
    await house.pass(22_000);
    expect(house.told).toEqual(["firing x"]);
    await house.pass(8_000);
    expect(house.told).toEqual(["firing x", "resolved x"]);
  });

  test("while it doubts itself; if that lasts, another leads, and tells", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    leader.observers.doubts = ["loop_lag"];
    house.say("x", "down");
    await house.pass(9_000);
    expect(house.told).toEqual([]);
    expect(house.leader).toBe(leader);
    await house.pass(12_000);
    expect(house.leader).not.toBe(leader);
    expect(house.told).toEqual(["firing x"]);
  });

  test("and where the one that is asked does not take over, the next one is asked", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    const [unable, able] = house.sentries.filter((sentry) => sentry !== leader);
    house.cluster.delivers = ({ kind, to }) => kind !== "timeoutNow" || to !== unable!.id;
    leader.observers.doubts = ["loop_lag"];
    house.say("x", "down");
    await house.pass(32_000);
    expect(house.leader).toBe(able);
    expect(house.told).toEqual(["firing x"]);
  });

  test("but a lone one does, when its doubt has lasted for a minute", async () => {
    const house = new TestHouse({ ids: ["a"] });
    const leader = await house.ready();
    leader.observers.doubts = ["schedule_lag"];
    house.say("x", "down");
    await house.pass(59_000);
    expect(house.told).toEqual([]);
    await house.pass(10_000);
    expect(house.told).toEqual(["firing x"]);
  });

  test("and a doubt that it had when it led before is not the one that it has now", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    leader.observers.doubts = ["loop_lag"];
    await house.pass(21_000);
    expect(house.leader).not.toBe(leader);
    leader.observers.doubts = [];
    await house.pass(120_000);
    // It leads again with a doubt from the first moment on. Nobody is well, so that nobody else can lead instead.
    for (const { observers } of house.sentries) observers.doubts = ["paused"];
    house.leader!.store.member!.transferLeadership(leader.id);
    await house.pass(2_000);
    expect(house.leader).toBe(leader);
    house.say("x", "down");
    await house.pass(50_000);
    expect(house.told).toEqual([]);
    expect(leader.alerts.status().hold).toBe("in_doubt");
    await house.pass(20_000);
    expect(house.told).toEqual(["firing x"]);
  });

  test("but tells of many at once, which the observers hold for down together", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    leader.observers.doubts = ["many_suspected"];
    house.say("x", "down");
    await house.pass(8_000);
    expect(house.told).toEqual(["firing x"]);
  });

  test("until all members can read it, and never waits for them again", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    house.olderMembers = ["c"];
    house.say("x", "down");
    expect(await leader.alerts.silence(silence("s", "y", 60_000, house))).toEqual({
      ok: false,
      reason: "older_members",
      members: ["c"],
    });
    await house.pass(8_000);
    expect(leader.store.alertRecord.isUntouched).toBe(true);
    expect(leader.alerts.facts().hold).toBe("older_members");
    house.olderMembers = [];
    await house.pass(8_000);
    expect(house.told).toEqual(["firing x"]);
    house.olderMembers = ["c"];
    house.say("y", "down");
    await house.pass(8_000);
    expect(house.told).toEqual(["firing x", "firing y"]);
  });

  test("and one that is cut off from the cluster writes nothing, so it sends nothing", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    house.cluster.isolate(leader.store);
    leader.observers.say("x", "down");
    house.targets.set("x", {});
    await house.pass(20_000);
    expect(house.told).toEqual([]);
  });
});

describe("silences", () => {
  test("hold back what begins, and let it go when they end or are removed", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    const other = house.sentries.find((sentry) => sentry !== leader)!;
    await house.within(other.alerts.silence(silence("s1", "db-*", 20_000, house)));
    await house.within(other.alerts.silence(silence("s2", "web", 3_600_000, house)));
    for (const target of ["db-1", "db-2", "web", "api"]) house.say(target, "down");
    await house.pass(12_000);
    expect(house.told).toEqual(["firing api"]);
    const incidents = [...leader.alerts.status().incidents];
    expect(
      incidents.map(({ target, silencedBy, receivers }) => [target, silencedBy, receivers]),
    ).toEqual([
      ["db-1", ["s1"], { chat: "silenced" }],
      ["db-2", ["s1"], { chat: "silenced" }],
      ["web", ["s2"], { chat: "silenced" }],
      ["api", [], { chat: "told" }],
    ]);
    house.say("db-2", "up");
    await house.pass(15_000);
    // What was over before the silence was is nobody's news.
    expect(house.told).toEqual(["firing api", "firing db-1"]);
    expect(await house.within(leader.alerts.unsilence("s2"))).toEqual({ ok: true, count: 1 });
    await house.pass(8_000);
    expect(house.told).toEqual(["firing api", "firing db-1", "firing web"]);
  });

  test("of what was told before, the end is told all the same", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    house.say("a", "down");
    await house.pass(8_000);
    await house.within(leader.alerts.silence(silence("s1", "*", 3_600_000, house)));
    house.say("a", "up");
    await house.pass(8_000);
    expect(house.told).toEqual(["firing a", "resolved a"]);
  });

  test("outlive the leader", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    await house.within(leader.alerts.silence(silence("s1", "a", 3_600_000, house)));
    leader.crash();
    house.say("a", "down");
    await house.pass(15_000);
    expect(house.told).toEqual([]);
    expect(house.leader!.alerts.silences().map(({ id }) => id)).toEqual(["s1"]);
  });
});
