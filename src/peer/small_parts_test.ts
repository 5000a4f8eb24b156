/** The parts that are a page or less: addresses, versions, back-off, queue, batches, limits, refusals. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { isLoopback, parsePeerAddress } from "./address.ts";
import { backOffMs } from "./back_off.ts";
import { FieldReader, text16, uint16, uint32, uint64 } from "./fields.ts";
import { completeLimits } from "./limits.ts";
import { batchParts, splitBatch } from "./message_batch.ts";
import { cutRefusal, encodeRefusal } from "./refusal.ts";
import { SendQueue } from "./send_queue.ts";
import { SnapshotReceiver } from "./snapshot_receiver.ts";
import { checkVersions, highestCommon } from "./versions.ts";

test("parsePeerAddress() takes names and addresses with a port, and nothing else", () => {
  expect(parsePeerAddress("10.1.0.1:7000")).toEqual({ host: "10.1.0.1", port: 7000 });
  expect(parsePeerAddress("monitor-1.example:1")).toEqual({ host: "monitor-1.example", port: 1 });
  expect(parsePeerAddress("[fd00::1]:65535")).toEqual({ host: "fd00::1", port: 65_535 });
  const wrong = ["", "host", ":7000", "host:0", "host:65536", "host:", "fd00::1:7000", "a b:1"];
  for (const text of [...wrong, "http://a:1", "a:1\n", `${"a".repeat(300)}:1`]) {
    expect(parsePeerAddress(text)).toBeUndefined();
  }
});

test("isLoopback() knows what never leaves the machine", () => {
  const own = ["127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1", "localhost"];
  expect(own.every(isLoopback)).toBe(true);
  const others = [
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "128.0.0.1",
    "127.0.0.1.example.org",
    "localhost.x",
    "",
  ];
  expect(others.some(isLoopback)).toBe(false);
});

test("highestCommon() is the highest that a search over both finds", () => {
  const range = fc
    .tuple(fc.nat({ max: 20 }), fc.nat({ max: 20 }))
    .map(([left, right]) => ({ min: Math.min(left, right), max: Math.max(left, right) }));
  fc.assert(
    fc.property(range, range, (left, right) => {
      let found: number | undefined;
      for (let version = left.min; version <= left.max; version++) {
        if (version >= right.min && version <= right.max) found = version;
      }
      expect(highestCommon(left, right)).toBe(found);
    }),
  );
});

test("checkVersions() refuses what is no range", () => {
  for (const wire of [
    { min: 2, max: 1 },
    { min: -1, max: 1 },
    { min: 0, max: 70_000 },
    { min: 0.5, max: 1 },
  ]) {
    expect(() => checkVersions({ wire, raft: { min: 1, max: 1 } })).toThrow(RangeError);
  }
});

test("backOffMs() doubles within its bounds, and a random half of it is left to chance", () => {
  const bounds = { minBackOffMs: 50, maxBackOffMs: 1000 };
  const at = (random: number) =>
    [0, 1, 2, 3, 4, 5, 60, 5000].map((failures) => backOffMs(failures, bounds, () => random));
  expect(at(0)).toEqual([50, 50, 100, 200, 400, 500, 500, 500]);
  expect(at(0.5)).toEqual([50, 75, 150, 300, 600, 750, 750, 750]);
});

describe("SendQueue", () => {
  test("keeps to its bound, but takes any one message when it is empty", () => {
    const queue = new SendQueue(100);
    expect(queue.add(new Uint8Array(1000))).toBe(true);
    expect(queue.add(new Uint8Array(1))).toBe(false);
    expect(queue.take(10)).toHaveLength(1);
    expect([queue.isEmpty, queue.bytes]).toEqual([true, 0]);
  });

  test("gives in order what it took, in batches of at most the bytes asked for", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 50 })),
        fc.integer({ min: 1, max: 200 }),
        (sizes, batchBytes) => {
          const queue = new SendQueue(1000);
          const taken = sizes
            .map((size) => new Uint8Array(size))
            .filter((message) => queue.add(message));
          const given: Uint8Array[] = [];
          while (!queue.isEmpty) {
            const batch = queue.take(batchBytes);
            const bytes = batch.reduce((sum, { length }) => sum + length + 4, 0);
            expect(batch.length === 1 || bytes <= batchBytes).toBe(true);
            given.push(...batch);
          }
          expect(given).toEqual(taken);
          expect(queue.bytes).toBe(0);
        },
      ),
    );
  });

  test("clear() says how many are lost", () => {
    const queue = new SendQueue(100);
    for (let count = 0; count < 3; count++) queue.add(new Uint8Array(5));
    expect([queue.clear(), queue.clear(), queue.bytes]).toEqual([3, 0, 0]);
  });
});

test("a batch is split as it was joined, and no bytes are thrown at", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (messages) => {
      const payload = new Uint8Array(Buffer.concat([...batchParts(messages)]));
      expect(splitBatch(payload)).toEqual(messages);
      if (payload.length > 0) expect(splitBatch(payload.subarray(0, -1))).toBeUndefined();
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void splitBatch(bytes)));
});

test("fields are read back, and what is not there fails for good", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.string({ unit: "binary", maxLength: 20 }), (number, text) => {
      const wellFormed = text.toWellFormed();
      const [half, word] = [number % 65_536, number % 2 ** 32];
      const bytes = Buffer.concat([uint16(half), uint32(word), uint64(number), text16(wellFormed)]);
      const reader = new FieldReader(bytes);
      expect([reader.uint16(), reader.uint32(), reader.uint64(), reader.text16(100)]).toEqual([
        half,
        word,
        number,
        wellFormed,
      ]);
      expect([reader.isAtEnd, reader.failed]).toEqual([true, false]);
      expect([reader.uint8(), reader.failed, reader.uint64(), reader.text16(9)]).toEqual([
        0,
        true,
        0,
        "",
      ]);
    }),
  );
  for (const bytes of [new Uint8Array(8).fill(0xff), Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0)]) {
    const reader = new FieldReader(bytes);
    reader.uint64();
    expect(reader.failed).toBe(true);
  }
});

test("completeLimits() refuses bounds that cannot work", () => {
  expect(completeLimits({ sweepMs: 100 }).sweepMs).toBe(100);
  for (const wrong of [
    { sweepMs: 0 },
    { maxUnproved: 1.5 },
    { silenceMs: 300 },
    { minBackOffMs: 2000 },
    { sweepMs: NaN },
  ]) {
    expect(() => completeLimits(wrong)).toThrow(RangeError);
  }
});

test("a refusal is one line of bounded length, with nothing a terminal would act on", () => {
  expect(cutRefusal(encodeRefusal("it is späť"))).toBe("it is späť");
  expect(cutRefusal(Buffer.from("one\u001b[31m\r\ntwo\u202e\u2028three"))).toBe(
    "one [31m two three",
  );
  expect(encodeRefusal("ž".repeat(1000)).length).toBe(512);
  expect(cutRefusal(Buffer.from("x".repeat(5000))).length).toBe(512);
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void cutRefusal(bytes)));
});

const begin = (bytes: number) => ({ kind: "snapshot", payload: uint64(bytes) }) as const;
const chunk = (payload: Uint8Array) => ({ kind: "chunk", payload }) as const;
/** How a receiver took the last of the frames. */
function takes(...frames: readonly Parameters<SnapshotReceiver["take"]>[0][]) {
  const receiver = new SnapshotReceiver(100);
  return frames.map((frame) => receiver.take(frame).kind).at(-1);
}

describe("SnapshotReceiver", () => {
  test("puts together what comes in any pieces", () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { minLength: 1 });
    fc.assert(
      fc.property(pieces, (chunks) => {
        const whole = new Uint8Array(Buffer.concat(chunks));
        const receiver = new SnapshotReceiver(1_000_000);
        const steps = [begin(whole.length), ...chunks.map(chunk)].map((frame) =>
          receiver.take(frame),
        );
        expect(steps.slice(0, -1).every(({ kind }) => kind === "more")).toBe(true);
        expect(steps.at(-1)).toEqual({ kind: "whole", bytes: whole });
      }),
    );
  });

  test("refuses what is too long, empty, or does not begin with its length", () => {
    expect(takes(begin(101))).toBe("refused");
    expect(takes(begin(0))).toBe("refused");
    expect(takes(chunk(Uint8Array.of(1)))).toBe("refused");
    expect(takes(begin(10), chunk(new Uint8Array(11)))).toBe("refused");
    expect(takes(begin(10), chunk(new Uint8Array()))).toBe("refused");
    expect(takes(begin(10), begin(10))).toBe("refused");
    expect(takes(begin(10), chunk(new Uint8Array(9)))).toBe("more");
  });
});
