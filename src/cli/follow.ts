/**
 * The monitor watches what the store says; neither knows the other. Changes are taken over one after the
 * other, in the turn of the event loop after the one that answers whoever made them, and a large one in
 * slices, so that probes under way do not wait for it.
 */
import type { Logger } from "@logtape/logtape";
import type { Target } from "../config/mod.ts";
import type { Recorder } from "../history/mod.ts";
import { isPushed, type Monitor, mostConnections } from "../monitor/mod.ts";
import type { Timers } from "../port.ts";
import type { ConfigChange, ConfigStore } from "../store/mod.ts";
import { type ConfigNews, ConfigTeller } from "./config_news.ts";

export interface FollowGrants {
  readonly timers: Timers;
  readonly openFilesLimit: number;
}

export interface Followers {
  readonly monitor: Monitor;
  /** Begins to record once the monitor watches what there is at the start. */
  readonly recorder?: Recorder;
}

/** The result ends the telling of changes, not the watching. */
export function follow(
  store: ConfigStore,
  { monitor, recorder }: Followers,
  { timers, openFilesLimit }: FollowGrants,
  log: Logger,
): () => void {
  const news = new ConfigTeller(timers, (told) => {
    logConfig(log, told, monitor.watchCount);
    if (told.written > 0) warnOfDescriptors(targetsIn(store), openFilesLimit, log);
  });
  const written = targetsIn(store);
  const begin = async () => {
    await takeOver(monitor, { written, deleted: [] }, timers);
    // What was watched before is in the store from the start: whoever comes later is new, or was deleted meanwhile.
    monitor.recallNoMore();
    logRecalled(log, monitor);
    recorder?.start();
  };
  let before = begin();
  warnOfDescriptors(written, openFilesLimit, log);
  let untaken: ConfigChange[] = [];
  const takeUntaken = async (previous: Promise<void>) => {
    await previous;
    await timers.yieldToLoop();
    const changes = untaken;
    untaken = [];
    for (const change of changes) {
      // In their order.
      await takeOver(monitor, change, timers);
      news.changed(change);
    }
  };
  store.subscribe((change) => {
    untaken.push(change);
    if (untaken.length === 1) before = takeUntaken(before);
  });
  return () => news.close();
}

function targetsIn(store: ConfigStore): Target[] {
  return Array.from(store.readLocal().targets.values(), ({ target }) => target);
}

/** Of those that are watched from the start. */
function logRecalled(log: Logger, { recalledCount, watchCount }: Monitor): void {
  if (recalledCount === 0) return;
  log.info("{recalledCount} of {watchCount} targets go on where they were when it ended", {
    recalledCount,
    watchCount,
  });
}

function logConfig(log: Logger, news: ConfigNews, watching: number): void {
  log.info(
    "config revision {revision}: {written} written, {deleted} deleted; watching {watching}",
    { ...news, watching },
  );
}

/** What the process needs open beside its probes: listeners, clients of the API, files. */
const OTHER_OPEN_FILES = 200;

/** Without descriptors no probe can be made, and that would be no server's fault. */
function warnOfDescriptors(targets: readonly Target[], openFilesLimit: number, log: Logger): void {
  const asked = targets.filter((target) => !isPushed(target));
  const most = asked.reduce((sum, target) => sum + mostConnections(target), 0);
  if (most + OTHER_OPEN_FILES <= openFilesLimit) return;
  log.warning(
    "{asked} targets take a connection each, up to {most} in all while they are slow to answer, and this process " +
      "may have {openFilesLimit} open files: raise its limit (ulimit -n), or targets will look unreachable",
    { asked: asked.length, most, openFilesLimit },
  );
}

/** About 15 µs each: a slice is a few milliseconds. */
const TARGETS_A_SLICE = 200;

async function takeOver(
  monitor: Monitor,
  { written, deleted }: Pick<ConfigChange, "written" | "deleted">,
  timers: Timers,
): Promise<void> {
  let left = TARGETS_A_SLICE;
  for (const name of deleted) {
    monitor.remove(name);
    if (--left % TARGETS_A_SLICE === 0) await timers.yieldToLoop();
  }
  for (const target of written) {
    monitor.put(target);
    if (--left % TARGETS_A_SLICE === 0) await timers.yieldToLoop();
  }
}
