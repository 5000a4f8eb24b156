/** The published formulae on arrivals small enough to follow by hand, and what a sender that slips does to them. */
import { describe, expect, test } from "bun:test";
import { createTimeout, type TimeoutOptions } from "./create_timeout.ts";

function timeoutOf(timeout: TimeoutOptions["timeout"], windowArrivals = 4) {
  return createTimeout({ timeout, intervalMs: 100, windowArrivals });
}

describe("createTimeout()", () => {
  test("refuses options out of range, and says which", () => {
    expect(() => createTimeout({ timeout: "chen", intervalMs: 0, windowArrivals: 1 })).toThrow(
      new RangeError('Cannot create timeout chen: "intervalMs" must be > 0, received 0'),
    );
    expect(() => timeoutOf("bertier", 0)).toThrow('"windowArrivals" must be an integer >= 1');
  });

  test.each(["chen", "bertier", "two-window"] as const)(
    "%s knows nothing before the first",
    (name) => {
      expect(timeoutOf(name).silenceAt(50)).toBe(NaN);
    },
  );
});

describe("chen", () => {
  test("EA = mean(A - s · interval) + (s + 1) · interval, and the margin", () => {
    const chen = timeoutOf("chen");
    chen.heard(0, 1000); //                    A - 100 s: 1000
    expect(chen.silenceAt(0)).toBe(100); //    EA 1100
    chen.heard(1, 1120); //                    1020
    expect(chen.silenceAt(0)).toBe(90); //     EA 1010 + 200 = 1210
    chen.heard(3, 1310); //                    1010; 2 is lost
    expect(chen.silenceAt(0)).toBe(100); //    EA 1010 + 400 = 1410
    expect(chen.silenceAt(25)).toBe(125);
    chen.heard(4, 1430); //                    1030
    expect(chen.silenceAt(0)).toBe(85); //     EA 1015 + 500 = 1515
    chen.heard(5, 1500); //                    1000; the first of the window's four goes
    expect(chen.silenceAt(0)).toBe(115); //    EA (1020 + 1010 + 1030 + 1000) / 4 + 600 = 1615
  });

  test("what arrives when the next is overdue is suspected at once, and what is no newer counts for nothing", () => {
    const chen = timeoutOf("chen");
    chen.heard(0, 1000);
    chen.heard(1, 1100);
    chen.heard(2, 1500); //                    1300
    expect(chen.silenceAt(0)).toBe(0); //      EA 1100 + 300 = 1400
    expect(chen.silenceAt(150)).toBe(50);
    chen.heard(1, 1501);
    chen.heard(2, 1502);
    expect(chen.silenceAt(150)).toBe(50);
  });

  test("is re-based when the sender slips, after eight arrivals off the old schedule", () => {
    const chen = timeoutOf("chen", 1000);
    for (let sequence = 0; sequence < 1000; sequence++) chen.heard(sequence, 100 * sequence);
    for (let sequence = 1000; sequence < 1007; sequence++)
      chen.heard(sequence, 100 * sequence + 900);
    expect(chen.silenceAt(0)).toBe(0);
    chen.heard(1007, 100 * 1007 + 900);
    expect(chen.silenceAt(0)).toBe(100);
    // Back to the old one, as if the arrivals before had all been late.
    for (let sequence = 1008; sequence < 1016; sequence++) chen.heard(sequence, 100 * sequence);
    expect(chen.silenceAt(0)).toBe(100);
  });

  test("learns another interval when it is re-based", () => {
    const chen = timeoutOf("chen", 1000);
    for (let sequence = 0; sequence < 100; sequence++) chen.heard(sequence, 100 * sequence);
    for (let count = 1; count <= 20; count++) chen.heard(99 + count, 9900 + 300 * count);
    expect(chen.silenceAt(0)).toBeCloseTo(300, 9);
  });
});

describe("bertier", () => {
  test("the margin is the mean error and four mean deviations, a tenth of each anew", () => {
    const bertier = timeoutOf("bertier");
    bertier.heard(0, 1000);
    expect(bertier.silenceAt(4)).toBe(100); //  no error is known yet
    bertier.heard(1, 1120);
    // Error 20: mean 2, deviation 2, margin 2 + 4 · 2; EA 1210.
    expect(bertier.silenceAt(4)).toBeCloseTo(100, 9);
    bertier.heard(2, 1210);
    // Error 1210 - 1210 - 2 = -2: mean 1.8, deviation 2; EA 1010 + 300 = 1310.
    expect(bertier.silenceAt(4)).toBeCloseTo(100 + 1.8 + 8, 9);
    expect(bertier.silenceAt(0)).toBeCloseTo(100 + 1.8, 9);
  });
});

describe("two-window", () => {
  test("waits for the later of the two estimates", () => {
    const twoWindow = timeoutOf("two-window");
    twoWindow.heard(0, 1000);
    twoWindow.heard(1, 1120);
    // The last alone: 1220. Both: 1210.
    expect(twoWindow.silenceAt(0)).toBe(100);
    twoWindow.heard(2, 1200);
    // The last alone: 1300. All three: (1000 + 1020 + 1000) / 3 + 300 = 1306.667.
    expect(twoWindow.silenceAt(10)).toBeCloseTo(116.667, 3);
  });
});
