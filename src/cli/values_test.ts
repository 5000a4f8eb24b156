import { InvalidArgumentError } from "commander";
import { expect, test } from "bun:test";
import { bytes } from "./values.ts";

test("bytes() takes numbers, with and without a unit", () => {
  expect(["0", "1048576", "512KiB", "256MiB", "2GiB"].map(bytes)).toEqual([
    0, 1_048_576, 524_288, 268_435_456, 2_147_483_648,
  ]);
});

test("bytes() refuses what is no number of bytes", () => {
  for (const text of ["", "-1", "1.5GiB", "1 MiB", "1MB", "MiB", "1e6", "9".repeat(13)]) {
    expect(() => bytes(text)).toThrow(InvalidArgumentError);
  }
});
