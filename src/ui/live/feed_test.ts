import { expect, test } from "bun:test";
import { FakeStream, FakeWorld, settled } from "./_test_world.ts";
import { LiveFeed } from "./feed.ts";

const AT = "2026-01-31T12:00:00.000Z";
const AT_MS = Date.parse(AT);

function target(name: string, changes: object = {}) {
  return {
    name,
    url: "push:",
    verdict: "up",
    verdictSince: AT,
    phi: 0.5,
    threshold: 16,
    ...changes,
  };
}

/** A monitor that answers what is in `bodies`, by path without its query. */
function makeFeed(bodies: Record<string, unknown>) {
  const streams: FakeStream[] = [];
  const world = new FakeWorld((path) => {
    const [base, query = ""] = path.split("?");
    if (base === "/events") {
      if (bodies["/events"] !== undefined) return "refuse";
      streams.push(new FakeStream());
      return streams.at(-1)!.response;
    }
    const body = bodies[base!];
    if (body === "refuse" || body === "hang") return body;
    if (body === undefined) return Response.json({ type: "unknown_path" }, { status: 404 });
    if (body instanceof Response) return body.clone();
    if (!Array.isArray(body)) return Response.json(body);
    const names = new URLSearchParams(query).getAll("name");
    return Response.json(body.filter(({ name }) => names.includes(name)));
  });
  let changes = 0;
  const feed = new LiveFeed(world, () => changes++);
  const count = (path: string) => world.asked.filter((each) => each.split("?")[0] === path).length;
  return { feed, world, streams, bodies, count, changes: () => changes };
}

const READY = { watching: 2, revision: 1, pausedSeconds: 0, version: "1.2.3", observer: "m1" };

async function start(bodies: Record<string, unknown>) {
  const made = makeFeed({ "/readyz": READY, ...bodies });
  made.feed.start();
  await settled();
  await made.streams[0]?.event(1, "snapshot", {
    at: AT,
    targets: [
      { target: "a", verdict: "up", since: AT },
      { target: "b", verdict: "down", since: AT },
    ],
  });
  return made;
}

test("LiveFeed is live with the snapshot, and knows the monitor's time from it", async () => {
  const { feed, world } = await start({});
  expect(feed.link.state()).toEqual({ kind: "live" });
  expect(feed.isFilled).toBe(true);
  expect(feed.board.rows().map(({ name }) => name)).toEqual(["b", "a"]);
  world.nowMs += 3_000;
  expect(feed.clock.wallMs()).toBe(AT_MS + 3_000);
  expect(feed.readiness?.version).toBe("1.2.3");
});

const change = (name: string, to: string) => ({ target: name, from: "up", to, at: AT, reason: to });
const RECENT = [
  { id: 3, event: "verdict", data: { ...change("a", "suspect"), phi: 9, silenceSeconds: 3 } },
  { id: 4, event: "observer", data: { id: "m2", heard: false, doubts: [], at: AT } },
  { id: 5, event: "combined", data: change("b", "down") },
];

test("LiveFeed tells what happened before it was there, the newest first, once", async () => {
  const { feed, streams, world, bodies } = await start({});
  const told = () =>
    feed.happenings.all.map(
      ({ kind, subject, isPast }) => `${kind} ${subject}${isPast ? " *" : ""}`,
    );
  const [stream] = streams;
  const past = ["combined b *", "observer m2 *", "own a *"];
  await stream!.event(5, "snapshot", { at: AT, targets: [], recent: RECENT });
  expect(told()).toEqual(past);
  expect(feed.happenings.all[0]).toMatchObject({ verdict: "down", atMs: AT_MS, detail: "down" });
  await stream!.event(6, "combined", change("a", "down"));
  expect(told()).toEqual(["combined a", ...past]);
  // Another snapshot tells of some of it again, and of what was missed.
  bodies["/readyz"] = { ...READY, watching: 5 };
  await world.pass(8_000);
  const seventh = { id: 7, event: "combined", data: change("c", "up") };
  const sixth = { id: 6, event: "combined", data: change("a", "down") };
  await streams[1]!.event(7, "snapshot", {
    at: AT,
    targets: [],
    recent: [...RECENT, sixth, seventh],
  });
  expect(told()).toEqual(["combined c *", "combined a", ...past]);
});

