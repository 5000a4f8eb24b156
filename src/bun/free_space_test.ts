import { expect, test } from "bun:test";
import { freeBytes } from "./free_space.ts";

test("freeBytes() is undefined where the system does not say", () => {
  expect(freeBytes("/")).toBeGreaterThan(0);
  expect(freeBytes("/dev/null/x")).toBeUndefined();
});
