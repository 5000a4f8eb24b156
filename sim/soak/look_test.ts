import { expect, test } from "bun:test";
import { lookAtProcess, metricsOf } from "./look.ts";

const TEXT = `# TYPE phi_probes_total counter
phi_probes_total{target="a"} 3
phi_probes_total{target="b"} 4.5
phi_probes_total_of_another 100
phi_probes_skipped_total{target="a"} 2
phi_target_state{target="a",state="up"} 1
phi_target_state{target="a",state="down"} 0
phi_target_state{target="b",state="up"} 0
phi_event_loop_lag_seconds_bucket{le="0.001"} 90
phi_event_loop_lag_seconds_bucket{le="+Inf"} 100
`;

test("metricsOf() sums over the series of a family, and of no other", () => {
  expect(metricsOf(TEXT)).toEqual({
    probes: 7.5,
    skippedProbes: 2,
    failedProbes: 0,
    targetsUp: 1,
    loopLag: [
      ["0.001", 90],
      ["+Inf", 100],
    ],
  });
});

test("lookAtProcess() is of a process that is there", () => {
  const { residentMb, descriptors } = lookAtProcess(process.pid)!;
  expect(residentMb).toBeGreaterThan(1);
  expect(descriptors).toBeGreaterThan(2);
  expect(lookAtProcess(2 ** 30)).toBeUndefined();
});
