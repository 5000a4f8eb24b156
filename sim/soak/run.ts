/** A soak from its beginning to its end: what it sees goes into the record, and whatever ends it, nothing that it started is left. */
import { waitForCalm } from "./calm.ts";
import { descriptorsAtRest } from "./figures.ts";
import { House } from "./house.ts";
import type { SoakRecord } from "./record.ts";
import { makeTroubles } from "./troubles.ts";
import { watch } from "./watch.ts";
import { write } from "./write.ts";

/** On a machine that does other things beside it, thousands of targets take minutes until all are up. */
const START_WITHIN_MS = 300_000;
const CALM_WITHIN_MS = 60_000;

/** Throws where it did not get to its end, the reason of `ending` if that is why. */
export async function runSoak(record: SoakRecord, ending: AbortSignal): Promise<void> {
  let house: House | undefined;
  try {
    house = new House(record.targetCount);
    await Promise.race([house.start(START_WITHIN_MS), abortOf(ending)]);
    ending.throwIfAborted();
    const off = await waitForCalm(house, { withinMs: START_WITHIN_MS }, ending);
    ending.throwIfAborted();
    if (off.length > 0) throw new Error(`at the start ${off.join(", ")}`);
    await watchTroubles(house, record, ending);
    ending.throwIfAborted();
  } finally {
    // A terminal's Ctrl-C reaches the monitors too.
    if (house !== undefined && !ending.aborted) await findDead(house, record);
    await house?.remove();
  }
}

async function watchTroubles(house: House, record: SoakRecord, ending: AbortSignal): Promise<void> {
  const beganMs = performance.now();
  const nowMs = () => Math.round(performance.now() - beganMs);
  const finished = new AbortController();
  const over = AbortSignal.any([ending, finished.signal]);
  const troubles = async () => {
    await makeTroubles(house, record, nowMs, over);
    const rest = record.monitors.map((each) =>
      descriptorsAtRest(each.processLooks, record.troubles),
    );
    const calm = { withinMs: CALM_WITHIN_MS, descriptorsAtRest: rest };
    record.notCalm.push(...(await waitForCalm(house, calm, over)));
    finished.abort();
  };
  const all = [troubles(), watch(house, record, nowMs, over), write(house, record, nowMs, over)];
  try {
    await Promise.all(all);
  } finally {
    // Should one of them throw, the others end too, and a trouble is taken back.
    finished.abort();
    await Promise.allSettled(all);
  }
}

async function findDead({ monitors }: House, record: SoakRecord): Promise<void> {
  for (const monitor of monitors) {
    if (monitor.isRunning) continue;
    record.died.push(monitor.id);
    console.error(`soak: ${monitor.id} has died:\n${(await monitor.log()).slice(-2_000)}`);
  }
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve());
  });
}
