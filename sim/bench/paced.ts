/**
 * A whole monitor with 15,000 HTTP targets at 1 Hz in one process: arguments are the responder's port,
 * the number of targets and the seconds to measure. Prints one line of JSON.
 */
import {
  bunClock,
  bunDial,
  bunRandom,
  bunResolve,
  bunTimers,
  createOwnMetrics,
  readTextFile,
} from "../../src/bun/mod.ts";
import { httpProbeOptions, Monitor } from "../../src/monitor/mod.ts";
import { HttpProber } from "../../src/probe/mod.ts";
import { makeTarget } from "../../test/kit/target.ts";
import { quantile } from "./row.ts";

const [port, targetCount, seconds] = process.argv.slice(2).map(Number);
const WARM_UP_MS = 10_000;

/** Every lag of the measured time, so that a quantile is exact. */
const lagsMs = new Float64Array(targetCount! * (seconds! + 2));
let lagCount = 0;
let isMeasuring = false;

const own = createOwnMetrics("bench");
const monitor = new Monitor({
  clock: bunClock,
  timers: bunTimers,
  random: bunRandom,
  gauges: {
    eventLoopLag: (lagSeconds) => own.eventLoopLag(lagSeconds),
    scheduleLag: (lagSeconds) => {
      own.scheduleLag(lagSeconds);
      if (isMeasuring) lagsMs[lagCount++] = lagSeconds * 1_000;
    },
  },
  makeProbers: (wheel, nowMs) => {
    const world = {
      dial: bunDial,
      resolve: bunResolve,
      readTextFile,
      checkAddress: () => ({ ok: true as const }),
      wheel,
      nowMs,
    };
    return (target) => new HttpProber(httpProbeOptions(target), world);
  },
});

const memoryBefore = process.memoryUsage().rss;
for (let index = 0; index < targetCount!; index++) {
  monitor.put(makeTarget({ name: `server${index}`, url: `http://127.0.0.1:${port}/heartbeat` }));
}
await Bun.sleep(WARM_UP_MS);
const before = totals();
const pausedBeforeMs = monitor.pausedMs;
const cpuBefore = process.cpuUsage();
isMeasuring = true;
await Bun.sleep(seconds! * 1_000);
isMeasuring = false;
const cpu = process.cpuUsage(cpuBefore);
const after = totals();
const probes = after.probes - before.probes;
const lags = lagsMs.slice(0, lagCount).toSorted();
console.log(
  JSON.stringify({
    probesPerSecond: probes / seconds!,
    cpuMicrosPerProbe: (cpu.user + cpu.system) / probes,
    lagP50Ms: quantile(lags, 0.5),
    lagP99Ms: quantile(lags, 0.99),
    lagMaxMs: lags.at(-1),
    skipped: after.skipped - before.skipped,
    failed: after.failed - before.failed,
    pausedMs: monitor.pausedMs - pausedBeforeMs,
    rssBytesPerTarget: (process.memoryUsage().rss - memoryBefore) / targetCount!,
  }),
);
process.exit(0);

function totals(): { probes: number; skipped: number; failed: number } {
  const sums = { probes: 0, skipped: 0, failed: 0 };
  for (const watch of monitor.watches()) {
    sums.probes += watch.probeCount;
    sums.skipped += watch.skippedCount;
    for (const count of Array.from(watch.failureCounts ?? [])) sums.failed += count;
  }
  return sums;
}
