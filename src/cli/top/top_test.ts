import { describe, expect, test } from "bun:test";
import { runTop, type TopGrants } from "./top.ts";
import type { Screen } from "./screen.ts";

const AT = "2026-01-31T12:00:00.000Z";

function target(name: string, verdict: string) {
  return { name, url: "push:", verdict, verdictSince: AT, phi: 1, threshold: 16, suspectPhi: 8 };
}

const TARGETS = [target("a1", "up"), target("b2", "down"), target("c3", "up")];

/** What an object has without anybody having put it there, the letters of which nobody told. */
const INHERITED = ["constructor", "toString", "__proto__"];

const OBSERVER = { self: false, heard: true, silentSeconds: 0, inDoubt: false, doubts: [] };
const OBSERVERS = {
  self: "m1",
  members: 2,
  needed: 2,
  minority: false,
  observers: [
    { ...OBSERVER, id: "m1", self: true, targets: null },
    { ...OBSERVER, id: "m2", targets: null },
  ],
};

/** A monitor of a cluster, which watches such targets. */
function withInheritedNames(fetch: TopGrants["fetch"]): TopGrants["fetch"] {
  const targets = INHERITED.map((name) => target(name, "up"));
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/observers") return Response.json(OBSERVERS);
    if (pathname === "/observers/matrix") {
      return Response.json({ observers: ["m1", "m2"], targets: { a1: "ud" } });
    }
    if (pathname === "/targets") return Response.json(targets);
    if (pathname !== "/events") return fetch(request);
    const told = targets.map(({ name, verdict }) => ({ target: name, verdict, since: AT }));
    return new Response(snapshotEvent(told));
  };
}

function snapshotEvent(
  targets: readonly object[],
  signal?: AbortSignal,
): ReadableStream<Uint8Array> {
  const text = `id: 1\nevent: snapshot\ndata: ${JSON.stringify({ at: AT, targets })}\n\n`;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
    },
  });
}

interface Hosts {
  /** They refuse. */
  readonly dead: Set<string>;
  /** They take what is asked, and answer nothing. */
  readonly hung: Set<string>;
  /** Each host with its path, in order. */
  readonly asked: string[];
}

function makeHosts(): Hosts {
  return { dead: new Set(), hung: new Set(), asked: [] };
}

/** Answers as a monitor does. */
function makeFetch({ dead, hung, asked }: Hosts) {
  return async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    asked.push(url.host + url.pathname);
    if (dead.has(url.host)) {
      throw Object.assign(new Error("refused"), { code: "ConnectionRefused" });
    }
    if (hung.has(url.host)) return untilAborted(request.signal);
    if (url.pathname === "/events") {
      const targets = TARGETS.map(({ name, verdict }) => ({ target: name, verdict, since: AT }));
      return new Response(snapshotEvent(targets, request.signal));
    }
    if (url.pathname === "/targets") {
      const names = url.searchParams.getAll("name");
      return Response.json(
        TARGETS.filter(({ name }) => names.length === 0 || names.includes(name)),
      );
    }
    if (url.pathname === "/readyz") {
      return Response.json({
        watching: 3,
        revision: 1,
        pausedSeconds: 0,
        version: "1",
        observer: url.host,
      });
    }
    return Response.json({ detail: "nothing here" }, { status: 404 });
  };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")));
  });
}

/** A monitor, but for one path. */
function withText(path: string, text: string): TopGrants["fetch"] {
  const fetch = makeFetch(makeHosts());
  return async (request) =>
    new URL(request.url).pathname === path ? new Response(text) : fetch(request);
}

/** Timers that somebody else lets run. */
class HandTimers {
  nowMs = 0;
  #waiting: { atMs: number; run: () => void }[] = [];
  readonly timers = {
    after: (delayMs: number, run: () => void) => {
      const entry = { atMs: this.nowMs + delayMs, run };
      this.#waiting.push(entry);
      return () => {
        this.#waiting = this.#waiting.filter((other) => other !== entry);
      };
    },
    yieldToLoop: () => Promise.resolve(),
  };

