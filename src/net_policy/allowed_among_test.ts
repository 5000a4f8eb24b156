import { expect, test } from "bun:test";
import { allowedAmong } from "./allowed_among.ts";

const ipsFrom = (first: number, count: number) =>
  Array.from(
    { length: count },
    (_, index) => `10.0.${(first + index) >> 8}.${(first + index) & 255}`,
  );

/** Those among `ips` of which the last number is odd, and how many were asked about. */
function oddAmong(ips: readonly string[]) {
  let askedCount = 0;
  const result = allowedAmong(ips, (ip) => {
    askedCount++;
    return Number(ip.at(-1)) % 2 === 1 ? { ok: true } : { ok: false, detail: `${ip} is even` };
  });
  return { result, askedCount };
}

test("allowedAmong() keeps the order, and each address once", () => {
  const ips = ["10.0.0.5", "10.0.0.2", "10.0.0.1", "10.0.0.5"];
  expect(oddAmong(ips)).toEqual({
    result: { ok: true, ips: ["10.0.0.5", "10.0.0.1"] },
    askedCount: 3,
  });
});

test("allowedAmong() looks at the first 16 that differ, however many there are", () => {
  const many = [...Array<string>(100).fill("10.0.0.0"), ...ipsFrom(0, 4_000)];
  const { result, askedCount } = oddAmong(many);
  expect(askedCount).toBe(16);
  expect(result).toEqual({ ok: true, ips: ipsFrom(0, 16).filter((_, index) => index % 2 === 1) });
});

/** What is said where all are refused. */
function detailOf(...lastNumbers: readonly number[]): string {
  const { result } = oddAmong(lastNumbers.map((number) => `10.0.0.${number}`));
  return result.ok ? "" : result.detail;
}

test("allowedAmong() tells three refusals, and how many more there were", () => {
  const three = "10.0.0.0 is even; 10.0.0.2 is even; 10.0.0.4 is even";
  expect(detailOf(0)).toBe("10.0.0.0 is even");
  expect(detailOf(0, 2, 4)).toBe(three);
  expect(detailOf(0, 2, 4, 6)).toBe(`${three}; and 1 more`);
  const all = Array.from({ length: 2_000 }, (_, index) => 2 * index);
  expect(detailOf(...all)).toBe(`${three}; and 13 more`);
});
