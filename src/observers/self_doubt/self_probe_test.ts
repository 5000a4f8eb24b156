import { expect, test } from "bun:test";
import { SelfProbe } from "./self_probe.ts";

const FAILED = { ok: false, detail: "timeout: no answer within 1000 ms" } as const;

test("is due every two seconds, and never while one is out", () => {
  const probe = new SelfProbe(0);
  expect(probe.isDue(1_999)).toBe(false);
  expect(probe.isDue(2_000)).toBe(true);
  probe.asked();
  expect(probe.isDue(60_000)).toBe(false);
  probe.answered(2_010, { ok: true });
  expect(probe.isDue(4_009)).toBe(false);
  expect(probe.isDue(4_010)).toBe(true);
});

test("one failure is a hiccup, looked at again soon; two in a row are present", () => {
  const probe = new SelfProbe(0);
  probe.asked();
  probe.answered(3_000, FAILED);
  expect(probe.lastPresentMs).toBe(-Infinity);
  expect(probe.isDue(3_250)).toBe(true);
  probe.asked();
  probe.answered(4_250, FAILED);
  expect(probe.lastPresentMs).toBe(4_250);
  expect(probe.detail).toBe(
    "it did not reach itself 2 times in a row: timeout: no answer within 1000 ms",
  );
});

test("an answer in between starts the count again", () => {
  const probe = new SelfProbe(0);
  for (let round = 0; round < 10; round++) {
    probe.answered(round * 1_000, FAILED);
    probe.answered(round * 1_000 + 500, { ok: true });
  }
  expect(probe.lastPresentMs).toBe(-Infinity);
});
