/**
 * `phi monitor`: seeds the store, lets the monitor follow it, and shows both over HTTP until told to
 * stop. What it is built of is in `assemble.ts`.
 */
import type { Logger } from "@logtape/logtape";
import type { Listener } from "../bun/mod.ts";
import type { Target } from "../config/mod.ts";
import type { Monitor, VerdictChange } from "../monitor/mod.ts";
import type { Timers } from "../port.ts";
import type { ConfigChange } from "../store/mod.ts";
import { assemble, type Handler, type MonitorGrants, type Parts } from "./assemble.ts";
import { formatBind, isLoopback, type Bind } from "./bind.ts";
import { readSeed } from "./config_file.ts";
import { openLog } from "./log.ts";
import { readNetFlags } from "./net_options.ts";
import { EXIT_DONE, fail, misuse, type ExitCode } from "./output.ts";
import type { MonitorArguments } from "./monitor_flags.ts";

export async function runMonitor(
  flags: MonitorArguments,
  grants: MonitorGrants,
): Promise<ExitCode> {
  const { output } = grants;
  const net = readNetFlags(flags);
  if (!net.ok) return misuse(output, net.detail);
  const seed = await readSeed(flags.config, net.options, grants.readBytes);
  if (!seed.ok) return fail(output, seed.lines.join("\n"));
  // Asked for before anything listens, so that a signal during the start ends it in good order too.
  const shutdown = grants.shutdownRequested();
  const log = await openLog(flags.json ? "json" : "text", (line) => output.say(line));
  const parts = assemble(flags, net.options, grants);
  // Before anybody can write to it.
  await parts.store.replace(seed.targets);
  const opened = listenAll(flags, grants, parts);
  if (!opened.ok) {
    parts.monitor.close();
    return fail(output, opened.message);
  }
  logStart(grants.version, opened.listeners, seed.targets.length, log);
  follow(parts, seed.targets, grants, log);
  log.info("stopping on {signal}", { signal: await shutdown });
  parts.monitor.close();
  parts.closeApi();
  await closeAll(opened.listeners);
  return EXIT_DONE;
}

interface Open {
  readonly what: string;
  readonly bind: Bind;
  readonly listener: Listener;
}

type OpenResult =
  | { readonly ok: true; readonly listeners: readonly Open[] }
  | { readonly ok: false; readonly message: string };

/** All listeners or none. */
function listenAll(flags: MonitorArguments, grants: MonitorGrants, parts: Parts): OpenResult {
  const wanted: { what: string; flag: string; bind: Bind; handler: Handler }[] = [
    { what: "HTTP", flag: "--http-bind", bind: flags.httpBind, handler: parts.api },
  ];
  if (flags.metricsBind !== undefined) {
    const bind = flags.metricsBind;
    wanted.push({ what: "metrics", flag: "--metrics-bind", bind, handler: parts.metrics });
  }
  const listeners: Open[] = [];
  for (const { what, flag, bind, handler } of wanted) {
    const result = grants.listen(bind, handler);
    if (!result.ok) {
      for (const { listener } of listeners) void listener.stop();
      return { ok: false, message: `${result.detail}; choose another with ${flag}` };
    }
    listeners.push({
      what,
      bind: { ...bind, port: result.listener.port },
      listener: result.listener,
    });
  }
  return { ok: true, listeners };
}

async function closeAll(listeners: readonly Open[]): Promise<void> {
  await Promise.all(listeners.map(({ listener }) => listener.stop()));
}

/**
 * The monitor watches what the store says; neither knows the other. Changes are taken over one after the
 * other, a large one in slices, so that probes under way do not wait for it.
 */
function follow(
  { store, monitor }: Parts,
  seed: readonly Target[],
  { timers, openFilesLimit }: Pick<MonitorGrants, "timers" | "openFilesLimit">,
  log: Logger,
): void {
  monitor.onVerdictChange((change) => logVerdict(log, change));
  let before = takeOver(monitor, { written: seed, deleted: [] }, timers);
  warnOfDescriptors(seed.length, openFilesLimit, log);
  const next = async (previous: Promise<void>, change: ConfigChange) => {
    await previous;
    await takeOver(monitor, change, timers);
    logConfig(log, change, monitor.watchCount);
    if (change.written.length > 0) warnOfDescriptors(monitor.watchCount, openFilesLimit, log);
  };
  store.subscribe((change) => {
    before = next(before, change);
  });
}

function logConfig(log: Logger, { revision, written, deleted }: ConfigChange, watching: number) {
  const counts = { revision, written: written.length, deleted: deleted.length, watching };
  log.info(
    "config revision {revision}: {written} written, {deleted} deleted; watching {watching}",
    counts,
  );
}

/** What the process needs open beside its probes: listeners, clients of the API, files. */
const OTHER_OPEN_FILES = 200;

/** Without descriptors no probe can be made, and that would be no server's fault. */
function warnOfDescriptors(watchCount: number, openFilesLimit: number, log: Logger): void {
  const needed = watchCount + OTHER_OPEN_FILES;
  if (needed <= openFilesLimit) return;
  log.warning(
    "{watchCount} targets keep as many connections open, and this process may have {openFilesLimit} " +
      "open files: raise its limit (ulimit -n), or targets will look unreachable",
    { watchCount, openFilesLimit },
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

function logVerdict(log: Logger, change: VerdictChange): void {
  const { target, from, to, reason } = change;
  const phi = Number(change.phi.toFixed(2));
  const silenceSeconds = Number((change.silenceMs / 1_000).toFixed(3));
  const properties = { target, from, to, phi, silenceSeconds, reason };
  const level = to === "up" ? "info" : "warning";
  log[level]("{target}: {from} -> {to}: {reason}; phi {phi}", properties);
}

function logStart(
  version: string,
  listeners: readonly Open[],
  watchCount: number,
  log: Logger,
): void {
  for (const { what, bind } of listeners) {
    log.info("phi {version}: {what} on http://{bind}", { version, what, bind: formatBind(bind) });
    if (isLoopback(bind.host)) continue;
    log.warning(
      "{bind} can be reached from other machines, and whoever reaches it can change the config",
      {
        bind: formatBind(bind),
      },
    );
  }
  if (watchCount === 0) {
    log.warning(
      "nothing is watched yet: start with --config FILE, or add with `phi targets add`",
      {},
    );
  }
  log.info("the config is in memory: what is added at run time is gone when this process ends");
}
