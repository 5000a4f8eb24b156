import { expect, test } from "bun:test";
import { bucketsOf, quantileBound, sumOf } from "./look.ts";

const TEXT = `# TYPE phi_probes_total counter
phi_probes_total{target="a"} 3
phi_probes_total{target="b"} 4.5
phi_probes_total_of_another 100
phi_lag_bucket{le="0.001"} 90
phi_lag_bucket{le="0.01"} 99
phi_lag_bucket{le="+Inf"} 100
`;

test("sumOf() is over the series of the family, and of no other", () => {
  expect(sumOf(TEXT, "phi_probes_total")).toBe(7.5);
  expect(sumOf(TEXT, "phi_nothing")).toBe(0);
});

test("quantileBound() is the bucket in which the share ends", () => {
  const buckets = bucketsOf(TEXT, "phi_lag_bucket");
  expect([0.5, 0.9, 0.95, 0.999].map((share) => quantileBound(buckets, share))).toEqual([
    0.001,
    0.001,
    0.01,
    Infinity,
  ]);
});
