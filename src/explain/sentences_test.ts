/**
 * What people read, by scenario: in testdata/sentences.txt, for people to review. UPDATE_GOLDEN=1 writes it
 * anew.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { makeTarget, type TargetPart } from "../../test/kit/target.ts";
import { doubting, observersOf, observing, Scene } from "./_test_scene.ts";

const GOLDEN = `${import.meta.dir}/testdata/sentences.txt`;

const scenarios: Readonly<Record<string, () => string>> = {
  "never answered": () => {
    const scene = new Scene();
    scene.failed(2);
    scene.pass(500);
    return scene.text();
  },
  "never answered, and nothing was asked yet": () => {
    const scene = new Scene();
    return scene.text();
  },
  healthy: () => {
    const scene = new Scene();
    scene.answered(600);
    scene.pass(400);
    return scene.text();
  },
  "silent and rising": () => {
    const scene = new Scene({ monitor: { acceptableHeartbeatPauseMillis: 1_000 } });
    scene.answered(300);
    scene.failed(3);
    scene.pass(200);
    return scene.text();
  },
  suspect: () => {
    const scene = new Scene();
    scene.answered(300);
    scene.failed(4);
    return scene.text();
  },
  down: () => {
    const scene = new Scene();
    scene.answered(300);
    scene.failed(7_500);
    return scene.text();
  },
  recovering: () => {
    const scene = new Scene();
    scene.answered(300);
    scene.failed(60);
    scene.answered(1);
    scene.pass(300);
    return scene.text();
  },
  "by a budget of false alarms": () => {
    const scene = new Scene({ monitor: { model: "calibrated", falseAlarmsPerMonth: 1 } });
    scene.answered(2_000);
    scene.failed(40);
    scene.answered(600);
    scene.pass(400);
    return scene.text();
  },
  "by a budget that cannot be kept": () => {
    const budget = { detectWithinMillis: 1_015, falseAlarmsPerMonth: 0.5 };
    const scene = new Scene({ monitor: { model: "calibrated", ...budget } });
    scene.answered(400);
    scene.failed(2);
    scene.answered(100);
    scene.pass(200);
    return scene.text();
  },
  "by a timeout": () => {
    const scene = new Scene({ monitor: { model: "fixed", fixedTimeoutMillis: 4_000 } });
    scene.answered(300);
    scene.pass(3_000);
    return scene.text();
  },
  "by a timeout that is long over": () => {
    const scene = new Scene({ monitor: { model: "fixed", fixedTimeoutMillis: 4_000 } });
    scene.answered(300);
    scene.failed(20);
    return scene.text();
  },
  "calibrated, and late": () => {
    const scene = new Scene({ monitor: { model: "calibrated", threshold: 6 } });
    scene.answered(300);
    scene.pass(3_000);
    return scene.text();
  },
  "by a normal distribution, and late": () => {
    const scene = new Scene({ monitor: { model: "normal" } });
    scene.answered(300);
    scene.pass(3_000);
    return scene.text();
  },
  "reports by itself, and does not": () => {
    const scene = new Scene({
      name: "nightly-job",
      url: "push:",
      intervalMillis: 60_000,
      monitor: { threshold: 8, suspectRatio: 1, firstHeartbeatEstimateMillis: 60_000 },
    });
    scene.pass(45_000);
    return scene.text();
  },
  "a monitor that was paused": () => {
    const scene = new Scene();
    scene.answered(300);
    scene.pass(200);
    scene.pause(30_000);
    const votes = [
      scene.vote("m1", "up", 0.05, false),
      scene.vote("m2", "down", 41.3),
      scene.vote("m3", "down", 40.9),
    ];
    const self = observing("m1", { isSelf: true, silentMs: 0, doubts: ["paused"] });
    const observers = observersOf([self, observing("m2"), observing("m3")], {
      verdict: "down",
      votes,
    });
    const selfDoubt = doubting("paused", "the process did not run for 30 s");
    return scene.text({ observer: "m1", observers, selfDoubt });
  },
  "observers that differ, one of which is not heard and one in doubt": () => {
    const scene = new Scene();
    scene.answered(300);
    scene.failed(20);
    const votes = [
      scene.vote("m1", "down", 1e9),
      scene.vote("m2", "up", 0.12),
      scene.vote("m4", "suspect", 9.1, false),
      scene.vote("m5", "up", 0.3),
    ];
    const observers = observersOf(
      [
        observing("m1", { isSelf: true, silentMs: 0 }),
        observing("m2"),
        observing("m3", { isHeard: false, silentMs: 95_000 }),
        observing("m4", { doubts: ["schedule_lag", "loop_lag"] }),
        observing("m5"),
      ],
      { verdict: "partial", votes, dissenters: ["m1"], neededCount: 3 },
    );
    return scene.text({ observer: "m1", observers });
  },
  "down as it was left, and not asked yet": () => {
    const scene = new Scene();
    scene.answered(300);
    scene.failed(20);
    const votes = [
      scene.vote("m1", "unknown", 0.1),
      scene.vote("m2", "up", 0.2),
      scene.vote("m3", "up", 0.3),
    ];
    const observers = observersOf(
      [observing("m1", { isSelf: true, silentMs: 0 }), observing("m2"), observing("m3")],
      { votes },
    );
    return scene.text({ observer: "m1", observers });
  },
  "cut off from the others": () => {
    const scene = new Scene();
    scene.answered(300);
    scene.failed(20);
    const observers = observersOf(
      [
        observing("m1", { isSelf: true, silentMs: 0, doubts: ["many_suspected"] }),
        observing("m2", { isHeard: false, silentMs: null }),
        observing("m3", { isHeard: false, silentMs: 18_000 }),
      ],
      { verdict: "unknown", votes: [scene.vote("m1", "down", 500, false)] },
      true,
    );
    return scene.text({ observer: "m1", observers });
  },
};

test("sentencesOf() says of each scenario what is in sentences.txt", () => {
  const texts = Object.entries(scenarios).map(([name, tell]) => `${name}\n\n${tell()}\n`);
  const text = texts.join("\n\n");
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(GOLDEN, text);
  expect(text).toBe(readFileSync(GOLDEN, "utf8"));
});

test("after another URL no failure of the old one is denied", () => {
  const scene = new Scene();
  scene.answered(10);
  scene.failed(2);
  scene.watches.put(makeTarget({ url: "http://127.0.0.1:2/" }));
  expect(scene.text()).toContain("2 of its 12 probes failed, none of them since it has this URL.");
});

const HALTED = "this monitor did not run in between";

function every(intervalMillis: number): TargetPart {
  return { intervalMillis, monitor: { firstHeartbeatEstimateMillis: intervalMillis } };
}

describe("a silence that is shorter than the time since the last heartbeat", () => {
  test("begins anew where the interval is another, which is no pause of the monitor's", () => {
    const scene = new Scene(every(60_000));
    scene.answered(1);
    scene.pass(40_000);
    scene.watches.put(makeTarget(every(10_000)));
    scene.pass(2_000);
    expect(scene.text()).toContain(
      "Its last heartbeat came at 12:00:01 UTC, 42 s ago; only 2 s of that count, because the silence " +
        "began anew at 12:00:41 UTC, with other settings.",
    );
    scene.pause(30_000);
    expect(scene.text()).toContain("; only 2 s of that count, because the silence began anew at");
    expect(scene.text()).toContain(`, with other settings, and ${HALTED}.`);
  });

  test("was no time in which the monitor ran, after a restart", () => {
    const scene = new Scene();
    scene.answered(300);
    scene.restart(30_000);
    scene.pass(2_000);
    expect(scene.text()).toContain(`32 s ago; only 2 s of that count, because ${HALTED}.`);
  });
});