test("LiveFeed asks for the φ of what is looked at, and of nothing else", async () => {
  const { feed, world, count } = await start({ "/targets": [target("a"), target("b")] });
  await world.pass(3_000);
  expect(count("/targets")).toBe(0);
  feed.look(["a"]);
  await world.pass(2_000);
  expect(world.asked.filter((path) => path.startsWith("/targets"))).toEqual([
    "/targets?name=a",
    "/targets?name=a",
    "/targets?name=a",
  ]);
  expect(feed.seen.get("a")?.phi).toBe(0.5);
  expect(feed.trails.of("a").map(({ atMs }) => atMs - AT_MS)).toEqual([3_000, 4_000, 5_000]);
});

test("LiveFeed believes an answer about a verdict, but not against an event that came meanwhile", async () => {
  const { feed, world, streams, bodies } = await start({
    "/targets": [target("a", { verdict: "suspect", combined: { verdict: "suspect", since: AT } })],
  });
  feed.look(["a"]);
  await world.pass(0);
  expect(feed.board.row("a")).toMatchObject({ verdict: "suspect", combined: "suspect" });
  // The answer that is made before the event arrives after it.
  const late = Promise.withResolvers<Response>();
  world.fetch = () => late.promise;
  await world.pass(1_000);
  await streams[0]!.event(2, "combined", { target: "a", from: "suspect", to: "down", at: AT });
  late.resolve(Response.json(bodies["/targets"]));
  await settled();
  expect(feed.board.row("a")?.shown).toBe("down");
});

test("LiveFeed forgets a target that is looked at and no longer watched", async () => {
  const { feed, world } = await start({ "/targets": [target("a")] });
  feed.look(["a", "b"]);
  await world.pass(0);
  expect(feed.board.rows().map(({ name }) => name)).toEqual(["a"]);
});

test("LiveFeed asks for a new snapshot when the monitor watches more or less than is known", async () => {
  const { feed, world, streams, bodies } = await start({});
  await world.pass(6_000);
  expect(streams).toHaveLength(1);
  bodies["/readyz"] = { ...READY, watching: 1, revision: 2 };
  await world.pass(5_500);
  expect(streams).toHaveLength(2);
  expect(feed.link.state().kind).toBe("live"); // what is known is not wrong because of it
  await streams[1]!.event(3, "snapshot", {
    at: AT,
    targets: [{ target: "a", verdict: "up", since: AT }],
  });
  expect(feed.board.size).toBe(1);
  await world.pass(20_000);
  expect(streams).toHaveLength(2);
});

test("LiveFeed asks for a new snapshot when the config is another, but not all the time", async () => {
  const { world, streams, bodies } = await start({});
  await world.pass(12_000);
  for (let second = 0; second < 30; second++) {
    bodies["/readyz"] = { ...READY, revision: 100 + second };
    await world.pass(1_000);
    await streams.at(-1)!.say(": still here\n\n");
  }
  expect(streams.length).toBeGreaterThan(1);
  expect(streams.length).toBeLessThanOrEqual(5);
});

test("LiveFeed is lost when nobody answers, since when, and live again once the stream goes on", async () => {
  const { feed, world, streams, bodies } = await start({ "/targets": [target("a")] });
  feed.look(["a"]);
  await world.pass(5_000);
  world.wallMs = 5_000;
  await world.pass(1_000);
  Object.assign(bodies, { "/events": "refuse", "/readyz": "refuse", "/targets": "refuse" });
  await streams[0]!.end();
  expect(feed.link.state().kind).toBe("connecting");
  world.wallMs = 9_999_000;
  await world.pass(3_000);
  expect(feed.link.state()).toEqual({
    kind: "lost",
    sinceWallMs: 5_000,
    why: "it cannot be reached",
  });
  // What is shown is as old as that: it does not age on.
  expect(feed.asOfMs()).toBe(AT_MS + 6_000);
  Object.assign(bodies, { "/readyz": READY, "/targets": [target("a")] });
  delete bodies["/events"];
  await world.pass(9_000);
  await streams.at(-1)!.say(": resumed\n\n");
  expect(feed.link.state()).toEqual({ kind: "live" });
});

