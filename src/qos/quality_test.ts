import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { episodeKind, EpisodeTally, NO_EPISODES, qualityOf } from "./quality.ts";

const HOUR_MS = 3_600_000;

describe("episodeKind()", () => {
  test("takes for a mistake what is short and has no evidence, and nothing else", () => {
    expect(episodeKind(60_000, false, 60_000)).toBe("mistake");
    expect(episodeKind(60_001, false, 60_000)).toBe("outage");
    expect(episodeKind(1, true, 60_000)).toBe("outage");
  });
});

describe("qualityOf()", () => {
  test("ten hours with an outage of an hour and three possible mistakes of a minute each", () => {
    const episodes = new EpisodeTally();
    for (let count = 0; count < 3; count++) episodes.ended("mistake", 60_000);
    episodes.ended("outage", HOUR_MS);
    const facts = { judgedMs: 10 * HOUR_MS, episodes, openMs: 0, detectionMs: 4_000 };
    expect(qualityOf(facts)).toEqual({
      mistakeCount: 3,
      mistakeMs: 180_000,
      outageCount: 1,
      outageMs: HOUR_MS,
      // The outage is no time in which there could have been a mistake.
      aliveMs: 9 * HOUR_MS,
      mistakesPerHour: 1 / 3,
      mistakeRecurrenceMs: 3 * HOUR_MS,
      mistakeDurationMs: 60_000,
      queryAccuracy: 1 - 1 / 180,
      detectionTimeMs: 4_000,
    });
  });

  test("the measures hang together as in the paper: λ_M = 1 / T_MR, and P_A = 1 - T_M / T_MR", () => {
    const anyEpisode = fc.record({
      kind: fc.constantFrom("mistake" as const, "outage" as const),
      durationMs: fc.integer({ min: 1, max: 100_000 }),
      upMs: fc.integer({ min: 1, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(anyEpisode, { minLength: 1 }), fc.nat(50_000), (episodes, openMs) => {
        const tally = new EpisodeTally();
        let judgedMs = openMs;
        for (const { kind, durationMs, upMs } of episodes) {
          tally.ended(kind, durationMs);
          judgedMs += upMs + durationMs;
        }
        const quality = qualityOf({ judgedMs, episodes: tally, openMs, detectionMs: Infinity });
        const mistakes = episodes.filter(({ kind }) => kind === "mistake");
        expect(quality.detectionTimeMs).toBeNull();
        expect(quality.mistakeCount).toBe(mistakes.length);
        if (mistakes.length === 0) {
          expect(quality.mistakeRecurrenceMs).toBeNull();
          expect(quality.queryAccuracy).toBe(1);
          return;
        }
        const { mistakeRecurrenceMs, mistakeDurationMs, queryAccuracy, mistakesPerHour } = quality;
        expect((mistakesPerHour * mistakeRecurrenceMs!) / HOUR_MS).toBeCloseTo(1, 9);
        expect(queryAccuracy!).toBeCloseTo(1 - mistakeDurationMs! / mistakeRecurrenceMs!, 9);
      }),
    );
  });

  test("knows nothing of a target that it has just begun to watch", () => {
    const facts = { judgedMs: 0, episodes: NO_EPISODES, openMs: 0, detectionMs: Infinity };
    expect(qualityOf(facts)).toMatchObject({
      mistakesPerHour: 0,
      mistakeRecurrenceMs: null,
      mistakeDurationMs: null,
      queryAccuracy: null,
    });
  });

  test("what goes on now counts neither as time alive nor against it", () => {
    const facts = { judgedMs: 5_000, episodes: NO_EPISODES, openMs: 2_000, detectionMs: 1 };
    expect(qualityOf(facts)).toMatchObject({ aliveMs: 3_000, queryAccuracy: 1 });
  });
});
