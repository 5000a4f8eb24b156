import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { ALERT_LIMITS } from "../store/mod.ts";
import { ALERTMANAGER, type Point, SECRET, TestHouse, WEBHOOK } from "./_test_house.ts";

test("a combined down is told by the leader, once, signed, under its key, and recorded", async () => {
  const house = new TestHouse();
  const leader = await house.ready();
  house.targets.set("api-1", { team: "payments" });
  house.say("api-1", "up");
  await house.pass(100);
  house.say("api-1", "down", "a, b and c say down");
  await house.pass(8_000);
  const notices: readonly object[] = house.notices;
  expect(notices).toEqual([
    {
      type: "phi.alerts.firing",
      timestamp: expect.stringMatching(/^2026-01-01T00:00:\d\d\.\d{3}Z$/u),
      version: 1,
      key: "c1-2",
      receiver: "chat",
      status: "firing",
      group: {},
      summary: "api-1 is down",
      alerts: [
        {
          key: "c1-1",
          status: "firing",
          target: "api-1",
          verdict: "down",
          labels: { team: "payments" },
          since: expect.stringMatching(/^2026-01-01T00:00:\d\d\.\d{3}Z$/u),
          reason: "a, b and c say down",
        },
      ],
    },
  ]);
  const [{ headers, body, from }] = house.received as [(typeof house.received)[0]];
  expect(from).toBe(leader.id);
  const timestamp = headers.get("webhook-timestamp");
  const mac = createHmac("sha256", SECRET).update(`c1-2.${timestamp}.${body}`).digest("base64");
  expect(headers.get("webhook-id")).toBe("c1-2");
  expect(headers.get("idempotency-key")).toBe("c1-2");
  expect(headers.get("webhook-signature")).toBe(`v1,${mac}`);
  for (const { store } of house.sentries) {
    const contents = store.alertRecord.readLocal();
    expect(contents.incidents.get(1)?.told.get("chat")).toBe("firing");
    expect(contents.notices.size).toBe(0);
  }
  house.say("api-1", "up");
  await house.pass(8_000);
  expect(house.told).toEqual(["firing api-1", "resolved api-1"]);
  expect(house.notices[1]).toMatchObject({
    status: "resolved",
    summary: "resolved: api-1 is down",
    alerts: [{ resolvedReason: "up: as the test says", wasTold: true }],
  });
  // Nobody needs it any more.
  expect(leader.store.alertRecord.readLocal().incidents.size).toBe(0);
});

test("a leader that follows tells nobody again what was told", async () => {
  const house = new TestHouse({ config: { receivers: [WEBHOOK, ALERTMANAGER] } });
  const leader = await house.ready();
  house.say("a", "down");
  await house.pass(10_000);
  leader.crash();
  await house.pass(10_000);
  expect(house.told).toEqual(["firing a"]);
  expect(house.leader).not.toBe(leader);
});

test("who leads again looks at what another has ended meanwhile", async () => {
  const house = new TestHouse({ config: { receivers: [{ ...WEBHOOK, groupWaitMillis: 0 }] } });
  const leader = await house.ready();
  const other = house.sentries.find((sentry) => sentry !== leader)!;
  house.say("a", "down");
  await house.pass(2_000);
  // The other one alone holds it for up, and leads for a while.
  other.observers.say("a", "up");
  leader.store.member!.transferLeadership(other.id);
  await house.pass(5_000);
  expect(house.leader).toBe(other);
  other.store.member!.transferLeadership(leader.id);
  await house.pass(5_000);
  expect(house.leader).toBe(leader);
  expect(house.told).toEqual(["firing a", "resolved a", "firing a"]);
});

