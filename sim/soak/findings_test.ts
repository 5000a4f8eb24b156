import { describe, expect, test } from "bun:test";
import { hourOf, type Memory, STEADY } from "./_test_records.ts";
import { findingsOf } from "./findings.ts";
import type { Metrics, SoakRecord } from "./record.ts";

/** Of how many soaks of three monitors each, what was said of each monitor's memory. */
function saidOf(
  memory: Memory,
  soaks: number,
): { grows: number; cannotTell: number; flat: number } {
  const all = Array.from({ length: soaks }, (_, seed) => findingsOf(hourOf(memory, seed))).flat();
  const grows = all.filter((line) => line.includes(": grows")).length;
  const cannotTell = all.filter((line) => line.includes(": cannot tell")).length;
  return { grows, cannotTell, flat: 3 * soaks - grows - cannotTell };
}

describe("memory", () => {
  test("that goes up and down by 50 MB and has no trend is flat", () => {
    expect(saidOf(STEADY, 30)).toEqual({ grows: 0, cannotTell: 0, flat: 90 });
  });

  test("that leaks 40 MB an hour below as much up and down grows", () => {
    const { grows, flat } = saidOf({ ...STEADY, leakMbPerHour: 40 }, 30);
    expect(grows).toBeGreaterThanOrEqual(88);
    expect(flat).toBe(0);
  });

  test("that leaks less than the bound hardly ever grows", () => {
    expect(saidOf({ ...STEADY, leakMbPerHour: 8 }, 30).grows).toBeLessThanOrEqual(4);
  });

  test("whose level jumps about is hardly ever said to grow or to be flat, but that one cannot tell", () => {
    const { cannotTell, grows } = saidOf({ leakMbPerHour: 15, sawtoothMb: 50, noiseMb: 60 }, 30);
    expect(cannotTell).toBeGreaterThanOrEqual(60);
    expect(grows).toBeLessThanOrEqual(4);
  });

  test("of a short soak cannot be told, in words", () => {
    const hour = hourOf(STEADY);
    const short: SoakRecord = { ...hour, minutes: 5, troubles: hour.troubles.slice(0, 5) };
    expect(findingsOf(short)).toContain(
      "memory of monitor1: cannot tell, 0 blocks are too few: let it run longer",
    );
  });

  test("says its interval and the bound", () => {
    const [line] = findingsOf(hourOf({ ...STEADY, leakMbPerHour: 100 }));
    expect(line).toMatch(
      /^memory of monitor1: grows, 95 % interval \d+ to \d+ MB an hour, all of it above 10$/u,
    );
  });
});

const well = hourOf(STEADY);

/** The same, but with other figures in all answers of the first monitor. */
const telling = (change: (metrics: Metrics) => Metrics): SoakRecord => ({
  ...well,
  monitors: well.monitors.map((monitor) => ({
    ...monitor,
    metricsLooks: monitor.metricsLooks.map((look) =>
      monitor.id === "monitor1" ? { ...look, metrics: change(look.metrics!) } : look,
    ),
  })),
});

const sending = (share: number): SoakRecord =>
  telling((metrics) => ({ ...metrics, probes: metrics.probes * share }));

const late = (share: number): SoakRecord =>
  telling((metrics) => ({
    ...metrics,
    loopLag: [
      ["0.1", 1_000 * (1 - share)],
      ["0.25", 1_000],
      ["+Inf", 1_000],
    ],
  }));

/** The same, but every so many looks of each monitor were not answered, from the third trouble on. */
const silentEvery = (every: number): SoakRecord => ({
  ...well,
  monitors: well.monitors.map((monitor) => ({
    ...monitor,
    metricsLooks: monitor.metricsLooks.map((look, turn) =>
      turn % every === 0 ? { askedMs: look.askedMs, answeredMs: look.answeredMs } : look,
    ),
  })),
});

/** The same, but writes that `isRefused` says were not accepted. */
const refusing = (isRefused: (turn: number) => boolean): SoakRecord => ({
  ...well,
  writes: well.writes.map((each, turn) => ({ ...each, isAccepted: !isRefused(turn) })),
});

describe("findingsOf()", () => {
  test("of an hour in which all was well is empty", () => {
    expect(findingsOf(well)).toEqual([]);
  });

  test("names who died, and what had not come back", () => {
    const notCalm = ["monitor1 holds 5600 descriptors, at rest 5000"];
    expect(findingsOf({ ...well, died: ["monitor2"], notCalm })).toEqual([
      "monitor2 has died",
      "after the last trouble monitor1 holds 5600 descriptors, at rest 5000",
    ]);
  });

  test("bounds the questions that were not answered", () => {
    expect(findingsOf(silentEvery(25))).toEqual([]);
    expect(findingsOf(silentEvery(10))[0]).toBe(
      "24 of 240 questions were not answered by monitor1 while it ran",
    );
  });

  test("bounds the probes that a monitor has missed while it ran", () => {
    expect(findingsOf(sending(0.96))).toEqual([]);
    expect(findingsOf(sending(0.83))).toEqual([
      "monitor1 missed 17.0 % of its probes while it ran",
    ]);
  });

  test("bounds the lag of the loop, of which 99 % is judged", () => {
    expect(findingsOf(late(0.005))).toEqual([]);
    expect(findingsOf(late(0.02))).toEqual([
      "the event loop of monitor1 was late by <= 250 ms (p99)",
    ]);
  });

  test("takes a monitor that tells nothing of its loop for none that is well", () => {
    const [line] = findingsOf(telling((metrics) => ({ ...metrics, loopLag: [] })));
    expect(line).toBe("monitor1 has not told how late its event loop was");
  });

  test("bounds the writes that were not accepted", () => {
    expect(findingsOf(refusing((turn) => turn % 30 === 0))).toEqual([]);
    expect(findingsOf(refusing((turn) => turn % 10 === 0))[0]).toMatch(
      /^\d+ of \d+ writes were not accepted by monitors that ran$/u,
    );
  });

  test("lets a monitor that is stopped refuse and be silent", () => {
    const stops = well.troubles.filter(({ stopped }) => stopped === "monitor3");
    const isDuring = (atMs: number) =>
      stops.some(({ fromMs, untilMs }) => atMs + 200 > fromMs && atMs < untilMs);
    const silent: SoakRecord = {
      ...refusing((turn) => turn % 3 === 2 && isDuring(well.writes[turn]!.askedMs)),
      monitors: well.monitors.map((monitor) => ({
        ...monitor,
        metricsLooks: monitor.metricsLooks.map((look) =>
          monitor.id === "monitor3" && isDuring(look.askedMs)
            ? { askedMs: look.askedMs, answeredMs: look.answeredMs }
            : look,
        ),
      })),
    };
    expect(findingsOf(silent)).toEqual([]);
    // Were nobody stopped, it would be too much.
    const troubles = well.troubles.map(({ what, fromMs, untilMs }) => ({
      what,
      fromMs,
      untilMs,
      failures: [],
    }));
    expect(findingsOf({ ...silent, troubles })).not.toEqual([]);
  });

  test("bounds the troubles that were none", () => {
    const failing = (every: number) =>
      well.troubles.map((trouble, turn) =>
        turn % every === 0 ? { ...trouble, failures: ["it did not begin: refused"] } : trouble,
      );
    expect(findingsOf({ ...well, troubles: failing(30) })).toEqual([]);
    expect(findingsOf({ ...well, troubles: failing(10) })[0]).toBe(
      "7 of 61 troubles did not begin or end as they should",
    );
  });
});
