import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { DEFAULT_SCHEDULE_LAG, ScheduleLag } from "./schedule_lag.ts";

/** So many probes in the second from `fromMs` on, each so late. */
function send(lag: ScheduleLag, fromMs: number, probes: number, lagMs: number): void {
  for (let probe = 0; probe < probes; probe++) lag.sent(fromMs + (probe * 1_000) / probes, lagMs);
}

test("15,000 probes a second that are 10 ms late are none", () => {
  const lag = new ScheduleLag();
  for (let second = 0; second < 20; second++) send(lag, second * 1_000, 15_000, 10);
  expect(lag.lastPresentMs).toBe(-Infinity);
});

test("one slow moment of a large fleet is none, and a slow second is", () => {
  const lag = new ScheduleLag();
  for (let second = 0; second < 10; second++) send(lag, second * 1_000, 1_000, 5);
  send(lag, 10_000, 250, 250);
  expect(lag.lastPresentMs).toBe(-Infinity);
  send(lag, 11_000, 1_000, 700);
  expect(lag.lastPresentMs).toBeGreaterThan(11_000);
  expect(lag.detail).toMatch(/^\d+ of \d+ probes within 10 s left 0.2 s late or more$/u);
});

test("two late probes of one target are chance, three are not", () => {
  const lag = new ScheduleLag();
  lag.sent(1_000, 400);
  lag.sent(2_000, 400);
  expect(lag.lastPresentMs).toBe(-Infinity);
  lag.sent(3_000, 400);
  expect(lag.lastPresentMs).toBe(3_000);
});

test("sent() counts as a twin does that keeps every probe", () => {
  const probe = fc.record({
    afterMs: fc.integer({ min: 0, max: 1_500 }),
    lagMs: fc.constantFrom(0, 100, 199, 200, 900),
    // Most fleets are mostly in time.
    inTime: fc.integer({ min: 0, max: 30 }),
  });
  fc.assert(
    fc.property(fc.array(probe, { maxLength: 60 }), (probes) => {
      const { lateMs, lateProbes, lateShare, windowMs } = DEFAULT_SCHEDULE_LAG;
      const lag = new ScheduleLag();
      const all: { slot: number; lagMs: number }[] = [];
      let nowMs = 500;
      let expectedMs = Number.NEGATIVE_INFINITY;
      const sendOne = (lagMs: number) => {
        const slot = Math.floor(nowMs / 1_000);
        all.push({ slot, lagMs });
        lag.sent(nowMs, lagMs);
        const within = all.filter((one) => one.slot > slot - windowMs / 1_000);
        const late = within.filter((one) => one.lagMs >= lateMs).length;
        const isPresent = late >= lateProbes && late >= within.length * lateShare;
        if (lagMs >= lateMs && isPresent) expectedMs = nowMs;
      };
      for (const { afterMs, lagMs, inTime } of probes) {
        nowMs += afterMs;
        for (let sent = 0; sent < inTime; sent++) sendOne(0);
        sendOne(lagMs);
        expect(lag.lastPresentMs).toBe(expectedMs);
      }
    }),
  );
});
