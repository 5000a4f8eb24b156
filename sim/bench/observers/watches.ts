/** Targets for the benches of observers: all up, each with its detector, and none ever asked. */
import { bunClock } from "../../../src/bun/mod.ts";
import { WatchSet } from "../../../src/monitor/mod.ts";
import { makeTarget } from "../../../test/kit/target.ts";

/** None falls silent within a bench. */
const HOUR_MS = 3_600_000;

export function upWatches(count: number): WatchSet {
  const watches = new WatchSet({
    nowMs: () => bunClock.monotonicMs(),
    wallMsOf: (ms) => bunClock.wallMs() - (bunClock.monotonicMs() - ms),
    pausedMs: 0,
    excusingPauses: [],
  });
  const { monitor } = makeTarget({ monitor: { firstHeartbeatEstimateMillis: HOUR_MS } });
  for (let index = 0; index < count; index++) {
    // 15 characters on average.
    const name = `server-${String(index).padStart(8, "0")}`;
    watches.put(makeTarget({ name, url: "push:", intervalMillis: HOUR_MS, monitor }));
    watches.heartbeat(name);
  }
  return watches;
}
