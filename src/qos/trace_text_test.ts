import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { TraceBuilder } from "./trace.ts";
import { TraceText, type TraceTextResult } from "./trace_text.ts";

function read(text: string | Uint8Array, pieceBytes = Infinity, most?: number): TraceTextResult {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const reader = new TraceText(new TraceBuilder(most));
  const step = Math.min(pieceBytes, Math.max(1, bytes.length));
  for (let from = 0; from < bytes.length; from += step) {
    if (!reader.push(bytes.subarray(from, from + step))) break;
  }
  return reader.end("t");
}

function heartbeats(text: string | Uint8Array, pieceBytes = Infinity): [number, number][] {
  const result = read(text, pieceBytes);
  if (!result.ok) throw new Error(`${result.error.line}: ${result.error.detail}`);
  const { sequences, arrivalsMs } = result.trace;
  return Array.from(sequences, (sequence, index) => [sequence, arrivalsMs[index]!]);
}

function complaint(text: string | Uint8Array, most?: number): string {
  const result = read(text, Infinity, most);
  if (result.ok) throw new Error("it was taken");
  return `${result.error.line}: ${result.error.detail}`;
}

describe("TraceText", () => {
  test("reads numbers, and neither comments, blank lines, tabs nor CR LF are in its way", () => {
    const text =
      "# a trace\r\n\r\n0 0\r\n1\t100.124\n \n  2   200.5  # late\n\n3 300.\n4 1e3\n5 2000";
    expect(heartbeats(text)).toEqual([
      [0, 0],
      [1, 100.124],
      [2, 200.5],
      [3, 300],
      [4, 1_000],
      [5, 2_000],
    ]);
  });

  test("an empty text, or one of comments alone, has no heartbeats", () => {
    expect(heartbeats("")).toEqual([]);
    expect(heartbeats("# nothing\n")).toEqual([]);
  });

  test("a byte order mark at the beginning is none of its business", () => {
    expect(heartbeats("\uFEFF1 2\n")).toEqual([[1, 2]]);
  });

  test("reads exactly what the text says, in pieces of any size, whichever way it is read", () => {
    const arrival = fc.oneof(
      fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value.toFixed(3)),
      fc.double({ min: 0, max: 9e15, noNaN: true }).map(String),
      fc.nat().map(String),
      fc.bigInt({ min: 0n, max: 10n ** 15n }).map((value) => `${value}.${value % 997n}`),
    );
    fc.assert(
      fc.property(
        fc.array(arrival, { maxLength: 30 }),
        fc.integer({ min: 1, max: 70 }),
        fc.constantFrom("\n", "\r\n"),
        (arrivals, pieceBytes, newline) => {
          const sorted = arrivals.toSorted((one, other) => Number(one) - Number(other));
          const text = sorted.map((value, index) => `${index} ${value}`).join(newline);
          expect(heartbeats(text, pieceBytes)).toEqual(
            sorted.map((value, index) => [index, Number(value)]),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test("arrivals may be before the beginning, and anything from the year 1970 on", () => {
    expect(heartbeats("1 -5.5\n2 -1\n3 1764362672000.5")).toEqual([
      [1, -5.5],
      [2, -1],
      [3, 1_764_362_672_000.5],
    ]);
  });

  test.each([
    ["hello", /^2: "hello" is not "SEQUENCE ARRIVAL_MS"/u],
    ["1", /^2: "1" is not/u],
    ["1 2 3", /^2: "1 2 3" is not/u],
    ["1, 2", /^2: the sequence number must be a whole number.*received "1,"/u],
    ["1.5 2", /^2: the sequence number .*received "1.5"/u],
    ["-1 2", /^2: the sequence number .*received "-1"/u],
    ["99999999999999999999 2", /^2: the sequence number .*0 to 9007199254740991/u],
    ["1 NaN", /^2: the arrival must be a number of milliseconds.*received "NaN"/u],
    ["1 Infinity", /^2: the arrival .*received "Infinity"/u],
    ["1 0x10", /^2: the arrival .*received "0x10"/u],
    ["1 1e308", /^2: the arrival .*received "1e308"/u],
    ["1 1e999", /^2: the arrival .*received "1e999"/u],
    ["1 1.2.3", /^2: the arrival .*received "1.2.3"/u],
    ["1 .", /^2: the arrival .*received "."/u],
    ["1 \u001b[2J", /^2: the arrival .*received "\?\[2J"/u],
    [`1 ${"9".repeat(300)}`, /^2: the arrival .*received "9{40}…"$/u],
  ])("says where %j is wrong, and how", (line, expected) => {
    expect(complaint(`# first\n${line}\n3 4\n`)).toMatch(expected);
  });

  test("arrivals that go back are out of order, and the line says how to put them into it", () => {
    expect(complaint("1 100\n\n3 300\n2 299.9\n")).toMatch(
      /^4: arrives at 299.9 ms, before the line above it \(300 ms\).* sort -s -k2,2n/u,
    );
  });

  test("only the first line that is wrong counts", () => {
    expect(complaint("1 100\nx\ny\n")).toMatch(/^2: "x"/u);
  });

  test("what is no text is not taken into memory, and ends at its first line", () => {
    expect(complaint(new Uint8Array(5_000_000))).toMatch(/^1: a line of more than 1000 bytes/u);
    expect(complaint(`1 2\n${"x".repeat(1_001)}\n`)).toMatch(/^2: a line of more than/u);
    const bytes = new Uint8Array(200).map((_, index) => (index * 37) & 255 || 1);
    expect(complaint(bytes)).toMatch(/^\d+: /u);
  });

  test("more heartbeats than there may be are a line that says what to do", () => {
    expect(complaint("1 1\n2 2\n3 3\n", 2)).toMatch(
      /^3: there are more than 2 heartbeats.*head -n 2/u,
    );
  });
});
