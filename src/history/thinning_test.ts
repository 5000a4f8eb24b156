import { describe, expect, test } from "bun:test";
import { isSaveDue } from "./thinning.ts";

const MINUTE_MS = 60_000;

/** How often a watch is saved that hears a heartbeat every `intervalMs`, by the count of its heartbeats. */
function saves(intervalMs: number, heartbeats: number): number[] {
  const counts: number[] = [];
  let last = { heartbeatCount: 0, atMs: 0 };
  for (let heartbeatCount = 1; heartbeatCount <= heartbeats; heartbeatCount++) {
    const nowMs = heartbeatCount * intervalMs;
    const sampleCount = Math.min(heartbeatCount + 1, 200);
    if (!isSaveDue({ heartbeatCount, sampleCount }, last, nowMs)) continue;
    counts.push(heartbeatCount);
    last = { heartbeatCount, atMs: nowMs };
  }
  return counts;
}

describe("isSaveDue()", () => {
  test("saves a young window often, and one that is full once half of it is new", () => {
    const counts = saves(1_000, 1_000);
    expect(counts.slice(0, 6)).toEqual([1, 3, 7, 15, 31, 63]);
    const steps = counts.slice(7).map((count, index) => count - counts[index + 6]!);
    expect(new Set(steps)).toEqual(new Set([100]));
  });

  test("saves what is asked seldom every five minutes", () => {
    const counts = saves(MINUTE_MS, 1_000);
    expect(counts.at(-1)! - counts.at(-2)!).toBe(5);
  });

  test("renews what hears nothing once an hour, or it would be too old to be believed", () => {
    const silent = { heartbeatCount: 7, sampleCount: 8 };
    const last = { heartbeatCount: 7, atMs: 0 };
    expect(isSaveDue(silent, last, 59 * MINUTE_MS)).toBe(false);
    expect(isSaveDue(silent, last, 60 * MINUTE_MS)).toBe(true);
  });

  test("takes one that counts from none again for another", () => {
    const last = { heartbeatCount: 5_000, atMs: 0 };
    expect(isSaveDue({ heartbeatCount: 1, sampleCount: 2 }, last, 0)).toBe(true);
    expect(isSaveDue({ heartbeatCount: 0, sampleCount: 0 }, last, 0)).toBe(false);
  });
});
