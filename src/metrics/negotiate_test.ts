import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { negotiateExposition } from "./negotiate.ts";

const PROMETHEUS_2 =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const PROMETHEUS_3 =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
  "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
  "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
const PROMETHEUS_PROTOBUF =
  "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7," +
  PROMETHEUS_3;
const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

const FORMATS: readonly [accept: string | null, format: string][] = [
  [null, "text"],
  ["", "text"],
  ["*/*", "text"],
  [BROWSER, "text"],
  [PROMETHEUS_2, "openmetrics"],
  [PROMETHEUS_3, "openmetrics"],
  [PROMETHEUS_PROTOBUF, "openmetrics"],
  ["text/plain", "text"],
  ["text/*", "text"],
  ["application/*", "openmetrics"],
  ["application/openmetrics-text", "openmetrics"],
  ["APPLICATION/OpenMetrics-Text; Version=1.0.0", "openmetrics"],
  ['application/openmetrics-text; version="1.0.0"; charset=utf-8', "openmetrics"],
  // A version that is not written here.
  ["application/openmetrics-text;version=0.0.1", "text"],
  ["application/openmetrics-text;version=2.0.0, text/plain;q=0.1", "text"],
  // Quality decides first, then exactness, then order.
  ["application/openmetrics-text;q=0.2, text/plain;q=0.3", "text"],
  ["application/openmetrics-text;q=0.3, text/plain;q=0.2", "openmetrics"],
  ["*/*, application/openmetrics-text", "openmetrics"],
  ["text/plain, application/openmetrics-text", "text"],
  ["application/openmetrics-text, text/plain", "openmetrics"],
  ["text/plain, application/openmetrics-text;version=1.0.0", "openmetrics"],
  // The most specific range is the one that speaks for a format, wherever it stands.
  ["application/openmetrics-text;q=0, */*", "text"],
  ["text/plain;q=0, */*;q=0.1", "openmetrics"],
  ["application/*;q=0.9, application/openmetrics-text;q=0.1, text/plain;q=0.5", "text"],
  // Neither is wanted: text all the same.
  ["image/png", "text"],
  ["*/*;q=0", "text"],
  // What is no quality makes its member count for nothing.
  ["application/openmetrics-text;q=high", "text"],
  ["application/openmetrics-text;q=2, text/plain;q=0.1", "text"],
  ["application/openmetrics-text;q=-1", "text"],
  [";;;,,,===", "text"],
  ['text/x;a="application/openmetrics-text,application/openmetrics-text', "text"],
];

test.each(FORMATS)("negotiateExposition() of Accept %p chooses %s", (accept, format) => {
  expect(negotiateExposition(accept, null).format).toBe(format as "text" | "openmetrics");
});

const CODINGS: readonly [acceptEncoding: string | null, gzip: boolean][] = [
  [null, false],
  ["", false],
  ["gzip", true],
  ["GZIP", true],
  ["x-gzip", true],
  ["gzip, deflate, br, zstd", true],
  ["deflate, br", false],
  ["*", true],
  ["*;q=0", false],
  ["gzip;q=0", false],
  ["gzip;q=0.000", false],
  ["gzip;q=0, *", false],
  ["gzip;q=0.001", true],
  ["identity, gzip;q=0.5", false],
  ["identity;q=0.5, gzip", true],
  ["identity;q=0, *", true],
  ["br;q=1.0, gzip;q=0.8, *;q=0.1", true],
  ["gzip;q=none", false],
];

test.each(CODINGS)(
  "negotiateExposition() of Accept-Encoding %p: gzip is %p",
  (acceptEncoding, gzip) => {
    expect(negotiateExposition(null, acceptEncoding).gzip).toBe(gzip);
  },
);

test("negotiateExposition() never throws, and comes to an end on any header", () => {
  const character = fc.constantFrom(
    ...'aq=;,"\\*/.01 \t'.split(""),
    "application/openmetrics-text",
  );
  const header = fc.array(character, { maxLength: 200 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(header, header, (accept, acceptEncoding) => {
      expect(["text", "openmetrics"]).toContain(negotiateExposition(accept, acceptEncoding).format);
    }),
    { numRuns: 500 },
  );
  // Sixteen kilobytes of the worst that a regular expression could be given.
  for (const nasty of ['"', '"\\', ",;", ';q="', "a;", '""']) {
    negotiateExposition(nasty.repeat(16_384 / nasty.length), nasty.repeat(16_384 / nasty.length));
  }
});
