import { describe, expect, test } from "bun:test";
import type { Recording, Scope, VerdictNote } from "../recording.ts";
import {
  type DetectionEvidence,
  detectionFindings,
  falseDownFinding,
  falseTogetherFinding,
} from "./detection.ts";
import { fault } from "./_test_operation.ts";

const LIMITS = { detectionMs: 3_000, recoveryMs: 2_000 };
const MONITORS = ["monitor1", "monitor2"];

function down(monitor: string, target: string, atMs: number, scope: Scope = "own"): VerdictNote {
  return { scope, monitor, atMs, target, verdict: "down", isChange: true };
}

/** Those of the monitors' own verdicts. */
const ownFindings = (all: DetectionEvidence) =>
  detectionFindings(all, LIMITS).filter(({ claim }) => !claim.includes("together"));
const togetherFindings = (all: DetectionEvidence) =>
  detectionFindings(all, LIMITS).filter(({ claim }) => claim.includes("together"));

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
      term: null,
      doubts: [],
      targets: [{ name: "server1", phi, verdict: "down" as const, combined: null }],
    };
    const seen = [down("monitor1", "server1", 3_000), down("monitor2", "server1", 3_600)];
    expect(ownFindings(evidence(seen, [fault({})], [sample]))).toEqual([
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
      ownFindings(evidence([first, ...others])).map((finding) => finding.isMet);
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
      return ownFindings(evidence(seen, [fault({}), asleep])).map((finding) => finding.isMet);
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

const doubting = (doubts: readonly string[]) =>
  MONITORS.map((monitor) => ({
    monitor,
    atMs: 2_000,
    leader: null,
    term: null,
    targets: [],
    doubts,
  }));

const judgedWith = (...doubts: string[]) =>
  togetherFindings(evidence([], [fault({})], doubting(doubts)));

describe("detectionFindings(), of what is held together,", () => {
  test("measures the slowest, and is not met by own verdicts", () => {
    const own = [down("monitor1", "server1", 2_000), down("monitor2", "server1", 2_000)];
    expect(togetherFindings(evidence(own))).toMatchObject([{ isMet: false, measured: "never" }]);
    const together = [
      down("monitor1", "server1", 2_500, "together"),
      down("monitor2", "server1", 3_250, "together"),
    ];
    expect(togetherFindings(evidence(together))).toEqual([
      {
        claim: "server1 killed: held for down together at monitor1, monitor2 <= 3.00 s",
        isMet: true,
        measured: "2.25 s",
      },
    ]);
  });

  test("holds nobody to it that could not hear the others, and nobody at all without a majority", () => {
    const seen = [down("monitor1", "server1", 2_000, "together")];
    const deaf = fault({ kind: "deaf", members: ["monitor2"], fromMs: 0 });
    const [finding] = togetherFindings(evidence(seen, [fault({}), deaf]));
    expect(finding).toMatchObject({ isMet: true, measured: "1.00 s" });
    const lost = fault({ kind: "monitor-kill", members: ["monitor2"], blocksWrites: true });
    expect(togetherFindings(evidence(seen, [fault({}), lost]))).toEqual([]);
  });

  test("is not to be known where no majority trusts itself, and not met where it only suspects many", () => {
    expect(judgedWith("loop_lag", "many_suspected")).toMatchObject([
      {
        claim: "server1 killed: held for down together at monitor1, monitor2 <= 3.00 s",
        isMet: null,
        measured: "never, as no majority trusted itself: monitor1 (loop_lag), monitor2 (loop_lag)",
      },
    ]);
    expect(judgedWith("many_suspected")).toMatchObject([{ isMet: false, measured: "never" }]);
    expect(judgedWith()).toMatchObject([{ isMet: false, measured: "never" }]);
  });

  test("of many servers that fail at once it is the last that counts", () => {
    const both = fault({ members: ["server1", "server2"] });
    const seen = MONITORS.flatMap((monitor) => [
      down(monitor, "server1", 2_000),
      down(monitor, "server1", 2_000, "together"),
      down(monitor, "server2", 3_000),
    ]);
    const findings = detectionFindings(evidence(seen, [both]), LIMITS);
    expect(findings.map(({ isMet, measured }) => [isMet, measured])).toEqual([
      [true, "2.00 s"],
      [false, "never"],
    ]);
  });
});

describe("falseTogetherFinding()", () => {
  test("names what was held for down without a cause, and no own verdict", () => {
    const slow = fault({ kind: "server-slow" });
    const own = [down("monitor1", "server1", 5_000)];
    expect(falseTogetherFinding(evidence(own, [slow]), LIMITS).isMet).toBe(true);
    const together = [down("monitor1", "server1", 5_000, "together")];
    expect(falseTogetherFinding(evidence(together, [slow]), LIMITS)).toMatchObject({
      isMet: false,
      measured: "server1 by monitor1 at 5.00 s",
    });
    expect(falseTogetherFinding(evidence(together), LIMITS).isMet).toBe(true);
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
