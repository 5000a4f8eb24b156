import { describe, expect, test } from "bun:test";
import { availabilityFinding, longestGapMs } from "./availability.ts";
import { did, FAILED, fault, get, put, UNKNOWN, written } from "./_test_operation.ts";

const accepted = (atMs: number) => did(atMs - 1, atMs, put("a", `v${atMs}`), written(atMs));
const TIME = { fromMs: 0, untilMs: 1_000 };

describe("longestGapMs()", () => {
  test("is the longest time between accepted writes, the edges among them", () => {
    expect(longestGapMs([accepted(500), accepted(200)], [], TIME)).toBe(500);
    expect(longestGapMs([accepted(100), accepted(200)], [], TIME)).toBe(800);
    expect(longestGapMs([accepted(900)], [], TIME)).toBe(900);
  });

  test("only accepted writes count, and only those of the time", () => {
    const others = [
      did(1, 300, put("a", "x"), FAILED),
      did(1, 400, put("a", "y"), UNKNOWN),
      did(1, 450, get("a"), { kind: "absent" }),
      accepted(1_001),
    ];
    expect(longestGapMs([accepted(500), ...others], [], TIME)).toBe(500);
    expect(longestGapMs(others, [], TIME)).toBeNull();
  });

  test("time without a majority does not count, and what comes after it does", () => {
    const blocked = fault({ kind: "monitor-kill", fromMs: 200, untilMs: 700, blocksWrites: true });
    expect(longestGapMs([accepted(150), accepted(950)], [blocked], TIME)).toBe(300);
    const harmless = { ...blocked, blocksWrites: false };
    expect(longestGapMs([accepted(150), accepted(950)], [harmless], TIME)).toBe(800);
    const forever = { ...blocked, untilMs: null };
    expect(longestGapMs([accepted(150)], [forever], TIME)).toBe(150);
  });
});

test("availabilityFinding() is not met without any accepted write, nor beyond the limit", () => {
  expect(availabilityFinding([], [], TIME, 5_000)).toMatchObject({ isMet: false });
  expect(availabilityFinding([accepted(500)], [], TIME, 499)).toMatchObject({ isMet: false });
  expect(availabilityFinding([accepted(500)], [], TIME, 500)).toEqual({
    claim: "no longer without an accepted write <= 0.50 s",
    isMet: true,
    measured: "0.50 s",
    needsProcessors: true,
  });
});

test("availabilityFinding() excuses a gap by the machine only while it is no longer than an election's", () => {
  const time = { fromMs: 0, untilMs: 6_000 };
  const excused = [accepted(5_000), accepted(5_001)].map(
    (write) => availabilityFinding([write], [], time, 2_000).needsProcessors,
  );
  expect(excused).toEqual([true, false]);
  expect(availabilityFinding([], [], time, 2_000).needsProcessors).toBe(false);
});
