/** Frames: what is written is read back however it is cut up, and nothing else is. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { bunPeerCrypto } from "../bun/mod.ts";
import { decodeFrame, encodeFrame, FrameReader, FrameSeal, type Frame } from "./frame.ts";

const KINDS = [
  "hello",
  "refuse",
  "proof",
  "messages",
  "ack",
  "snapshot",
  "chunk",
  "received",
] as const;
const arbitraryFrame: fc.Arbitrary<Frame> = fc.record({
  kind: fc.constantFrom(...KINDS, "exchange" as const),
  payload: fc.uint8Array({ maxLength: 300 }),
});
const KEY = new Uint8Array(32).fill(7);
const seal = () => new FrameSeal(bunPeerCrypto, KEY);
const MAX_BYTES = 1000;

/** All frames in the bytes; the last is undefined if they stop making sense. */
function readAll(chunks: readonly Uint8Array[], opener?: FrameSeal): (Frame | undefined)[] {
  const reader = new FrameReader();
  const frames: (Frame | undefined)[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (;;) {
      const next = reader.next(MAX_BYTES);
      if (next.kind === "wait") break;
      const read = next.kind === "body" ? decodeFrame(next.body, opener) : { ok: false as const };
      frames.push(read.ok ? read.frame : undefined);
      if (!read.ok) return frames;
    }
  }
  return frames;
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (left, right) => left - right,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

for (const isSealed of [false, true]) {
  const sealOf = () => (isSealed ? seal() : undefined);
  describe(isSealed ? "sealed frames" : "plain frames", () => {
    test("are read back as they were written, however they are cut", () => {
      fc.assert(
        fc.property(fc.array(arbitraryFrame), fc.array(fc.nat()), (frames, places) => {
          const out = sealOf();
          const bytes = Buffer.concat(
            frames.map((one) => encodeFrame(one.kind, [one.payload], out)),
          );
          expect(readAll(cut(bytes, places), sealOf())).toEqual(frames);
        }),
      );
    });

    test("are never thrown at, whatever the bytes", () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
          readAll(chunks, sealOf());
        }),
      );
    });
  });
}

test("a sealed frame with any bit flipped, and all that follow it, are not believed", () => {
  fc.assert(
    fc.property(fc.array(arbitraryFrame, { minLength: 1 }), fc.nat(), (frames, at) => {
      const out = seal();
      const encoded = frames.map((one) => encodeFrame(one.kind, [one.payload], out));
      const bytes = Buffer.concat(encoded);
      const bit = at % (bytes.length * 8);
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      const read = readAll([bytes], seal()).filter((frame) => frame !== undefined);
      let intact = 0;
      for (let end = encoded[0]!.length; end <= bit >>> 3; end += encoded[intact]!.length) intact++;
      expect(read).toEqual(frames.slice(0, intact));
    }),
  );
});

test("sealed frames that are repeated, left out or swapped are not believed", () => {
  const out = seal();
  const [one, two] = ["one", "two"].map((text) =>
    encodeFrame("messages", [Buffer.from(text)], out),
  );
  const counts = [[one!, two!], [one!, one!], [two!], [two!, one!]].map(
    (frames) => readAll(frames, seal()).filter((frame) => frame !== undefined).length,
  );
  expect(counts).toEqual([2, 1, 0, 0]);
});

test("a sealed frame does not open with another key, nor in the other direction", () => {
  const bytes = encodeFrame("ack", [Uint8Array.of(1)], seal());
  const other = new FrameSeal(bunPeerCrypto, new Uint8Array(32).fill(8));
  expect(readAll([bytes], other)).toEqual([undefined]);
});

test("a length over the bound is malformed from its four bytes on, and stays so", () => {
  const reader = new FrameReader();
  reader.push(Uint8Array.of(0, 0, 3));
  expect(reader.next(MAX_BYTES).kind).toBe("wait");
  reader.push(Uint8Array.of(0xe9));
  expect(reader.next(MAX_BYTES).kind).toBe("malformed");
  reader.push(new Uint8Array(2000));
  expect(reader.next(MAX_BYTES).kind).toBe("malformed");
});

test("a frame of no length, or of an unknown kind, is refused", () => {
  expect(readAll([Uint8Array.of(0, 0, 0, 0)])).toEqual([undefined]);
  for (const code of [0, 11, 255])
    expect(readAll([Uint8Array.of(0, 0, 0, 1, code)])).toEqual([undefined]);
});

test("the bound may change between two frames", () => {
  const reader = new FrameReader();
  reader.push(encodeFrame("hello", [new Uint8Array(10)]));
  reader.push(encodeFrame("chunk", [new Uint8Array(500)]));
  expect(reader.next(11).kind).toBe("body");
  expect(reader.next(501).kind).toBe("body");
});
