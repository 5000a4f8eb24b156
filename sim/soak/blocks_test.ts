import { expect, test } from "bun:test";
import { looksOf, STEADY, troublesOf } from "./_test_records.ts";
import { blocksOf, lowPointsMb, WARM_UP_BLOCKS } from "./blocks.ts";
import type { TroubleRecord } from "./record.ts";

const trouble = (fromMs: number, untilMs: number): TroubleRecord => ({
  what: "something",
  fromMs,
  untilMs,
  failures: [],
});

test("blocksOf() goes from the end of a cycle to the end of the next, and leaves out one that was cut off", () => {
  const troubles = [
    trouble(4, 6),
    trouble(10, 12),
    trouble(16, 18),
    trouble(22, 25),
    trouble(29, 31),
  ];
  expect(blocksOf(troubles, 2)).toEqual([
    { fromMs: 0, untilMs: 12 },
    { fromMs: 12, untilMs: 25 },
  ]);
  expect(blocksOf([], 2)).toEqual([]);
});

test("lowPointsMb() of an hour is a dozen points, near what collections leave, whatever is between", () => {
  const points = lowPointsMb(looksOf(STEADY, 1), troublesOf(60), 4);
  expect(points).toHaveLength(12);
  for (const { value } of points) {
    expect(value).toBeGreaterThan(198);
    expect(value).toBeLessThan(212);
  }
});

test("lowPointsMb() is not made by one odd look", () => {
  const troubles = Array.from({ length: WARM_UP_BLOCKS + 1 }, (_, turn) =>
    trouble(turn * 1_000 + 1, turn * 1_000 + 1_000),
  );
  const looks = Array.from({ length: 40 }, (_, turn) => ({
    atMs: WARM_UP_BLOCKS * 1_000 + turn,
    residentMb: turn === 7 ? 3 : 100 + turn,
    descriptors: 1,
  }));
  expect(lowPointsMb(looks, troubles, 1)).toEqual([{ hours: 3_500 / 3_600_000, value: 103 }]);
});
