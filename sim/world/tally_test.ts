import { expect, test } from "bun:test";
import { failuresOf, Tally } from "./tally.ts";

function tallyOf(seeds: number, unjudged: number): Tally {
  const tally = new Tally();
  tally.add({ ...tally.data, seeds, unjudged });
  return tally;
}

test("a batch of 500 seeds and more fails when more than 2 % of the histories were not judged", () => {
  expect(failuresOf(tallyOf(500, 10))).toEqual([]);
  expect(failuresOf(tallyOf(500, 11))).toEqual(["FAILED histories are judged: 11 of 500 were not"]);
  expect(failuresOf(tallyOf(20_000, 20_000))).toHaveLength(1);
});

test("of fewer it cannot be said", () => {
  expect(failuresOf(tallyOf(499, 499))).toEqual([]);
});
