/** A run for tests of what is shown of one: two monitors, two targets, a fault of each sort. */
import type { Fault } from "../faults.ts";
import type { ConfigOperation } from "../operation.ts";
import type { Sample, TargetSample } from "../recording.ts";
import type { RunResult } from "../run_scenario.ts";
import { USUAL_LIMITS } from "../scenario.ts";

const FAULTS: readonly Fault[] = [
  {
    kind: "server-kill",
    members: ["server2"],
    fromMs: 3_000,
    untilMs: 12_000,
    blocksWrites: false,
    measure: "",
  },
  {
    kind: "monitor-pause",
    members: ["monitor2"],
    fromMs: 5_000,
    untilMs: null,
    blocksWrites: false,
    measure: "",
  },
];

/** φ of a dead server as it grows, for any but a real one. */
function sampleAt(monitor: string, atMs: number): Sample {
  const silentMs = Math.max(0, atMs - 3_000);
  const phi = (silentMs / 1_000) ** 3;
  const verdict = phi >= 16 ? "down" : phi >= 8 ? "suspect" : "up";
  const targets: TargetSample[] = [
    { name: "server1", phi: 0.1, verdict: "up", combined: "up" },
    { name: "server2", phi, verdict, combined: verdict },
  ];
  return { monitor, atMs, targets, leader: "monitor1", term: 2, doubts: [] };
}

function accepted(atMs: number): ConfigOperation {
  return {
    process: "client1",
    call: { kind: "put", name: "register1", value: `v${atMs}` },
    invokedAtMs: atMs - 5,
    returnedAtMs: atMs,
    outcome: { kind: "written", revision: atMs },
    monitor: "monitor1",
    attempts: 1,
  };
}

const moments = (untilMs: number) => Array.from({ length: untilMs / 500 }, (_, step) => step * 500);

/** 20 s; monitor2 is silent from 5 s on. */
export function makeRun(part: Partial<RunResult> = {}): RunResult {
  const samples = [
    ...moments(20_000).map((atMs) => sampleAt("monitor1", atMs)),
    ...moments(5_000).map((atMs) => sampleAt("monitor2", atMs)),
  ];
  return {
    evidence: {
      scenario: "server-kill",
      summary: "one <server> is killed & stays dead",
      runner: "processes",
      size: { monitors: 2, servers: 2 },
      seed: 7,
      limits: USUAL_LIMITS,
      monitors: ["monitor1", "monitor2"],
      members: ["monitor1", "monitor2"],
      targets: ["server1", "server2"],
      beganWallMs: Date.UTC(2026, 0, 2, 3, 4, 5),
      durationMs: 20_000,
      pressure: 0.125,
      faults: FAULTS,
      recording: { samples, silences: [{ monitor: "monitor2", atMs: 6_000 }], notes: [] },
      operations: moments(20_000).map((atMs) => accepted(atMs + 5)),
      writing: { fromMs: 0, untilMs: 20_000 },
    },
    findings: [
      { claim: "server2 is down", isMet: true, measured: "2.52 s" },
      { claim: "nothing else is", isMet: false, measured: "server1 by monitor2" },
    ],
    ...part,
  };
}
