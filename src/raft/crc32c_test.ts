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
