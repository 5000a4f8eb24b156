/**
 * A hundred targets whose packets vanish, beside one that is well. Run in a namespace that drops every
 * SYN to port 9; prints what happened as JSON.
 */
import { bunClock } from "../../src/bun/mod.ts";
import { type HttpProber, ProbeSchedule, type ProbeOutcome } from "../../src/probe/mod.ts";
import { askOnce, Probing, verdictOf } from "../kit/probing.ts";
import { answering, openSockets, TestServer } from "../kit/tcp_server.ts";

const TARGETS = 100;
const WATCH_MS = 2_500;

const probing = new Probing();
const server = await TestServer.start(answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
const healthy = probing.makeProber({ url: `http://127.0.0.1:${server.port}/` });
await askOnce(healthy);

function makeLost(timeoutMs: number): HttpProber[] {
  return Array.from({ length: TARGETS }, (_, index) =>
    probing.makeProber({ url: `http://127.0.1.${index + 1}:9/`, timeoutMs }),
  );
}

// One question each: descriptors are held until the deadline, and not longer.
const before = openSockets();
const asking = makeLost(400).map((prober) => askOnce(prober));
await Bun.sleep(100);
const heldWhileConnecting = openSockets() - before;
const reasons = new Set((await Promise.all(asking)).map(verdictOf));
const heldAfterDeadline = openSockets() - before;

// Watched for a while: two questions each are out at most.
const verdicts: string[] = [];
let skipped = 0;
let worstLagMs = 0;
const listener = {
  asked: (isHealthy: boolean, _: number, lagMs: number): void => {
    if (isHealthy) worstLagMs = Math.max(worstLagMs, lagMs);
  },
  skipped: (isHealthy: boolean): void => {
    if (isHealthy) skipped++;
  },
  answered: (isHealthy: boolean, outcome: ProbeOutcome): void => {
    if (isHealthy) verdicts.push(verdictOf(outcome));
  },
  answeredBefore: (): void => {},
  mostOut: () => 2,
};
const ground = { wheel: probing.wheel, listener, earlier: new Map() };
const startMs = bunClock.monotonicMs();
const schedules = [
  new ProbeSchedule(ground, healthy, true, { firstMs: startMs, intervalMs: 50 }),
  ...makeLost(1_000).map(
    (prober, index) =>
      new ProbeSchedule(ground, prober, false, {
        firstMs: startMs + index * 2,
        intervalMs: 200,
      }),
  ),
];
let mostHeld = 0;
while (bunClock.monotonicMs() < startMs + WATCH_MS) {
  await Bun.sleep(20);
  mostHeld = Math.max(mostHeld, openSockets() - before);
}
for (const schedule of schedules) schedule.close();
const heldAfterClose = openSockets() - before;

console.log(
  JSON.stringify({
    heldWhileConnecting,
    heldAfterDeadline,
    reasons: [...reasons],
    mostHeld,
    heldAfterClose,
    healthyProbes: verdicts.length,
    healthyFailures: verdicts.filter((verdict) => verdict !== "ok").length,
    healthySkipped: skipped,
    worstLagMs,
  }),
);
probing.stop();
server.stop();
process.exit(0);
