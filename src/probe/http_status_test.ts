import { describe, expect, test } from "bun:test";
import { parseStatusRanges } from "./http_status.ts";

describe("parseStatusRanges()", () => {
  test("counts both ends of a range, and single statuses as numbers and as text", () => {
    const matches = parseStatusRanges(["200-299", 304, "418"]);
    for (const status of [200, 204, 299, 304, 418]) expect(matches(status)).toBe(true);
    for (const status of [199, 300, 303, 305, 417, 419, 500]) expect(matches(status)).toBe(false);
  });

  test("one range alone is the same", () => {
    const matches = parseStatusRanges(["200-299"]);
    expect([199, 200, 299, 300].map(matches)).toEqual([false, true, true, false]);
  });

  test.each([
    [""],
    ["2xx"],
    ["299-200"],
    ["200-"],
    ["-299"],
    ["99"],
    ["1000"],
    [20],
    [200.5],
    [Number.NaN],
  ])("refuses %p", (entry) => {
    expect(() => parseStatusRanges([entry])).toThrow(RangeError);
  });

  test("refuses an empty list, under which nothing would ever be alive", () => {
    expect(() => parseStatusRanges([])).toThrow("must have an entry");
  });
});
