import { describe, expect, test } from "bun:test";
import { PushSequence, type PushResult } from "./push_sequence.ts";

/** Beats a second apart from each other, of a target that reports each second. */
class Beats {
  readonly #sequence = new PushSequence();
  #nowMs = 0;

  direct(sequence: number | undefined): PushResult {
    return this.#take(sequence, false);
  }

  handedOn(sequence: number | undefined, afterMs = 1_000): PushResult {
    return this.#take(sequence, true, afterMs);
  }

  #take(sequence: number | undefined, isHandedOn: boolean, afterMs = 1_000): PushResult {
    this.#nowMs += afterMs;
    return this.#sequence.take(sequence, { isHandedOn, nowMs: this.#nowMs, burstMs: 500 });
  }
}

test("PushSequence lets each number count once, and never one that is not above the last", () => {
  const beats = new Beats();
  expect([0, 2, 2, 1, 3, 1, 2].map((number) => beats.direct(number))).toEqual([
    "heard",
    "heard",
    "stale",
    "stale",
    "heard",
    "stale",
    "stale",
  ]);
});

test("PushSequence knows what another monitor has handed on, and takes it for no mistake", () => {
  const beats = new Beats();
  expect(beats.handedOn(5)).toBe("heard");
  expect(beats.direct(5)).toBe("known");
  expect(beats.direct(4)).toBe("stale");
  expect(beats.direct(6)).toBe("heard");
  // That which came here first, and then by way of another.
  expect(beats.handedOn(6)).toBe("stale");
});

test("PushSequence lets beats without a number count always", () => {
  const beats = new Beats();
  beats.direct(7);
  expect([beats.direct(undefined), beats.handedOn(undefined)]).toEqual(["heard", "heard"]);
  expect(beats.direct(7)).toBe("stale");
});

describe("PushSequence, of a counter that began again", () => {
  test("follows the monitor that lets it, from its second number on", () => {
    const beats = new Beats();
    beats.direct(5_000);
    expect([0, 1, 2].map((number) => beats.handedOn(number))).toEqual(["stale", "heard", "heard"]);
    expect(beats.direct(2)).toBe("known");
    expect(beats.direct(3)).toBe("heard");
  });

  test("follows it, too, after a number that was late before", () => {
    const beats = new Beats();
    beats.direct(5_000);
    beats.handedOn(4_999);
    expect([0, 1].map((number) => beats.handedOn(number))).toEqual(["stale", "heard"]);
  });

  test("lets none count that is late: beside others that count, the last one again, or all at once", () => {
    const beats = new Beats();
    for (let number = 5_000; number < 5_020; number++) {
      expect(beats.direct(number)).toBe("heard");
      expect(beats.handedOn(number - 5)).toBe("stale");
    }
    for (let repeat = 0; repeat < 5; repeat++) expect(beats.handedOn(5_019)).toBe("stale");
    for (let number = 5_000; number < 5_019; number++) {
      expect(beats.handedOn(number, 20)).toBe("stale");
    }
  });

  test("lets one count that has no number, and waits anew for two that have", () => {
    const beats = new Beats();
    beats.direct(5_000);
    expect([0, undefined, 1, 2].map((number) => beats.handedOn(number))).toEqual([
      "stale",
      "heard",
      "stale",
      "heard",
    ]);
  });
});
