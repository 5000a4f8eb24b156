import { expect, test } from "bun:test";
import { didYouMean } from "./_did_you_mean.ts";

const KNOWN = ["name", "url", "intervalMillis", "timeoutMillis", "method", "headers", "tls"];

test.each([
  ["nmae", "name"],
  ["Url", "url"],
  ["interval", "intervalMillis"],
  ["interval_ms", "intervalMillis"],
  ["timeout-millis", "timeoutMillis"],
  ["header", "headers"],
  ["retries", undefined],
  ["x", undefined],
  ["ssl", undefined],
  ["tsl", "tls"],
  ["", undefined],
  ["name".repeat(100), undefined],
])("didYouMean(%j) is %j", (key, meant) => {
  expect(didYouMean(key, KNOWN)).toBe(meant);
});