describe("rules", () => {
  const config = {
    rules: [
      { verdict: "down", forMillis: 3_000, keepFiringMillis: 2_000, labels: { severity: "page" } },
      { verdict: "partial", forMillis: 10_000, keepFiringMillis: 0 },
    ],
    receivers: [{ ...WEBHOOK, groupWaitMillis: 0 }],
  };

  test("a verdict that does not last is not told, and one that comes back begins anew", async () => {
    const house = new TestHouse({ config });
    const leader = await house.ready();
    for (let count = 0; count < 3; count++) {
      house.say("a", "down");
      await house.pass(2_000);
      house.say("a", "up");
      await house.pass(1_500);
    }
    expect(house.told).toEqual([]);
    house.say("a", "down");
    await house.pass(1_000);
    expect(leader.alerts.status().waiting).toEqual([
      { target: "a", verdict: "down", sinceWallMs: expect.any(Number), dueInMs: 2_000 },
    ]);
    await house.pass(3_000);
    expect(house.told).toEqual(["firing a"]);
    expect(house.notices[0]!.alerts[0]!.labels).toEqual({ severity: "page" });
    expect(leader.alerts.status().waiting).toEqual([]);
  });

  test("what is still said of a target after it was deleted is nothing", async () => {
    const house = new TestHouse({ config });
    const leader = await house.ready();
    house.say("a", "up");
    house.unwatch("a");
    // Its watch ends some turns after the write.
    for (const { observers } of house.sentries) observers.say("a", "down");
    await house.pass(2_000);
    expect(leader.alerts.status().waiting).toEqual([]);
  });

  test("a `for` that has begun goes on under the next leader", async () => {
    const house = new TestHouse({ config });
    const leader = await house.ready();
    house.say("a", "partial");
    await house.pass(7_000);
    leader.crash();
    await house.pass(2_000);
    expect(house.told).toEqual([]);
    await house.pass(3_000);
    expect(house.told).toEqual(["firing a"]);
  });

  test("an end that does not last is not told", async () => {
    const house = new TestHouse({ config });
    await house.ready();
    house.say("a", "down");
    await house.pass(4_000);
    house.say("a", "up");
    await house.pass(1_000);
    house.say("a", "down");
    await house.pass(10_000);
    expect(house.told).toEqual(["firing a"]);
    house.say("a", "up");
    await house.pass(4_000);
    expect(house.told).toEqual(["firing a", "resolved a"]);
  });

  test("a while in which nothing is known neither begins nor ends anything", async () => {
    const house = new TestHouse({ config });
    const leader = await house.ready();
    house.say("a", "down");
    await house.pass(1_000);
    house.say("a", "unknown");
    await house.pass(5_000);
    expect(house.told).toEqual([]);
    house.say("a", "down");
    await house.pass(1_000);
    expect(house.told).toEqual(["firing a"]);
    house.say("a", "unknown");
    leader.crash();
    await house.pass(20_000);
    expect(house.told).toEqual(["firing a"]);
  });

  test("an end of which nothing is known any more is none, until it is known again", async () => {
    const house = new TestHouse({ config });
    await house.ready();
    house.say("a", "down");
    await house.pass(4_000);
    house.say("a", "up");
    await house.pass(1_000);
    house.say("a", "unknown");
    await house.pass(10_000);
    expect(house.told).toEqual(["firing a"]);
    house.say("a", "up");
    await house.pass(1_000);
    expect(house.told).toEqual(["firing a", "resolved a"]);
  });

  test("what comes and goes is over once it has been anything else for long enough", async () => {
    const house = new TestHouse({ config });
    await house.ready();
    house.say("a", "down");
    await house.pass(4_000);
    for (const verdict of ["up", "suspect", "up"] as const) {
      house.say("a", verdict);
      await house.pass(1_000);
    }
    expect(house.told).toEqual(["firing a", "resolved a"]);
  });

  test("from partial to down is the beginning of one, and then the end of the other", async () => {
    const house = new TestHouse({ config });
    await house.ready();
    house.say("a", "partial");
    await house.pass(12_000);
    house.say("a", "down");
    await house.pass(2_000);
    const said = () =>
      house.notices.flatMap(({ alerts }) =>
        alerts.map(({ status, verdict }) => `${status} ${verdict}`),
      );
    // Whoever heard of an end now would take it for well.
    expect(said()).toEqual(["firing partial"]);
    await house.pass(3_000);
    expect(said()).toEqual(["firing partial", "firing down", "resolved partial"]);
  });

  test("what becomes worse and is never told so is over", async () => {
    const rules = [{ verdict: "suspect", forMillis: 1_000, keepFiringMillis: 2_000 }];
    const house = new TestHouse({
      config: { rules, receivers: [{ ...WEBHOOK, groupWaitMillis: 0 }] },
    });
    await house.ready();
    house.say("a", "suspect");
    await house.pass(2_000);
    house.say("a", "down");
    await house.pass(4_000);
    expect(house.told).toEqual(["firing a", "resolved a"]);
  });

  test("a target that is not watched any more is an end", async () => {
    const house = new TestHouse({ config });
    await house.ready();
    house.say("a", "down");
    await house.pass(5_000);
    house.unwatch("a");
    await house.pass(2_000);
    expect(house.told).toEqual(["firing a", "resolved a"]);
    expect(house.received.at(-1)!.body).toContain("it is not watched any more");
  });
});

