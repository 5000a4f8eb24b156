/** What a target's model has learnt, when the target is edited: what is judged as before is known as before. */
import { describe, expect, test } from "bun:test";
import { ANSWER } from "../../test/kit/hand_prober.ts";
import { makeTarget, type TargetPart } from "../../test/kit/target.ts";
import type { Watch } from "./watch.ts";
import { WatchSet } from "./watch_set.ts";

const CALIBRATED = { model: "calibrated", threshold: 6 } as const;

/** A server that stalls for 4 s once in 1,500 answers, which takes longer to learn than its ring of gaps is. */
class Stalling {
  #nowMs = 0;
  readonly #watches = new WatchSet({
    nowMs: () => this.#nowMs,
    wallMsOf: (monitorMs) => monitorMs,
    pausedMs: 0,
    excusingPauses: [],
  });
  readonly watch: Watch;

  constructor(part: TargetPart) {
    this.watch = this.put(part);
  }

  put(part: TargetPart): Watch {
    return this.#watches.put(makeTarget(part));
  }

  /** The last stall is 100 answers ago. */
  live(): void {
    for (let beat = 1; beat <= 21_100; beat++) {
      this.#nowMs += beat % 1_500 === 0 ? 4_000 : 995 + (beat % 7) * 2;
      this.watch.probed(ANSWER, this.#nowMs);
    }
  }

  get known(): readonly number[] {
    const { sampleCount, detectionMs, intervalMeanMs } = this.watch;
    return [sampleCount, detectionMs, intervalMeanMs, this.watch.phiAfter(4_000)];
  }
}

describe("a model that has learnt more than the last gaps", () => {
  test.each<[string, TargetPart]>([
    ["upAfterHeartbeats", { monitor: { ...CALIBRATED, upAfterHeartbeats: 3 } }],
    ["header", { monitor: CALIBRATED, headers: { "x-a": "b" } }],
    ["downVotes", { monitor: { ...CALIBRATED, downVotes: 1 } }],
    ["timeout", { monitor: CALIBRATED, timeoutMillis: 4_000 }],
    ["window, which it has none of", { monitor: { ...CALIBRATED, maxSampleSize: 100 } }],
    ["first estimate", { monitor: { ...CALIBRATED, firstHeartbeatEstimateMillis: 2_000 } }],
    [
      "interval that is not suspicious",
      { monitor: { ...CALIBRATED, firstHeartbeatEstimateMillis: 900 }, intervalMillis: 900 },
    ],
  ])("forgets nothing for another %s", (_name, edit) => {
    const server = new Stalling({ monitor: CALIBRATED });
    server.live();
    const before = server.known;
    // The stalls are of the live server, and known as that.
    expect(server.watch.phiAfter(4_000)).toBeLessThan(4);
    server.put(edit);
    for (const [index, number] of server.known.entries()) {
      expect(number / before[index]!).toBeCloseTo(1, 6);
    }
  });

  test("says what it knows with another accepted pause on top, and by another threshold", () => {
    const server = new Stalling({ monitor: CALIBRATED });
    server.live();
    const before = server.known[3]!;
    server.put({
      monitor: { ...CALIBRATED, threshold: 5, acceptableHeartbeatPauseMillis: 2_000 },
    });
    expect(server.watch.phiAfter(6_000)).toBeCloseTo(before, 3);
    expect(server.watch.downPhi).toBe(5);
  });

  test("has a first guess of another server, and not what it knew for the long gaps of this one", () => {
    const server = new Stalling({ monitor: CALIBRATED });
    server.live();
    server.put({ url: "http://127.0.0.1:81/", monitor: CALIBRATED });
    expect(server.watch.sampleCount).toBeLessThanOrEqual(1_024);
    expect(server.watch.intervalMeanMs).toBeCloseTo(1_001, -1);
    expect(server.watch.detectionMs).toBeLessThan(4_000);
  });

  test("knows nothing of a rhythm that is another", () => {
    const server = new Stalling({ monitor: CALIBRATED });
    server.live();
    server.put({
      intervalMillis: 500,
      monitor: { ...CALIBRATED, firstHeartbeatEstimateMillis: 500 },
    });
    expect(server.watch).toMatchObject({ sampleCount: 2, intervalMeanMs: 500 });
  });
});
