import { expect, test } from "bun:test";
import { doubting, observersOf, observing, Scene } from "./_test_scene.ts";

test("explain() has the numbers that phi is computed from, and when it will cross its thresholds", () => {
  const scene = new Scene({ monitor: { acceptableHeartbeatPauseMillis: 250 } });
  scene.answered(60);
  scene.pass(2_000);
  const explanation = scene.explain({ observer: "m1" });
  const { fit, phi, suspectPhi, downPhi } = explanation;
  expect(fit).toEqual({
    sampleCount: 61,
    gapCount: 59,
    meanMs: scene.watch.intervalMeanMs,
    stdDevMs: scene.watch.intervalStdDevMs,
    leastStdDevMs: 500,
    stdDevInForceMs: 500,
    acceptablePauseMs: 250,
    deviations: (2_000 - scene.watch.intervalMeanMs - 250) / 500,
  });
  expect([suspectPhi, downPhi]).toEqual([8, 16]);
  const y = fit.deviations;
  expect(phi).toBeCloseTo(Math.log10(1 + Math.exp(y * (1.5976 + 0.070566 * y * y))), 9);
  expect(explanation.observer).toBe("m1");
  // What it foretells comes true.
  const { suspectWallMs, downWallMs, atWallMs } = explanation;
  scene.pass(suspectWallMs! - atWallMs - 1);
  expect(scene.watch.verdict).toBe("up");
  scene.pass(2);
  expect(scene.watch.verdict).toBe("suspect");
  scene.pass(downWallMs! - suspectWallMs!);
  expect(scene.watch.verdict).toBe("down");
  expect(scene.explain()).toMatchObject({ suspectWallMs: null, downWallMs: null });
});

test("explain() of a target that was never heard has no moment of a heartbeat", () => {
  const scene = new Scene();
  scene.pass(1_500);
  expect(scene.explain()).toMatchObject({
    verdict: "unknown",
    lastHeartbeatWallMs: null,
    silenceMs: 1_500,
    fit: { sampleCount: 0, gapCount: 0, meanMs: 1_000, stdDevMs: 250 },
    recovery: null,
    combined: null,
    observers: [],
    selfDoubts: [],
  });
});

test("explain() joins what each observer says with how it is", () => {
  const scene = new Scene();
  scene.answered(10);
  const votes = [scene.vote("m1", "up", 0.1), scene.vote("m2", "down", 30, false)];
  const observers = observersOf(
    [
      observing("m1", { isSelf: true }),
      observing("m2", { doubts: ["self_probe"] }),
      observing("m3", { isHeard: false, silentMs: null }),
    ],
    { votes },
  );
  const explanation = scene.explain({ observers });
  expect(explanation.observers).toMatchObject([
    { id: "m1", isSelf: true, vote: { verdict: "up" } },
    { id: "m2", doubts: ["self_probe"], vote: { verdict: "down", isCounted: false } },
    { id: "m3", isHeard: false, vote: null },
  ]);
  expect(explanation.combined?.votes).toEqual(votes);
});

test("explain() knows its own doubts, with what was seen where it can", () => {
  const scene = new Scene();
  const self = observing("m1", { isSelf: true, doubts: ["loop_lag"] });
  const observers = observersOf([self], {});
  expect(scene.explain({ observers }).selfDoubts).toEqual([{ doubt: "loop_lag", detail: "" }]);
  const selfDoubt = doubting("paused", "the process did not run for 30 s");
  expect(scene.explain({ observers, selfDoubt }).selfDoubts).toEqual([
    { doubt: "paused", detail: "the process did not run for 30 s" },
  ]);
});

test("none in a short time is no rate, and a timeout's phi is held against nothing", () => {
  const budgeted = new Scene({ monitor: { model: "calibrated", falseAlarmsPerMonth: 1 } });
  budgeted.answered(120);
  expect(budgeted.text()).toContain("follows from that; no possible mistake so far, in 2 min.");
  expect(budgeted.text()).toContain("a calibrated phi does in about");
  budgeted.failed(20);
  budgeted.answered(60);
  expect(budgeted.text()).toContain("the rate so far is at most ");
  const timed = new Scene({ monitor: { model: "fixed", fixedTimeoutMillis: 4_000 } });
  timed.answered(120);
  expect(timed.text()).not.toContain("a calibrated phi does");
  expect(timed.watch.judgedIntervalCount).toBe(0);
});

test("the first estimate is no history", () => {
  for (const model of ["akka", "normal", "calibrated"] as const) {
    const scene = new Scene({ monitor: { model } });
    scene.answered(1);
    scene.pass(900);
    expect(scene.explain()).toMatchObject({ isConfident: false, fit: { gapCount: 0 } });
    expect(scene.text()).toContain("no interval is known yet, and 1 s is the first estimate");
    scene.answered(2);
    expect(scene.text()).toContain("its last 2 intervals and the first estimate had a mean of");
  }
});
