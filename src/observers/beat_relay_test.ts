import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { makeTarget } from "../../test/kit/target.ts";
import { Lone } from "./_test_lone.ts";
import { MAX_BEATS, readBeats, writeBeats } from "./beat_message.ts";
import { hashOfName } from "./name_hash.ts";

const sequences = fc.option(fc.nat(Number.MAX_SAFE_INTEGER), { nil: undefined });
const beats = fc.array(fc.record({ hash: fc.nat(Number.MAX_SAFE_INTEGER), sequence: sequences }), {
  maxLength: 20,
});

describe("beats in bytes", () => {
  test("are what they were", () => {
    fc.assert(fc.property(beats, (some) => expect(readBeats(writeBeats(some))).toEqual(some)));
    const most = Array.from({ length: MAX_BEATS }, (_, hash) => ({ hash, sequence: hash }));
    expect(readBeats(writeBeats(most))).toEqual(most);
  });

  test("that no monitor writes are none, and never throw", () => {
    fc.assert(
      fc.property(beats, fc.nat(400), (some, length) => {
        const bytes = writeBeats(some);
        if (length < bytes.length) expect(readBeats(bytes.slice(0, length))).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const read = readBeats(bytes);
        if (read !== undefined) expect(writeBeats(read)).toEqual(bytes);
      }),
    );
  });
});

describe("a pushed heartbeat", () => {
  test("is handed on at the end of its turn, once, with those that came with it", async () => {
    const lone = new Lone("s", "t");
    await lone.settle();
    lone.watches.heartbeat("s", 7);
    lone.watches.heartbeat("t");
    lone.watches.heartbeat("s", 7);
    await lone.settle();
    expect(lone.beats.map((bytes) => readBeats(bytes))).toEqual([
      [
        { hash: hashOfName("s"), sequence: 7 },
        { hash: hashOfName("t"), sequence: undefined },
      ],
    ]);
  });

  test("that was handed on counts as if it had come here, and is not handed on again", async () => {
    const lone = new Lone("s");
    await lone.settle();
    lone.observers.receive("b", writeBeats([{ hash: hashOfName("s"), sequence: 3 }]));
    await lone.settle();
    expect(lone.watches.watch("s")!.verdict).toBe("up");
    expect(lone.beats).toEqual([]);
    // It is no mistake to report to all of them.
    expect(lone.watches.heartbeat("s", 3)).toBe("accepted");
    expect(lone.watches.heartbeat("s", 2)).toBe("stale");
    expect(lone.watches.watch("s")!.heartbeatCount).toBe(1);
    await lone.settle();
    expect(lone.beats).toEqual([]);
  });

  test("of a target that is not watched here, or is asked, changes nothing", async () => {
    const lone = new Lone();
    lone.watches.put(makeTarget({ name: "asked" }));
    const unknown = [hashOfName("asked"), hashOfName("nobody")];
    lone.observers.receive("b", writeBeats(unknown.map((hash) => ({ hash, sequence: undefined }))));
    expect(lone.watches.watch("asked")!.heartbeatCount).toBe(0);
    expect(lone.unreadable).toEqual([]);
  });

  test("in bytes that no monitor writes is said once a peer", () => {
    const lone = new Lone("s");
    const bytes = writeBeats([{ hash: 1, sequence: 1 }]).slice(0, 5);
    for (let count = 0; count < 3; count++) lone.observers.receive("b", bytes);
    expect(lone.unreadable).toEqual(["b: it hands on what are no heartbeats"]);
  });

  test("is not handed on after close()", async () => {
    const lone = new Lone("s");
    lone.observers.close();
    lone.watches.heartbeat("s");
    await lone.settle();
    expect(lone.beats).toEqual([]);
  });
});
