import { describe, expect, test } from "bun:test";
import type { Recording, VerdictNote } from "../recording.ts";
import { type DetectionEvidence, detectionFindings, falseDownFinding } from "./detection.ts";
import { fault } from "./_test_operation.ts";

const LIMITS = { detectionMs: 3_000, recoveryMs: 2_000 };
const MONITORS = ["monitor1", "monitor2"];

function down(monitor: string, target: string, atMs: number): VerdictNote {
  return { monitor, atMs, target, verdict: "down", isChange: true };
}

function evidence(
  notes: readonly VerdictNote[],
  faults = [fault({})],
  samples: Recording["samples"] = [],
): DetectionEvidence {
  const recording = { samples, silences: [], notes };
  return { recording, faults, monitors: MONITORS, targets: ["server1", "server2"] };
}

describe("detectionFindings()", () => {
  test("measures the slowest of the monitors, by event or by sample", () => {
    const phi = 17;
    const sample = {
      monitor: "monitor2",
      atMs: 3_500,
      leader: null,
      targets: [{ name: "server1", phi, verdict: "down" as const }],
    };
    const seen = [down("monitor1", "server1", 3_000), down("monitor2", "server1", 3_600)];
    expect(detectionFindings(evidence(seen, [fault({})], [sample]), LIMITS)).toEqual([
      {
        claim: "server1 killed: down at monitor1, monitor2 <= 3.00 s",
        isMet: true,
        measured: "2.50 s",
      },
    ]);
  });

  test("is not met by one that is late, silent, or that said so before or after the fault", () => {
    const first = down("monitor1", "server1", 2_000);
    const isMet = (...others: VerdictNote[]) =>
      detectionFindings(evidence([first, ...others]), LIMITS).map((finding) => finding.isMet);
    expect(isMet(down("monitor2", "server1", 4_000))).toEqual([true]);
    expect(isMet(down("monitor2", "server1", 4_001))).toEqual([false]);
    expect(isMet()).toEqual([false]);
    expect(isMet(down("monitor2", "server1", 999))).toEqual([false]);
    expect(isMet(down("monitor2", "server1", 10_001))).toEqual([false]);
    expect(isMet(down("monitor2", "server2", 2_000))).toEqual([false]);
  });

  test("does not hold a monitor to it that was dead or stopped meanwhile", () => {
    const seen = [down("monitor1", "server1", 2_000)];
    const judged = (fromMs: number, untilMs: number | null) => {
      const asleep = fault({ kind: "monitor-pause", members: ["monitor2"], fromMs, untilMs });
      return detectionFindings(evidence(seen, [fault({}), asleep]), LIMITS).map(
        (finding) => finding.isMet,
      );
    };
    expect(judged(0, 1_500)).toEqual([true]);
    expect(judged(3_999, null)).toEqual([true]);
    expect(judged(0, 1_000)).toEqual([false]);
    expect(judged(4_000, null)).toEqual([false]);
  });

  test("is not met if nobody could see it", () => {
    const asleep = fault({ kind: "monitor-kill", members: MONITORS, fromMs: 0 });
    const [finding] = detectionFindings(evidence([], [fault({}), asleep]), LIMITS);
    expect(finding).toMatchObject({ isMet: false, measured: "never" });
  });
});

describe("falseDownFinding()", () => {
  test("is met by what a fault explains, until some time after its end", () => {
    const seen = [down("monitor1", "server1", 1_000), down("monitor1", "server1", 12_000)];
    expect(falseDownFinding(evidence(seen), LIMITS)).toMatchObject({ isMet: true });
  });

  test("names what none explains, once for each moment", () => {
    const seen = [
      down("monitor1", "server1", 999),
      down("monitor2", "server1", 12_001),
      down("monitor1", "server2", 5_000),
    ];
    expect(falseDownFinding(evidence(seen), LIMITS)).toMatchObject({
      isMet: false,
      measured:
        "server1 by monitor1 at 1.00 s; server2 by monitor1 at 5.00 s; server1 by monitor2 at 12.00 s",
    });
  });

  test("the fault of a monitor explains no server's", () => {
    const pause = fault({ kind: "monitor-pause", members: ["server2"] });
    const seen = [down("monitor1", "server2", 5_000)];
    expect(falseDownFinding(evidence(seen, [pause]), LIMITS).isMet).toBe(false);
  });

  test("targets that are not judged may be anything", () => {
    expect(falseDownFinding(evidence([down("monitor1", "register1", 5)]), LIMITS).isMet).toBe(true);
  });
});