  async pass(ms: number): Promise<void> {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs;) {
      this.nowMs += 100;
      const due = this.#waiting.filter(({ atMs }) => atMs <= this.nowMs);
      this.#waiting = this.#waiting.filter(({ atMs }) => atMs > this.nowMs);
      for (const { run } of due) run();
      // Streams take turns of the loop of their own.
      await Bun.sleep(0);
    }
  }
}

function makeWorld({ hasScreen = true } = {}) {
  const time = new HandTimers();
  const hosts = makeHosts();
  const out: string[] = [];
  const said: string[] = [];
  let lines: readonly string[] = [];
  let press: ((key: string) => void) | undefined;
  const log: string[] = [];
  const screen: Screen = {
    size: { columns: 80, rows: 12 },
    draw: (drawn) => {
      lines = drawn;
    },
    open: (onKey) => {
      log.push("open");
      press = onKey;
    },
    close: () => void log.push("close"),
  };
  const grants: TopGrants = {
    fetch: makeFetch(hosts),
    clock: { monotonicMs: () => time.nowMs, wallMs: () => 1e12 + time.nowMs },
    timers: time.timers,
    output: { data: (line) => out.push(line), say: (line) => said.push(line) },
    screen: hasScreen ? screen : undefined,
    isColoured: false,
    shutdownRequested: () => new Promise(() => {}),
  };
  return {
    time,
    ...hosts,
    out,
    said,
    log,
    grants,
    lines: () => lines.join("\n"),
    key: (key: string) => press?.(key),
  };
}

const API = ["http://one:1", "http://two:2"];