describe("grouping and the rate", () => {
  test("a hundred targets that die at once are one notice, and so are their ends", async () => {
    const house = new TestHouse();
    await house.ready();
    for (let count = 0; count < 100; count++) house.say(`t${count}`, "down");
    await house.pass(10_000);
    expect(house.notices).toHaveLength(1);
    expect(house.notices[0]!.alerts).toHaveLength(100);
    expect(house.notices[0]!.summary).toBe(
      "t0 is down, t1 is down, t2 is down, t3 is down, t4 is down and 95 more",
    );
    for (let count = 0; count < 100; count++) house.say(`t${count}`, "up");
    await house.pass(10_000);
    expect(house.notices).toHaveLength(2);
  });

  test("what has the same labels goes together", async () => {
    const receiver = { ...WEBHOOK, groupBy: ["team", "verdict"], groupWaitMillis: 1_000 };
    const house = new TestHouse({ config: { receivers: [receiver] } });
    await house.ready();
    for (const [target, team] of [
      ["a", "x"],
      ["b", "y"],
      ["c", "x"],
    ] as const) {
      house.targets.set(target, { team });
      house.say(target, "down");
    }
    await house.pass(5_000);
    const notices = house.notices.map(({ group, alerts }) => [
      group,
      alerts.map(({ target }) => target),
    ]);
    expect(notices).toEqual([
      [{ team: "x", verdict: "down" }, ["a", "c"]],
      [{ team: "y", verdict: "down" }, ["b"]],
    ]);
  });

  test("beyond the rate what waits is told together, and nothing is lost", async () => {
    const rate = { notices: 3, perMillis: 60_000 };
    const receiver = { ...WEBHOOK, groupBy: ["target"], groupWaitMillis: 0, rate };
    const house = new TestHouse({ config: { receivers: [receiver] } });
    await house.ready();
    for (let count = 0; count < 20; count++) house.say(`t${count}`, "down");
    await house.pass(15_000);
    expect(house.notices.map(({ alerts }) => alerts.length)).toEqual([1, 1, 18]);
    house.say("late", "down");
    await house.pass(30_000);
    expect(house.told).toHaveLength(21);
  });
});

describe("Alertmanager", () => {
  const config = { receivers: [{ ...ALERTMANAGER, repeatMillis: 10_000 }] };

  test("is told at all its addresses, again and again while it goes on, and of the end", async () => {
    const house = new TestHouse({ config });
    await house.ready();
    house.targets.set("a", { team: "x", empty: "" });
    house.say("a", "down", "why");
    await house.pass(1_000);
    const [first, second, ...others] = house.alertmanagerAlerts;
    expect(others).toEqual([]);
    expect([first!.host, second!.host]).toEqual(["am1:9093", "am2:9093"]);
    expect(house.received[1]!.url).toBe("http://am2:9093/api/v2/alerts");
    const { labels, annotations, startsAt, endsAt } = first!;
    expect(labels).toEqual({ team: "x", alertname: "PhiTargetDown", target: "a", verdict: "down" });
    expect(annotations).toEqual({ summary: "a is down", description: "why", key: "c1-1" });
    expect(Date.parse(endsAt) - Date.parse(startsAt)).toBeGreaterThanOrEqual(40_000);
    await house.pass(30_000);
    expect(house.alertmanagerAlerts.length).toBe(8);
    house.say("a", "up");
    await house.pass(1_000);
    const last = house.alertmanagerAlerts.at(-1)!;
    expect(Date.parse(last.endsAt)).toBeLessThanOrEqual(house.cluster.time.wallMs());
    const count = house.alertmanagerAlerts.length;
    await house.pass(30_000);
    expect(house.alertmanagerAlerts.length).toBe(count);
  });

  test("hears of an end before it hears that it has begun again, or it would hold it for over", async () => {
    const house = new TestHouse({ config });
    await house.ready();
    house.say("a", "down");
    await house.pass(1_000);
    for (const host of ["am1:9093", "am2:9093"]) house.answers.set(host, "unreachable");
    // What comes after the first of these is told together.
    house.say("b", "down");
    for (const verdict of ["up", "down"] as const) {
      await house.pass(1_000);
      house.say("a", verdict);
    }
    house.answers.clear();
    house.received.length = 0;
    await house.pass(5_000);
    const nowMs = house.cluster.time.wallMs();
    const told = house.alertmanagerAlerts.filter(({ host }) => host === "am1:9093");
    expect(
      told.map(({ labels, endsAt }) => `${labels["target"]} ${Date.parse(endsAt) > nowMs}`),
    ).toEqual(["b true", "a false", "a true"]);
    expect(house.received).toHaveLength(4);
  });

  test("is told once one of its addresses took it, and the other hears of it with the next repetition", async () => {
    const house = new TestHouse({ config });
    const leader = await house.ready();
    house.answers.set("am1:9093", "unreachable");
    house.say("a", "down");
    await house.pass(2_000);
    expect([...leader.alerts.status().incidents][0]!.receivers).toEqual({ am: "told" });
    house.answers.delete("am1:9093");
    await house.pass(10_000);
    expect(house.alertmanagerAlerts.map(({ host }) => host)).toContain("am1:9093");
  });

  test("hears from the next leader before it takes for resolved what goes on", async () => {
    const house = new TestHouse({ config });
    const leader = await house.ready();
    house.say("a", "down");
    await house.pass(5_000);
    const count = house.alertmanagerAlerts.length;
    leader.crash();
    await house.pass(4_000);
    expect(house.alertmanagerAlerts.length).toBeGreaterThan(count);
  });
});

