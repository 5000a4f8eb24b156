import { expect, test } from "bun:test";
import { readOpenMetrics } from "../../test/kit/open_metrics.ts";
import { makeMonitorReading, makeReading } from "../../test/kit/watch_reading.ts";
import type { CombinedReading, ObserverReading, ObserversReading } from "../observers/mod.ts";
import { createExposition } from "./exposition.ts";
import { NO_OWN_METRICS } from "./own.ts";

const timers = { after: () => () => {}, yieldToLoop: () => Promise.resolve() };
const watches = ["s", "t"].map((name) => makeReading({ target: { name } }));

const observerOf = (part: Partial<ObserverReading>): ObserverReading => ({
  id: "a",
  isSelf: false,
  isHeard: true,
  silentMs: 0,
  doubts: [],
  targetCounts: null,
  ...part,
});

const vote = (observer: string, phi: number) =>
  ({ observer, verdict: "up", phi, sinceWallMs: 0, isCounted: true }) as const;

const COMBINED: Readonly<Record<string, Partial<CombinedReading>>> = {
  s: { verdict: "partial", dissenters: ["b"], votes: [vote("a", 0.5), vote("b", 17)] },
  t: { verdict: "up", dissenters: [], votes: [vote("a", 0)] },
};

const observers: ObserversReading = {
  observers: () => [
    observerOf({ id: "a", isSelf: true }),
    observerOf({ id: "b", doubts: ["paused"] }),
    observerOf({ id: 'c"', isHeard: false }),
  ],
  memberCount: 3,
  neededCount: 2,
  isMinority: false,
  combined: (target) => COMBINED[target] as CombinedReading | undefined,
  combinedVerdict: (target) => COMBINED[target]?.verdict,
  onCombinedChange: () => () => {},
  onObserverChange: () => () => {},
};

async function read(more: { readonly observers?: ObserversReading }) {
  const exposition = createExposition({
    monitor: makeMonitorReading(watches),
    own: NO_OWN_METRICS,
    timers,
    ...more,
  });
  const pieces = await Array.fromAsync(exposition.render("openmetrics"));
  const text = pieces.map((piece) => new TextDecoder().decode(piece)).join("");
  return new Map(
    readOpenMetrics(text).map(({ name, samples }) => [
      name,
      Object.fromEntries(samples.map(({ labels, value }) => [[...labels.values()].join(), value])),
    ]),
  );
}

test("the exposition shows who is heard, who doubts itself, and why", async () => {
  const families = await read({ observers });
  expect(families.get("phi_observer_heard")).toEqual({ a: 1, b: 1, 'c"': 0 });
  expect(families.get("phi_observer_health")).toEqual({ a: 1, b: 0 });
  expect(families.get("phi_observer_doubt")).toEqual({
    "a,paused": 0,
    "a,loop_lag": 0,
    "a,schedule_lag": 0,
    "a,self_probe": 0,
    "a,many_suspected": 0,
    "b,paused": 1,
    "b,loop_lag": 0,
    "b,schedule_lag": 0,
    "b,self_probe": 0,
    "b,many_suspected": 0,
  });
});

test("the exposition shows each target's combined verdict, its dissenters, and what each observer suspects", async () => {
  const families = await read({ observers });
  expect(families.get("phi_combined_state")).toEqual({
    "s,unknown": 0,
    "s,up": 0,
    "s,suspect": 0,
    "s,partial": 1,
    "s,down": 0,
    "t,unknown": 0,
    "t,up": 1,
    "t,suspect": 0,
    "t,partial": 0,
    "t,down": 0,
  });
  expect(families.get("phi_combined_dissenters")).toEqual({ s: 1, t: 0 });
  expect(families.get("phi_observer_suspicion")).toEqual({ "s,a": 0.5, "s,b": 17, "t,a": 0 });
});

test("without observers none of that is there", async () => {
  const names = [...(await read({})).keys()];
  expect(names.filter((name) => /observer|combined/u.test(name))).toEqual([]);
  expect(names).toContain("phi_suspicion");
});