test("LiveFeed does not take a monitor that hangs, or one that is only starting, for live", async () => {
  const { feed, world, bodies } = await start({});
  bodies["/readyz"] = "hang";
  await world.pass(12_000);
  expect(feed.link.state()).toMatchObject({ kind: "lost", why: "it does not answer" });
  bodies["/readyz"] = Response.json({ detail: "This monitor is starting." }, { status: 503 });
  await world.pass(4_000);
  expect(feed.link.state()).toMatchObject({ kind: "lost", why: "This monitor is starting." });
});

test("LiveFeed stays live where a monitor lacks one thing for now, and does not where it is only starting", async () => {
  const path = "/targets/a/history";
  const { feed, world, bodies } = await start({ [path]: refusal("history_unavailable") });
  await world.pass(1_000);
  expect(await feed.ask(path)).toMatchObject({ kind: "refused", status: 503 });
  expect(feed.link.state()).toEqual({ kind: "live" });
  bodies[path] = refusal("starting");
  await world.pass(1_000);
  await feed.ask(path);
  expect(feed.link.state()).toMatchObject({ kind: "lost", why: "It is starting." });
});

function refusal(kind: string): Response {
  const detail = kind === "starting" ? "It is starting." : "The disk does not answer.";
  return Response.json({ type: `urn:phi:problem:${kind}`, detail }, { status: 503 });
}

test("LiveFeed does without what a monitor does not have, and seldom asks again", async () => {
  const { feed, world, count } = await start({});
  await world.pass(29_000);
  expect([feed.observers, feed.matrix, feed.cluster]).toEqual([null, null, null]);
  expect([count("/observers"), count("/cluster"), count("/observers/matrix")]).toEqual([1, 1, 0]);
});

test("LiveFeed asks for the matrix where there are observers, more seldom the larger it is, and only if wanted", async () => {
  const observers = { self: "m1", members: 1, needed: 1, minority: false, observers: [] };
  const matrix = { observers: ["m1"], targets: { a: "u" } };
  const { feed, world, count, streams } = await start({
    "/observers": observers,
    "/observers/matrix": matrix,
  });
  await world.pass(10_000);
  expect(feed.matrix?.targets).toEqual({ a: "u" });
  const often = count("/observers/matrix");
  expect(often).toBeGreaterThanOrEqual(4);
  const targets = Array.from({ length: 10_000 }, (_, at) => ({
    target: `t${at}`,
    verdict: "up",
    since: AT,
  }));
  await streams.at(-1)!.event(9, "snapshot", { at: AT, targets });
  await world.pass(2_500);
  const before = count("/observers/matrix");
  await world.pass(10_000);
  expect(count("/observers/matrix") - before).toBeLessThanOrEqual(1);
  feed.wantsMatrix = false;
  await world.pass(60_000);
  expect(count("/observers/matrix") - before).toBeLessThanOrEqual(1);
});

test("LiveFeed asks who says what soon after a verdict changed, once for many changes", async () => {
  const observers = { self: "m1", members: 1, needed: 1, minority: false, observers: [] };
  const { world, count, streams } = await start({
    "/observers": observers,
    "/observers/matrix": { observers: ["m1"], targets: {} },
  });
  await world.pass(100);
  const before = count("/observers/matrix");
  for (const [at, name] of ["a", "b"].entries()) {
    await streams[0]!.event(2 + at, "verdict", { target: name, from: "up", to: "down", at: AT });
  }
  await world.pass(500);
  expect(count("/observers/matrix") - before).toBe(1);
});

test("LiveFeed leaves nothing running when it is stopped, and is not live then", async () => {
  const { feed, world } = await start({});
  feed.stop();
  await settled();
  const asked = world.asked.length;
  await world.pass(60_000);
  expect(world.asked).toHaveLength(asked);
  expect(world.waitingCount).toBe(0);
  expect(feed.link.state().kind).not.toBe("live");
});
