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
/** By then the healthy one has been asked so often, however busy the machine; one that waits for others has not. */
const LONGEST_WATCH_MS = 6_000;
const HEALTHY_PROBES = 40;

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
const asking = makeLost(2_000).map((prober) => askOnce(prober));
await Bun.sleep(100);
const heldWhileConnecting = openSockets() - before;
const reasons = new Set((await Promise.all(asking)).map(verdictOf));
const heldAfterDeadline = openSockets() - before;

// Watched for a while: two questions each are out at most.
const verdicts: string[] = [];
const listener = {
  asked: (): void => {},
  skipped: (): void => {},
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
const isWatched = (): boolean => {
  const watchedMs = bunClock.monotonicMs() - startMs;
  return watchedMs < (verdicts.length < HEALTHY_PROBES ? LONGEST_WATCH_MS : WATCH_MS);
};
while (isWatched()) {
  await Bun.sleep(20);
  mostHeld = Math.max(mostHeld, openSockets() - before);
}
for (const schedule of schedules) schedule.close();
// The healthy server's ends are in this process too, and close a little later; the first was there before.
const heldAfterClose = openSockets() - before - (server.accepted - 1);

console.log(
  JSON.stringify({
    heldWhileConnecting,
    heldAfterDeadline,
    reasons: [...reasons],
    mostHeld,
    heldAfterClose,
    healthyProbes: verdicts.length,
    healthyFailures: verdicts.filter((verdict) => verdict !== "ok").length,
  }),
);
probing.stop();
server.stop();
process.exit(0);