test("what has no room in the record is dropped, counted and said once", async () => {
  const alertLimits = { ...ALERT_LIMITS, maxIncidents: 2 };
  const house = new TestHouse({ alertLimits });
  const leader = await house.ready();
  for (const target of ["a", "b", "c", "d"]) house.say(target, "down");
  await house.pass(20_000);
  expect(house.told).toEqual(["firing a", "firing b"]);
  expect(leader.alerts.facts().droppedCount).toBe(2);
  const said = leader.lines.filter((line) => line.includes("there is no room"));
  expect(said).toEqual([
    "warning: alerts: 2 incidents are dropped, there is no room for more: c, d",
  ]);
});

test("a receiver that is gone from the file has its notice given up, and the rest goes on", async () => {
  const house = new TestHouse();
  const leader = await house.ready();
  house.answers.set("chat", "unreachable");
  house.say("a", "down");
  await house.pass(8_000);
  for (const sentry of house.sentries) sentry.crash();
  house.config = house.configOf({
    receivers: [{ ...WEBHOOK, name: "other", webhook: "http://other/" }],
  });
  for (const sentry of house.sentries) sentry.restart();
  house.cluster.elect();
  await house.pass(20_000);
  expect(house.told).toEqual(["firing a"]);
  const next = house.leader!;
  expect(next.alerts.facts().droppedCount).toBe(0);
  await house.pass(300_000);
  expect(next.lines.join()).toContain("chat is not told of 1 incidents: there is no such receiver");
  expect(next.alerts.facts().droppedCount).toBe(1);
  expect(leader.alerts).toBeDefined();
});

test("a monitor without an alerts file shows what others record, and says that it sends nothing", async () => {
  const house = new TestHouse({ config: undefined });
  const leader = await house.ready();
  house.say("a", "down");
  await house.pass(8_000);
  const idle = house.idleAt(leader);
  expect(idle.status()).toMatchObject({
    isConfigured: false,
    hold: "not_configured",
    receivers: [],
  });
  expect([...idle.status().incidents].map(({ target }) => target)).toEqual(["a"]);
  idle.close();
});

const silenceOf = (wallMs: number) => ({
  id: "s1",
  matchers: [{ name: "target", isEqual: true, pattern: "a" }],
  startsWallMs: wallMs,
  endsWallMs: wallMs + 60_000,
  createdWallMs: wallMs,
  author: "me",
  comment: "why",
});

describe("a silence that is to be removed", () => {
  test("is unknown where nothing was ever recorded, and nothing is written for it", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    const points: Point[] = [];
    house.onPoint = (_, point) => void points.push(point);
    const result = await house.within(leader.alerts.unsilence("s1"));
    expect(result).toEqual({ ok: false, reason: "unknown_silence" });
    expect(points).toEqual([]);
  });

  test("is not called unknown by a member that may only not have heard of it", async () => {
    const house = new TestHouse();
    const leader = await house.ready();
    const other = house.sentries.find((sentry) => sentry !== leader)!;
    house.cluster.isolate(other.store);
    const silence = silenceOf(house.cluster.time.wallMs());
    expect(await house.within(leader.alerts.silence(silence))).toMatchObject({ ok: true });
    expect(await house.within(other.alerts.unsilence("s1"))).toMatchObject({
      reason: "unavailable",
      outcome: "failed",
    });
    house.cluster.heal();
    await house.pass(5_000);
    expect(await house.within(other.alerts.unsilence("s1"))).toEqual({ ok: true, count: 1 });
  });
});

test("after close() nothing is sent and no timer is left", async () => {
  const house = new TestHouse({ ids: ["a"] });
  const leader = await house.ready();
  house.answers.set("chat", 500);
  house.say("a", "down");
  await house.pass(8_000);
  const before = house.cluster.time.waitingCount;
  leader.alerts.close();
  expect(house.cluster.time.waitingCount).toBe(before - 1);
  house.answers.delete("chat");
  house.say("b", "down");
  await house.pass(60_000);
  expect(house.told).toEqual([]);
});
