/** A config target for tests: the defaults of `src/config`, and what a test cares about on top. */
import type { MonitorSettings, Target } from "../../src/config/mod.ts";

export type TargetPart = Partial<Omit<Target, "monitor">> & {
  /** What is undefined is as good as not there. */
  readonly monitor?: Partial<MonitorSettings>;
};

export function makeTarget(part: TargetPart = {}): Target {
  const { monitor, ...rest } = part;
  return {
    name: "server1",
    url: "http://127.0.0.1:8081/heartbeat",
    intervalMillis: 1_000,
    timeoutMillis: 5_000,
    method: "GET",
    headers: {},
    expect: { status: ["200-299"], maxBodyBytes: 65_536 },
    tls: { insecureSkipVerify: false },
    connection: "reuse",
    labels: {},
    ...rest,
    monitor: {
      model: "akka",
      threshold: 16,
      suspectRatio: 0.5,
      upAfterHeartbeats: 2,
      maxSampleSize: 200,
      minStdDeviationMillis: 500,
      acceptableHeartbeatPauseMillis: 0,
      firstHeartbeatEstimateMillis: 1_000,
      mistakeMaxMillis: 60_000,
      ...monitor,
    },
  };
}
