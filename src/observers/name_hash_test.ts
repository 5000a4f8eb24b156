import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { hashOfName } from "./name_hash.ts";

test("hashOfName() is the same on every monitor, of this version and of others", () => {
  // Never to be changed: monitors of different builds have to mean the same.
  expect(["", "s", "server1", "api.eu-1.example:8080"].map(hashOfName)).toEqual([
    7963684199581435, 8269496838322126, 8240918031093932, 2679321320819560,
  ]);
});

test("hashOfName() is a whole number that takes 53 bits", () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      const hash = hashOfName(name);
      expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true);
    }),
  );
});

test("hashOfName() tells apart the names that people give", () => {
  const hashes = new Set<number>();
  let names = 0;
  for (let index = 0; index < 100_000; index++) {
    for (const name of [`server${index}`, `${index}`, `eu-${index % 97}.rack${index}.node:9000`]) {
      hashes.add(hashOfName(name));
      names++;
    }
  }
  expect(hashes.size).toBe(names);
});

const halves = (hash: number) => [Math.floor(hash / 2 ** 27), hash % 2 ** 27] as const;
const bitsOf = (word: number) => word.toString(2).replaceAll("0", "").length;

test("hashOfName(): a changed character changes half of the bits, in either half of the number", () => {
  const changed = [0, 0];
  const count = 2_000;
  for (let index = 0; index < count; index++) {
    const left = halves(hashOfName(`server${index}a`));
    const right = halves(hashOfName(`server${index}b`));
    for (const half of [0, 1]) changed[half]! += bitsOf(left[half]! ^ right[half]!);
  }
  expect(changed[0]! / count / 26).toBeCloseTo(0.5, 1);
  expect(changed[1]! / count / 27).toBeCloseTo(0.5, 1);
});
