import { describe, expect, test } from "bun:test";
import { growthOf, runCampaign } from "./campaign.ts";
import { type FuzzSession, type FuzzTarget, Tally } from "./fuzz_target.ts";

const MEBIBYTE = 1024 * 1024;

/** A target whose rounds end as the test says, with seeds and sizes as they came. */
function makeTarget(session: Partial<FuzzSession> = {}, minima: FuzzTarget["minima"] = []) {
  const rounds: [seed: number, cases: number][] = [];
  const target: FuzzTarget = {
    name: "none",
    unit: "cases",
    fullCount: 1,
    casesPerRound: 100,
    allowedBytesPer10k: MEBIBYTE,
    minima,
    open: () =>
      Promise.resolve({
        round: (seed, cases) => {
          rounds.push([seed, cases]);
          return Promise.resolve([]);
        },
        residentBytes: () => 0,
        openDescriptors: () => 0,
        finish: () => Promise.resolve([]),
        tally: new Tally(),
        close: () => Promise.resolve(),
        ...session,
      }),
  };
  return { target, rounds };
}

/** With what is resident after each round beyond what was there before. */
async function runWith(bytesAfter: (round: number) => number) {
  let rounds = 0;
  const residentBytes = () => 100 * MEBIBYTE + bytesAfter(rounds++);
  const { target } = makeTarget({ residentBytes });
  return await runCampaign(target, { base: 1, count: 100_000, seconds: 60 });
}

describe("runCampaign()", () => {
  test("makes as many cases as were asked for, each round from the next seed", async () => {
    const { target, rounds } = makeTarget();
    const result = await runCampaign(target, { base: 5, count: 250, seconds: 60 });
    expect(rounds).toEqual([
      [5, 100],
      [6, 100],
      [7, 50],
    ]);
    expect(result).toMatchObject({ cases: 250, findings: [], failedSeed: undefined });
  });

  test("says how many cases are missing when the time is up, unless there may be fewer", async () => {
    const { target } = makeTarget();
    const late = { base: 5, count: 250, seconds: 0 };
    const { findings } = await runCampaign(target, late);
    expect(findings).toEqual(["only 0 of 250 cases were made in 0 s"]);
    const asked = await runCampaign(target, { ...late, mayBeFewer: true });
    expect(asked).toMatchObject({ cases: 0, findings: [] });
  });

  test("ends with the first round in which something is wrong, and names its seed", async () => {
    const { target } = makeTarget({
      round: (seed) => Promise.resolve(seed === 7 ? ["it is odd"] : []),
    });
    const result = await runCampaign(target, { base: 5, count: 1_000, seconds: 60 });
    expect(result).toMatchObject({ cases: 300, findings: ["seed 7: it is odd"], failedSeed: 7 });
  });

  test("finds what every case leaves behind, and not what comes and goes", async () => {
    // 2 KiB a case; a heap that fills and is emptied again; caches that fill up.
    const leaking = await runWith((round) => round * 100 * 2_048);
    expect(leaking.findings).toEqual([expect.stringContaining("memory grew by")]);
    expect((await runWith((round) => (round % 50) * MEBIBYTE)).findings).toEqual([]);
    expect((await runWith((round) => Math.min(round, 150) * MEBIBYTE)).findings).toEqual([]);
  });

  test("demands what has to come of several rounds, and nothing of one or of one that failed", async () => {
    const minima = [{ name: "accepted", share: 0.1 }];
    const findingsOf = async (count: number, session: Partial<FuzzSession> = {}) => {
      const { target } = makeTarget(session, minima);
      return (await runCampaign(target, { base: 1, count, seconds: 60 })).findings;
    };
    expect(await findingsOf(200)).toEqual([
      '"accepted" came 0 times, and has to come 20 times at least',
    ]);
    expect(await findingsOf(100)).toEqual([]);
    const broken = { round: (seed: number) => Promise.resolve(seed === 2 ? ["odd"] : []) };
    expect(await findingsOf(300, broken)).toEqual(["seed 2: odd"]);
  });

  test("what is wrong at the end counts too", async () => {
    const { target } = makeTarget({ finish: () => Promise.resolve(["a line in the log"]) });
    const { findings } = await runCampaign(target, { base: 1, count: 1, seconds: 60 });
    expect(findings).toEqual(["a line in the log"]);
  });
});

test("growthOf() says nothing of a few samples", () => {
  expect(growthOf([1, 2, 3, 4, 5])).toBeUndefined();
  expect(growthOf(Array.from({ length: 20 }, () => 7))).toBe(0);
});
