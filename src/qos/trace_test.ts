import { describe, expect, test } from "bun:test";
import { TraceBuilder, traceOfGaps } from "./trace.ts";

const gap = (gapMs: number, isOutage = false) => ({ gapMs, isOutage });

describe("TraceBuilder", () => {
  test("keeps what is newer than all before it, and counts the rest", () => {
    const builder = new TraceBuilder();
    const additions = [
      builder.add(5, 100),
      builder.add(6, 200),
      builder.add(6, 201),
      builder.add(9, 500),
      builder.add(8, 500),
      builder.add(10, 500),
    ];
    expect(additions).toEqual([
      "heartbeat",
      "heartbeat",
      "stale",
      "heartbeat",
      "stale",
      "heartbeat",
    ]);
    const trace = builder.build("a trace");
    expect([...trace.sequences]).toEqual([5, 6, 9, 10]);
    expect([...trace.arrivalsMs]).toEqual([100, 200, 500, 500]);
    // 7, and 8, which came too late to be one.
    expect(trace.lostCount).toBe(2);
    expect(trace.staleCount).toBe(2);
    expect(trace.outages).toBeUndefined();
  });

  test("refuses an arrival before the one before it, a stale one's too, and one too many", () => {
    const builder = new TraceBuilder(2);
    builder.add(1, 100);
    builder.add(1, 150);
    expect(builder.add(2, 149)).toBe("backwards");
    expect(builder.add(2, 150)).toBe("heartbeat");
    expect(builder.add(3, 160)).toBe("full");
    expect(builder.lastArrivalMs).toBe(150);
    expect([...builder.build("two").sequences]).toEqual([1, 2]);
  });

  test("has room for many", () => {
    const builder = new TraceBuilder(10_001);
    for (let sequence = 0; sequence <= 10_000; sequence++) builder.add(sequence, 2 * sequence);
    const { arrivalsMs, sequences } = builder.build("many");
    expect(arrivalsMs.length).toBe(10_001);
    expect([sequences[9_999], arrivalsMs[10_000]]).toEqual([9_999, 20_000]);
  });
});

describe("traceOfGaps", () => {
  test("adds up the gaps, and takes one of n usual ones for n slots", () => {
    const gaps = [gap(1_000), gap(990), gap(3_020), gap(60_000, true), gap(1_010), gap(200)];
    const trace = traceOfGaps("db", gaps);
    expect([...trace.arrivalsMs]).toEqual([0, 1_000, 1_990, 5_010, 65_010, 66_020, 66_220]);
    expect([...trace.sequences]).toEqual([0, 1, 2, 5, 64, 65, 66]);
    expect([...trace.outages!]).toEqual([0, 0, 0, 0, 1, 0, 0]);
    expect(trace.lostCount).toBe(2);
  });

  test("of none is a heartbeat alone", () => {
    expect([...traceOfGaps("db", []).arrivalsMs]).toEqual([0]);
  });
});
