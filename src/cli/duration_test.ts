import { expect, test } from "bun:test";
import { parseDuration } from "./duration.ts";

test.each([
  ["90s", 90],
  ["30m", 1_800],
  ["2h", 7_200],
  ["2h30m", 9_000],
  ["1d", 86_400],
  ["1d1h1m1s", 90_061],
])("%p is %p seconds", (text, seconds) => expect(parseDuration(text)).toBe(seconds));

test.each(["", "5", "h", "1.5h", "-1h", "0s", "1w", "2h ", "2H", "1h-5m", "9999999s"])(
  "%p is none",
  (text) => expect(parseDuration(text)).toBeUndefined(),
);
