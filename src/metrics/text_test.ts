import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { readOpenMetrics, readSample } from "../../test/kit/open_metrics.ts";
import {
  escapeLabelValue,
  formatBound,
  formatFamily,
  formatHeader,
  formatNumber,
  type Series,
} from "./text.ts";

const GAUGE: Series = { name: "phi_thing", type: "gauge", help: "A thing.", labels: ["target"] };

function fail(why: string): never {
  throw new Error(why);
}

test("escapeLabelValue() escapes what would end the value, and nothing else", () => {
  expect(escapeLabelValue("server1")).toBe("server1");
  expect(escapeLabelValue('a"b\\c\nd')).toBe(String.raw`a\"b\\c\nd`);
  expect(escapeLabelValue("{},= \t\u00e9\u{1f600}")).toBe("{},= \t\u00e9\u{1f600}");
  expect(escapeLabelValue(String.raw`\n`)).toBe(String.raw`\\n`);
});

test("a label's value is read back as it was, whatever it holds", () => {
  const nasty = fc.string({
    unit: fc.constantFrom("\\", '"', "\n", "n", "{", "}", ",", "=", " ", "é"),
  });
  fc.assert(
    fc.property(fc.oneof(nasty, fc.string({ unit: "grapheme" })), (value) => {
      const line = `phi_thing{target="${escapeLabelValue(value)}"} 1`;
      expect(line).not.toContain("\n");
      expect(readSample(line, fail).labels.get("target")).toBe(value);
    }),
    { numRuns: 1_000 },
  );
});

test("help is read back as it was, in OpenMetrics", () => {
  const nasty = fc.string({ unit: fc.constantFrom("\\", '"', "\n", "n", " ", "x") });
  fc.assert(
    fc.property(nasty, (help) => {
      const text = `${formatHeader({ ...GAUGE, help }, "openmetrics")}phi_thing 1\n# EOF\n`;
      expect(readOpenMetrics(text)[0]!.help).toBe(help);
    }),
  );
});

test("formatNumber() is read back as the same number", () => {
  expect(formatNumber(Number.NaN)).toBe("NaN");
  expect(formatNumber(Infinity)).toBe("+Inf");
  expect(formatNumber(-Infinity)).toBe("-Inf");
  expect(formatNumber(-0)).toBe("0");
  expect(formatNumber(1e21)).toBe("1e+21");
  fc.assert(
    fc.property(fc.double(), (value) => {
      const read = readSample(`phi_thing ${formatNumber(value)}`, fail).value;
      expect(read).toBe(value === 0 ? 0 : value);
    }),
    { numRuns: 1_000 },
  );
});

test("formatBound() looks like a float", () => {
  expect([0, 0.001, 1, 10, 1e-7, 1e21, Infinity].map(formatBound)).toEqual([
    "0.0",
    "0.001",
    "1.0",
    "10.0",
    "1e-7",
    "1e+21",
    "+Inf",
  ]);
});

test("formatHeader() names the samples in text and the family in OpenMetrics", () => {
  const counter: Series = {
    name: "phi_wait_seconds_total",
    type: "counter",
    help: 'Says "no\\yes".',
    unit: "seconds",
    labels: [],
  };
  expect(formatHeader(counter, "text")).toBe(
    '# HELP phi_wait_seconds_total Says "no\\\\yes".\n# TYPE phi_wait_seconds_total counter\n',
  );
  expect(formatHeader(counter, "openmetrics")).toBe(
    "# TYPE phi_wait_seconds counter\n# UNIT phi_wait_seconds seconds\n" +
      '# HELP phi_wait_seconds Says \\"no\\\\yes\\".\n',
  );
  const info: Series = { ...GAUGE, name: "phi_thing_info", type: "info" };
  expect(formatHeader(info, "text")).toContain("# TYPE phi_thing_info gauge\n");
  expect(formatHeader(info, "openmetrics")).toContain("# TYPE phi_thing info\n");
});

test("formatHeader() says a unit only where the name ends with it", () => {
  const mean: Series = { ...GAUGE, name: "phi_gap_seconds_mean", unit: "seconds" };
  expect(formatHeader(mean, "openmetrics")).not.toContain("UNIT");
});

test("formatFamily() of no samples is nothing", () => {
  expect(formatFamily(GAUGE, [], "text")).toBe("");
});
