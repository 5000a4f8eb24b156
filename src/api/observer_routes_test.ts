import { expect, test } from "bun:test";
import { FormatRegistry } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { TSchema } from "@sinclair/typebox";
import { makeApi, readProblem } from "./_test_api.ts";
import { FakeObservers } from "./_test_observers.ts";
import { FakeMonitor, makeWatch } from "./_test_world.ts";
import {
  CombinedEventSchema,
  ObserverEventSchema,
  ObserverMatrixSchema,
  ObserversSchema,
} from "./observer_schemas.ts";
import { SnapshotEventSchema, TargetDetailSchema, TargetViewSchema } from "./schemas.ts";

FormatRegistry.Set("date-time", (text) => !Number.isNaN(Date.parse(text)));

function makeWorld(...names: string[]) {
  const monitor = new FakeMonitor(...names.map((name) => makeWatch({ name })));
  const observers = new FakeObservers(monitor);
  return { observers, ...makeApi({ monitor, observers }) };
}

function expectShape(schema: TSchema, value: unknown): void {
  expect(
    [...Value.Errors(schema, value)].map(({ path, message }) => `${path}: ${message}`),
  ).toEqual([]);
}

const COMBINED = {
  verdict: "partial",
  since: "2026-01-31T12:00:00.000Z",
  needed: 3,
  members: 4,
  dissenters: ["a"],
};

test("GET /observers says who is heard, since when not, and who doubts itself", async () => {
  const answer = await (await makeWorld().call("GET", "/observers")).json();
  expectShape(ObserversSchema, answer);
  expect(answer).toEqual({
    self: "b",
    members: 4,
    needed: 3,
    minority: false,
    observers: [
      {
        id: "a",
        self: false,
        heard: true,
        silentSeconds: 0.25,
        inDoubt: false,
        doubts: [],
        targets: { unknown: 0, up: 0, suspect: 0, down: 1 },
      },
      {
        id: "b",
        self: true,
        heard: true,
        silentSeconds: 0,
        inDoubt: false,
        doubts: [],
        targets: { unknown: 0, up: 1, suspect: 0, down: 0 },
      },
      {
        id: "c",
        self: false,
        heard: true,
        silentSeconds: 0.1,
        inDoubt: true,
        doubts: ["paused", "loop_lag"],
        targets: { unknown: 0, up: 0, suspect: 1, down: 0 },
      },
      {
        id: "d",
        self: false,
        heard: false,
        silentSeconds: null,
        inDoubt: false,
        doubts: [],
        targets: null,
      },
    ],
  });
});

test("GET /observers/matrix has a letter for each observer, a capital one where it is not counted", async () => {
  const names = Array.from({ length: 250 }, (_, index) => `s${index}`);
  const { call, timers } = makeWorld(...names);
  const answer = await (await call("GET", "/observers/matrix")).json();
  expectShape(ObserverMatrixSchema, answer);
  expect(answer.observers).toEqual(["a", "b", "c", "d"]);
  expect(Object.keys(answer.targets)).toEqual(names);
  expect(new Set(Object.values(answer.targets))).toEqual(new Set(["duS-"]));
  // It was made in pieces.
  expect(timers.yieldCount).toBeGreaterThan(2);
  const none = await (await makeWorld().call("GET", "/observers/matrix")).json();
  expect(none).toEqual({ observers: ["a", "b", "c", "d"], targets: {} });
});

test("GET /targets shows what all observers hold together, and one target also who says what", async () => {
  const { call } = makeWorld("s");
  const [listed] = await (await call("GET", "/targets")).json();
  expectShape(TargetViewSchema, listed);
  expect(listed.combined).toEqual(COMBINED);
  const one = await (await call("GET", "/targets/s")).json();
  expectShape(TargetDetailSchema, one);
  const since = "2026-01-31T12:00:00.000Z";
  expect(one.combined).toEqual({
    ...COMBINED,
    votes: [
      { observer: "a", verdict: "down", phi: 17.5, since, counted: true },
      {
        observer: "b",
        verdict: "up",
        phi: 0.25,
        since: "2026-01-31T12:00:00.001Z",
        counted: true,
      },
      { observer: "c", verdict: "suspect", phi: 9, since, counted: false },
    ],
  });
});

test("without observers there is neither a combined verdict nor a list of them", async () => {
  const { call } = makeApi({ monitor: new FakeMonitor(makeWatch({ name: "s" })) });
  expect(await (await call("GET", "/targets/s")).json()).not.toHaveProperty("combined");
  for (const path of ["/observers", "/observers/matrix"]) {
    const { status, type } = await readProblem(await call("GET", path));
    expect([status, type]).toEqual([404, "urn:phi:problem:no_cluster"]);
  }
});

test("GET /events tells of combined verdicts and of observers, numbered with the others", async () => {
  const { api, call, monitor, observers } = makeWorld("s");
  const reader = (await call("GET", "/events")).body!.getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  const snapshot = JSON.parse(
    (await read()).replace(/^[\s\S]*?data: /u, "").replaceAll("\ndata: ", ""),
  );
  expectShape(SnapshotEventSchema, snapshot);
  expect(snapshot.targets[0].combined).toBe("partial");
  monitor.change("s", "up", "down");
  observers.changeCombined("s");
  observers.changeObserver(observers.observers()[2]!);
  const events = (await read())
    .trimEnd()
    .split("\n\n")
    .map((event) => /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/u.exec(event)!.slice(1));
  const [first] = events;
  expect(events.map(([id, name]) => [Number(id) - Number(first![0]), name])).toEqual([
    [0, "verdict"],
    [1, "combined"],
    [2, "observer"],
  ]);
  const [, combined, observer] = events.map(([, , data]) => JSON.parse(data!));
  expectShape(CombinedEventSchema, combined);
  expectShape(ObserverEventSchema, observer);
  expect(combined).toEqual({
    target: "s",
    from: "up",
    to: "partial",
    at: "2026-01-31T12:00:00.000Z",
    dissenters: ["a"],
    reason: "a says down; b says up",
  });
  expect(observer).toEqual({
    id: "c",
    heard: true,
    inDoubt: true,
    doubts: ["paused", "loop_lag"],
    at: "2026-01-31T12:00:00.000Z",
  });
  api.close();
  expect(observers.listenerCount).toBe(0);
});
