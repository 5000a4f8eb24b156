import { expect, test } from "bun:test";
import { Tally } from "./fuzz_target.ts";
import { atLeast, shortfallsOf } from "./minimum.ts";

function tallyOf(counts: Readonly<Record<string, number>>): Tally {
  const tally = new Tally();
  for (const [name, count] of Object.entries(counts)) tally.add(name, count);
  return tally;
}

test("shortfallsOf() names what came less often than its share of the cases", () => {
  const minima = atLeast(0.1, ["ok", "refused", "odd"]);
  const found = shortfallsOf(minima, tallyOf({ ok: 10, refused: 9 }), 100);
  expect(found).toEqual([
    '"refused" came 9 times, and has to come 10 times at least',
    '"odd" came 0 times, and has to come 10 times at least',
  ]);
});

test("shortfallsOf() takes the share of another tally where one is named", () => {
  const minima = atLeast(0.9, ["made"], "tried");
  expect(shortfallsOf(minima, tallyOf({ tried: 100, made: 89 }), 10_000)).toHaveLength(1);
  expect(shortfallsOf(minima, tallyOf({ tried: 100, made: 90 }), 10_000)).toEqual([]);
});

test("shortfallsOf() owes nothing of what is too rare for so few cases", () => {
  expect(shortfallsOf(atLeast(0.001, ["rare"]), tallyOf({}), 999)).toEqual([]);
  expect(shortfallsOf(atLeast(0.001, ["rare"]), tallyOf({}), 1_000)).toHaveLength(1);
});
