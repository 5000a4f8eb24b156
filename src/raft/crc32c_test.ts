import { expect, test } from "bun:test";
import { crc32c } from "./crc32c.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

test("crc32c() gives the published check value and RFC 3720's examples", () => {
  expect(crc32c(ascii("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, place) => place))).toBe(0x46dd794e);
});

test("crc32c() of nothing is 0, and goes on from what came before", () => {
  expect(crc32c(new Uint8Array())).toBe(0);
  expect(crc32c(ascii("6789"), crc32c(ascii("12345")))).toBe(crc32c(ascii("123456789")));
});

test("crc32c() is the same however the bytes are cut, and wherever they lie", () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, place) => (place * 37) & 0xff);
  const whole = crc32c(bytes);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect(crc32c(shifted.subarray(3))).toBe(whole);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(whole);
  }
});
