/**
 * Looks at the monitors for as long as the soak lasts. Their processes are looked at often, so that the low points which collections
 * of garbage leave are seen; each is asked for its metrics less often, on its own, so that one that is stopped holds up no other.
 */
import type { House } from "./house.ts";
import { askMetrics, lookAtProcess } from "./look.ts";
import { repeat } from "./pause.ts";
import type { SoakRecord } from "./record.ts";

const PROCESS_EVERY_MS = 5_000;
const METRICS_EVERY_MS = 15_000;

export async function watch(
  { monitors }: House,
  record: SoakRecord,
  nowMs: () => number,
  over: AbortSignal,
): Promise<void> {
  const loops = monitors.flatMap(({ pid, url }, place) => {
    const { processLooks, metricsLooks } = record.monitors[place]!;
    const lookOnce = () => {
      const seen = pid === undefined ? undefined : lookAtProcess(pid);
      if (seen !== undefined) processLooks.push({ atMs: nowMs(), ...seen });
    };
    const askOnce = async () => {
      const askedMs = nowMs();
      const metrics = await askMetrics(url, over);
      // The end of the soak is no silence of the monitor.
      if (metrics === undefined && over.aborted) return;
      metricsLooks.push({ askedMs, answeredMs: nowMs(), ...(metrics && { metrics }) });
    };
    return [repeat(PROCESS_EVERY_MS, over, lookOnce), repeat(METRICS_EVERY_MS, over, askOnce)];
  });
  await Promise.all(loops);
}
