/** Hellos: read back as written, later versions' additions passed over, and nothing thrown. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { AUTH_MODES, decodeHello, encodeHello, PURPOSES, type Hello } from "./hello.ts";

const STATE_FORMAT_BYTES = 2;

const arbitraryRange = fc
  .tuple(fc.nat({ max: 65_535 }), fc.nat({ max: 65_535 }))
  .map(([left, right]) => ({ min: Math.min(left, right), max: Math.max(left, right) }));
const arbitraryId = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
const arbitraryHello: fc.Arbitrary<Hello> = fc.record({
  wire: arbitraryRange,
  raft: arbitraryRange,
  mode: fc.constantFrom(...AUTH_MODES),
  purpose: fc.constantFrom(...PURPOSES),
  clusterId: fc
    .string({ maxLength: 40, unit: "binary" })
    .map((text) => text.toWellFormed().slice(0, 30)),
  from: arbitraryId,
  to: arbitraryId,
  address: fc.string({ maxLength: 80 }),
  membershipIndex: fc.maxSafeNat(),
  random: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  stateFormat: fc.integer({ min: 1, max: 65_535 }),
});

test("a hello is read back as it was written, with or without a later version's addition", () => {
  fc.assert(
    fc.property(arbitraryHello, fc.uint8Array({ maxLength: 50 }), (hello, added) => {
      const payload = Buffer.concat([encodeHello(hello), added]);
      expect(decodeHello(payload)).toEqual({ ok: true, hello });
    }),
  );
});

test("no bytes are thrown at, and a hello that is cut short is none", () => {
  fc.assert(
    fc.property(arbitraryHello, fc.nat(), (hello, end) => {
      const payload = encodeHello(hello);
      const least = payload.length - STATE_FORMAT_BYTES;
      expect(decodeHello(payload.subarray(0, end % least)).ok).toBe(false);
      // As the versions wrote it that knew of one format only.
      const former = decodeHello(payload.subarray(0, least));
      expect(former).toEqual({ ok: true, hello: { ...hello, stateFormat: 1 } });
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !decodeHello(bytes).ok));
});

test("the layout is what it was", () => {
  const hello: Hello = {
    wire: { min: 1, max: 2 },
    raft: { min: 3, max: 4 },
    mode: "secret",
    purpose: "verify",
    clusterId: "c1",
    from: "a",
    to: "b",
    address: "h:1",
    membershipIndex: 2 ** 33 + 5,
    random: new Uint8Array(32).fill(0xee),
    stateFormat: 0x203,
  };
  expect(Buffer.from(encodeHello(hello)).toString("hex")).toBe(
    "7068692d70656572" + // phi-peer
      "0001000200030004" +
      "0102" +
      "00026331" +
      "000161" +
      "000162" +
      "0003683a31" +
      "0000000200000005" +
      "ee".repeat(32) +
      "0203",
  );
});
