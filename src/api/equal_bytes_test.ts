import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { equalBytes } from "./equal_bytes.ts";

/** Bytes that remember which of them were looked at, in order. */
function watched(bytes: readonly number[]): { bytes: ArrayLike<number>; looks: string[] } {
  const looks: string[] = [];
  const proxy = new Proxy(bytes, {
    get(target, key) {
      looks.push(String(key));
      return Reflect.get(target, key);
    },
  });
  return { bytes: proxy, looks };
}

function looksAt(left: readonly number[], right: readonly number[]) {
  const [one, other] = [watched(left), watched(right)];
  const isEqual = equalBytes(one.bytes, other.bytes);
  return { isEqual, looks: [one.looks, other.looks] };
}

describe("equalBytes()", () => {
  test("agrees with a comparison of texts", () => {
    const bytes = fc.uint8Array({ maxLength: 6, max: 3 });
    fc.assert(
      fc.property(bytes, bytes, (left, right) => {
        expect(equalBytes(left, right)).toBe(left.join() === right.join());
        expect(equalBytes(left, left.slice())).toBe(true);
      }),
    );
  });

  test("looks at the same places in the same order, wherever the first difference is", () => {
    const secret = Array.from({ length: 32 }, (_, place) => place * 7);
    const { looks } = looksAt(secret, secret);
    expect(looks[0]!.filter((key) => key !== "length")).toHaveLength(32);
    for (let place = 0; place < secret.length; place++) {
      const near = secret.map((byte, at) => (at === place ? byte ^ 1 : byte));
      const wild = secret.map((byte, at) => (at >= place ? 255 - byte : byte));
      for (const guess of [near, wild]) {
        expect(looksAt(guess, secret)).toEqual({ isEqual: false, looks });
      }
    }
  });
});
