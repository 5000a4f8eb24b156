/**
 * What one target holds with a full window of 200, its connection apart: the watch, its detector, its
 * place in the schedule and an HTTP prober that has not connected. Prints bytes of JavaScript heap and of
 * resident memory a target, as JSON.
 */
import { heapStats } from "bun:jsc";
import { decodeTarget } from "../../src/config/mod.ts";
import { httpProbeOptions, Monitor, Watch } from "../../src/monitor/mod.ts";
import { HttpProber } from "../../src/probe/mod.ts";
import { ANSWER, failure } from "../../test/kit/hand_prober.ts";

const TARGETS = 10_000;
const WINDOW = 200;
const isPush = process.argv[2] === "push";

let timeMs = 0;
const monitor = new Monitor({
  clock: { monotonicMs: () => timeMs, wallMs: () => timeMs },
  timers: { after: () => () => {}, yieldToLoop: () => Promise.resolve() },
  random: () => 0,
  gauges: { eventLoopLag: () => {}, scheduleLag: () => {} },
  makeProbers: (wheel, nowMs) => {
    const world = {
      dial: () => ({ write: () => {}, close: () => {} }),
      resolve: () => Promise.resolve({ ok: false as const, detail: "not in this bench" }),
      readTextFile: () => Promise.resolve(""),
      checkAddress: () => ({ ok: true as const }),
      wheel,
      nowMs,
    };
    return (target) => new HttpProber(httpProbeOptions(target), world);
  },
});

const before = measure();
for (let index = 0; index < TARGETS; index++) {
  const url = isPush ? "push:" : `http://10.0.0.${index % 250}:8080/heartbeat`;
  const decoded = decodeTarget({ name: `server${index}`, url });
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.errors));
  monitor.put(decoded.target);
}
// Every window is filled, and every one has probes that succeeded and one that failed.
for (let beat = 0; beat <= WINDOW; beat++) {
  for (const watch of monitor.watches()) {
    if (!(watch instanceof Watch)) throw new Error("a monitor's watches are Watches");
    watch.probed(beat === 3 ? failure("timeout") : ANSWER, timeMs);
  }
  timeMs += 950 + ((beat * 7_919) % 100);
}
const after = measure();
console.log(
  JSON.stringify({
    heapBytesPerTarget: (after.heap - before.heap) / TARGETS,
    rssBytesPerTarget: (after.rss - before.rss) / TARGETS,
    samples: monitor.watch("server0")!.sampleCount,
  }),
);

function measure(): { heap: number; rss: number } {
  Bun.gc(true);
  Bun.gc(true);
  const { heapSize, extraMemorySize } = heapStats();
  return { heap: heapSize + extraMemorySize, rss: process.memoryUsage().rss };
}