describe("runTop()", () => {
  test("shows the worst first, finds, and gives the terminal back at q", async () => {
    const world = makeWorld();
    const ended = runTop({ api: API }, world.grants);
    await world.time.pass(3_000);
    expect(world.lines()).toContain("phi top · seen by one:1 · live");
    expect(world.lines()).toMatch(/b2[^]*a1[^]*c3/u);
    expect(world.lines()).toContain("1.00/16");
    for (const key of ["/", "c", "3", "enter"]) world.key(key);
    expect(world.lines()).not.toContain("a1");
    world.key("escape");
    expect(world.lines()).toContain("a1");
    world.key("down");
    world.key("q");
    expect(await ended).toBe(0);
    expect(world.log).toEqual(["open", "close"]);
  });

  test("takes a q for a letter while one searches, and Ctrl-C for the end at any time", async () => {
    const world = makeWorld();
    const ended = runTop({ api: API }, world.grants);
    await world.time.pass(1_000);
    world.key("/");
    world.key("q");
    expect(world.lines()).toContain("search: q_");
    world.key("interrupt");
    expect(await ended).toBe(0);
    expect(world.log).toEqual(["open", "close"]);
  });

  test("goes on trusting whom --api-ca names, and nobody else", async () => {
    const world = makeWorld();
    const { fetch } = world.grants;
    const grants: TopGrants = {
      ...world.grants,
      fetch: () => Promise.reject(new Error("not to be trusted")),
      fetchTrusting: (pem) => (pem === "ours" ? { ok: true, fetch } : { ok: false, detail: "no" }),
      readTextFile: () => Promise.resolve("ours"),
    };
    const ended = runTop({ api: API, apiCa: "ca.pem" }, grants);
    await world.time.pass(3_000);
    expect(world.lines()).toContain("phi top · seen by one:1 · live");
    world.key("q");
    expect(await ended).toBe(0);
  });

  test("goes on with the next monitor when one does not answer", async () => {
    const world = makeWorld();
    const ended = runTop({ api: API }, world.grants);
    await world.time.pass(2_000);
    world.dead.add("one:1");
    await world.time.pass(6_000);
    expect(world.lines()).toContain("seen by two:2");
    world.dead.add("two:2");
    await world.time.pass(6_000);
    expect(world.lines()).toContain("NOT LIVE");
    world.key("q");
    expect(await ended).toBe(0);
  });

  test("goes on with the next monitor when one hangs, and hears from that one what happens", async () => {
    const world = makeWorld();
    const ended = runTop({ api: API }, world.grants);
    await world.time.pass(2_000);
    expect(world.lines()).toContain("seen by one:1 · live");
    world.hung.add("one:1");
    await world.time.pass(12_000);
    expect(world.lines()).toContain("seen by two:2 · live");
    expect(world.asked).toContain("two:2/events");
    world.key("q");
    expect(await ended).toBe(0);
  });

  test("does not take the terminal if nobody answers at all", async () => {
    const world = makeWorld();
    world.dead.add("one:1").add("two:2");
    expect(await runTop({ api: API }, world.grants)).toBe(1);
    expect(world.said.join()).toContain("no monitor answers at http://one:1 or http://two:2");
    expect(world.log).toEqual([]);
    expect(await runTop({ api: "nowhere" }, world.grants)).toBe(2);
  });

  test("prints everything once where there is no screen, and JSON where that is asked for", async () => {
    const world = makeWorld({ hasScreen: false });
    expect(await runTop({ api: API }, world.grants)).toBe(0);
    expect(world.out.join("\n")).toMatch(/phi top · seen by one:1\n[^]*b2[^]*a1[^]*c3/u);
    expect(world.out.join("\n")).not.toMatch(/\p{Cc}(?<!\n)/u);
    world.out.length = 0;
    expect(await runTop({ api: API, json: true }, world.grants)).toBe(0);
    const { targets, observers } = JSON.parse(world.out.join("\n")) as {
      targets: { name: string }[];
      observers: unknown;
    };
    expect(targets.map(({ name }) => name)).toEqual(["b2", "a1", "c3"]);
    expect(observers).toBeNull();
  });

  test("says that something which is no monitor is none", async () => {
    const world = makeWorld({ hasScreen: false });
    const grants = { ...world.grants, fetch: async () => Response.json([{ name: 1 }]) };
    expect(await runTop({ api: API }, grants)).toBe(1);
    expect(world.said.join()).toContain("is not a phi monitor");
  });

  test("shows targets whose names are those of an object's own members", async () => {
    const world = makeWorld();
    const grants = { ...world.grants, fetch: withInheritedNames(world.grants.fetch) };
    const ended = runTop({ api: API }, grants);
    await world.time.pass(6_000);
    for (const name of INHERITED) expect(world.lines()).toMatch(new RegExp(` ${name} `, "u"));
    expect(world.lines()).toContain("HERE");
    world.key("q");
    expect(await ended).toBe(0);
    expect(await runTop({ api: API }, { ...grants, screen: undefined })).toBe(0);
    for (const name of INHERITED) expect(world.out.join("\n")).toContain(` ${name} `);
  });

  test.each([
    ["/targets", "<html>"],
    ["/targets", JSON.stringify([{ ...TARGETS[0], combined: null }])],
    ["/readyz", "OK"],
    ["/readyz", "[]"],
    ["/observers", "<html>"],
    ["/observers", "{}"],
    ["/observers", '{"observers":[{"id":"m1"},{"id":"m2","heard":true,"inDoubt":true}]}'],
    ["/cluster", "null"],
    ["/cluster", "{}"],
    ["/observers/matrix", "{"],
    ["/observers/matrix", "{}"],
    ["/observers/matrix", '{"targets":{"a1":1}}'],
  ])("says of what answers %s with %s that it is no monitor", async (path, text) => {
    const world = makeWorld({ hasScreen: false });
    const grants = { ...world.grants, fetch: withText(path, text) };
    expect(await runTop({ api: API }, grants)).toBe(1);
    expect([world.said, world.out]).toEqual([["phi: http://one:1 is not a phi monitor"], []]);
  });
});
