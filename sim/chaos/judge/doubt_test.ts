import { describe, expect, test } from "bun:test";
import type { Fault } from "../faults.ts";
import type { Sample } from "../recording.ts";
import { fault } from "./_test_operation.ts";
import { DOUBT_END_MS, doubtEndFinding, doubtsEndedAfterMs, hidingDoubts } from "./doubt.ts";

const sample = (monitor: string, atMs: number, ...doubts: string[]): Sample => ({
  monitor,
  atMs,
  targets: [],
  leader: null,
  term: null,
  doubts,
});

const evidence = (samples: readonly Sample[], members = ["monitor1", "monitor2"]) => ({
  recording: { samples, silences: [], notes: [] },
  faults: [fault({ fromMs: 1_000, untilMs: 10_000 }), fault({ fromMs: 2_000, untilMs: 4_000 })],
  members,
});

describe("doubtsEndedAfterMs()", () => {
  test("counts from the end of the last fault to when the last of them trusts itself for good", () => {
    const samples = [
      sample("monitor1", 10_200),
      sample("monitor1", 11_000, "loop_lag"),
      sample("monitor1", 16_000),
      sample("monitor1", 17_000),
      sample("monitor2", 10_100),
    ];
    expect(doubtsEndedAfterMs(evidence(samples))).toBe(6_000);
  });

  test("a fault that stays counts from its beginning, and none at all from 0", () => {
    const samples = [sample("monitor1", 500), sample("monitor1", 3_000)];
    const { recording } = evidence(samples);
    const members = ["monitor1"];
    const stays = [fault({ fromMs: 1_000, untilMs: null })];
    expect(doubtsEndedAfterMs({ recording, faults: stays, members })).toBe(2_000);
    expect(doubtsEndedAfterMs({ recording, faults: [], members })).toBe(500);
  });

  test("is null while one is in doubt, or is silent since", () => {
    const fine = sample("monitor1", 12_000);
    expect(doubtsEndedAfterMs(evidence([fine, sample("monitor2", 12_000, "paused")]))).toBeNull();
    expect(doubtsEndedAfterMs(evidence([fine, sample("monitor2", 9_000)]))).toBeNull();
    expect(doubtsEndedAfterMs(evidence([fine]))).toBeNull();
  });

  test("takes one that does not say for no sample", () => {
    const silent = { ...sample("monitor1", 13_000), doubts: null };
    const doubting = sample("monitor1", 12_000, "loop_lag");
    const members = ["monitor1"];
    expect(doubtsEndedAfterMs(evidence([doubting, silent], members))).toBeNull();
    expect(doubtsEndedAfterMs(evidence([silent], members))).toBeNull();
    const free = sample("monitor1", 14_000);
    expect(doubtsEndedAfterMs(evidence([doubting, silent, free], members))).toBe(4_000);
  });

  test("does not ask one that is no member any more", () => {
    const samples = [sample("monitor1", 12_000), sample("monitor2", 12_000, "loop_lag")];
    expect(doubtsEndedAfterMs(evidence(samples, ["monitor1"]))).toBe(2_000);
  });
});

describe("doubtEndFinding()", () => {
  test("is not met by a doubt that stays, and names whose and which", () => {
    const samples = [sample("monitor1", 12_000), sample("monitor2", 60_000, "loop_lag")];
    expect(doubtEndFinding(evidence(samples))).toEqual({
      claim: "after the last fault no doubt is left at monitor1, monitor2 <= 45.00 s",
      isMet: false,
      measured: "never: monitor2 (loop_lag)",
      needsProcessors: true,
    });
  });

  test("is not met by one that ends late", () => {
    const isMet = [10_000 + DOUBT_END_MS, 10_001 + DOUBT_END_MS].map(
      (atMs) => doubtEndFinding(evidence([sample("monitor1", atMs)], ["monitor1"])).isMet,
    );
    expect(isMet).toEqual([true, false]);
  });
});

const lagging = (monitor: string) => sample(monitor, 2_000, "loop_lag");

describe("hidingDoubts()", () => {
  const monitors = ["monitor1", "monitor2", "monitor3", "monitor4", "monitor5"];
  const hidingAmid = (faults: readonly Fault[], able: readonly string[], ...samples: Sample[]) => {
    const recording = { samples, silences: [], notes: [] };
    const hidden = { recording, faults, monitors };
    const doubts = hidingDoubts(hidden, able, fault({ fromMs: 1_000 }), 3_000);
    return doubts && Object.fromEntries(doubts);
  };
  const hiding = (able: readonly string[], ...samples: Sample[]) =>
    hidingAmid([], able, ...samples);

  test("are there once the others are no majority of all", () => {
    const two = [lagging("monitor1"), lagging("monitor2")];
    expect(hiding(monitors, ...two)).toBeUndefined();
    expect(Object.keys(hiding(monitors, ...two, lagging("monitor3")) ?? {})).toHaveLength(3);
    // Where two are dead, a third one that is in doubt is enough.
    const alive = monitors.slice(2);
    expect(hiding(alive, lagging("monitor3"))).toEqual({ monitor3: ["loop_lag"] });
  });

  test("are measured by the majority of those that were members just then", () => {
    const left = fault({ kind: "monitor-leave", members: ["monitor1", "monitor2"], fromMs: 900 });
    const joins = fault({ kind: "monitor-join", members: ["monitor1", "monitor2"], fromMs: 1_100 });
    const able = monitors.slice(2);
    expect(hidingAmid([left], able, lagging("monitor3"))).toBeUndefined();
    expect(hidingAmid([joins], able, lagging("monitor3"))).toBeUndefined();
    const early = fault({ ...left, kind: "monitor-join" });
    expect(hidingAmid([early], able, lagging("monitor3"))).toBeDefined();
  });

  test("are none of another time, none that only suspect many, and none of nobody", () => {
    const late = monitors.map((monitor) => sample(monitor, 4_001, "loop_lag"));
    expect(hiding(monitors, ...late)).toBeUndefined();
    const counted = monitors.map((monitor) => sample(monitor, 2_000, "many_suspected"));
    expect(hiding(monitors, ...counted)).toBeUndefined();
    expect(hiding(["monitor1"])).toBeUndefined();
  });
});
