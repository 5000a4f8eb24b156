/**
 * `phi monitor`: becomes a member of its cluster, lets the monitor follow the config, and shows both over
 * HTTP until told to stop. What it is built of is in `assemble.ts` and `member/`.
 */
import type { Logger } from "@logtape/logtape";
import type { Listener, TlsPair } from "../bun/mod.ts";
import type { Target } from "../config/mod.ts";
import type { Monitor, VerdictChange } from "../monitor/mod.ts";
import type { Timers } from "../port.ts";
import type { ConfigChange } from "../store/mod.ts";
import { assemble, type MonitorGrants, type Parts } from "./assemble.ts";
import { formatBind, isLoopback, type Bind } from "./bind.ts";
import { readSeed } from "./config_file.ts";
import { Front } from "./front.ts";
import { openHistory } from "./history.ts";
import { openLog } from "./log.ts";
import { type Credentials, readCredentials } from "./member/credentials.ts";
import { type MemberGrants, openMember, type OpenMember } from "./member/open_member.ts";
import { tellPeerTroubles } from "./member/peer_troubles.ts";
import { tellQuorum } from "./member/quorum_watch.ts";
import { reload } from "./member/reload.ts";
import { logSeed } from "./member/seed.ts";
import { type MonitorArguments, whyMisused } from "./monitor_flags.ts";
import { readNetFlags, type NetOptions } from "./net_options.ts";
import { EXIT_DONE, fail, misuse, type ExitCode } from "./output.ts";

export async function runMonitor(
  flags: MonitorArguments,
  grants: MonitorGrants,
): Promise<ExitCode> {
  const { output } = grants;
  const misused = whyMisused(flags);
  if (misused !== undefined) return misuse(output, misused);
  const net = readNetFlags(flags);
  if (!net.ok) return misuse(output, net.detail);
  const credentials = await readCredentials(flags, grants.readTextFile);
  if (!credentials.ok) return fail(output, credentials.detail);
  const seed = await readSeed(flags.config, net.options, grants.readBytes);
  if (!seed.ok) return fail(output, seed.lines.join("\n"));
  return await runMember(flags, credentials.credentials, net.options, seed.targets, grants);
}

async function runMember(
  flags: MonitorArguments,
  credentials: Credentials,
  net: NetOptions,
  seed: readonly Target[],
  grants: MonitorGrants,
): Promise<ExitCode> {
  const { output } = grants;
  // Asked for before anything listens, so that a signal during the start ends it in good order too.
  const shutdown = grants.shutdownRequested({ outlivesHangup: true });
  const stopping = new AbortController();
  void shutdown.then(() => stopping.abort());
  const log = await openLog(flags.json ? "json" : "text", (line) => output.say(line));
  // Not as a message of its own: it may hold braces, which would be read as places to fill.
  const tell: MemberGrants["tell"] = (level, line) => log[level]("{line}", { line });
  const listening = listenAll(flags, credentials.apiTls, grants);
  if (!listening.ok) return fail(output, listening.message);
  const own = grants.createOwnMetrics(grants.version);
  const opened = await openMember(flags, credentials, seed, {
    ...grants,
    signal: stopping.signal,
    onSync: own.raftSync,
    onCommit: own.raftCommit,
    tell,
  });
  if (!opened.ok) {
    await closeAll(listening.listeners);
    return stopping.signal.aborted ? EXIT_DONE : fail(output, opened.detail);
  }
  const { member } = opened;
  const history = await openHistory(flags, { ...grants, tell });
  const ground = { member, own, net, history, tell, apiToken: credentials.apiToken };
  const parts = assemble(flags, ground, grants);
  listening.api.open(parts.api);
  listening.metrics.open(parts.metrics);
  logStart(flags, member, listening.listeners, grants.version, log);
  logSeed(flags.config, seed, member, log);
  follow(member, parts, grants, log);
  const stopTelling = [
    tellPeerTroubles(() => member.links.stats(), { ...grants, tell }),
    tellQuorum(() => member.node.status(), { ...grants, tell }),
  ];
  const read = () => readSeed(flags.config, net, grants.readBytes);
  grants.onHangup(() => {
    if (flags.config === undefined) log.info("SIGHUP: there is no --config to read again");
    else void reload(read, member.store, log);
  });
  log.info("stopping on {signal}", { signal: await shutdown });
  for (const stopOne of stopTelling) stopOne();
  await stop(member, parts, listening.listeners);
  return EXIT_DONE;
}

/** Leadership goes to another while this one still answers, so that nobody waits for an election. */
async function stop(member: OpenMember, parts: Parts, listeners: readonly Open[]): Promise<void> {
  await member.node.handOver();
  parts.monitor.close();
  await parts.recorder?.close();
  parts.closeApi();
  await closeAll(listeners);
  await member.close();
}

interface Open {
  readonly what: string;
  readonly bind: Bind;
  readonly listener: Listener;
}

type OpenResult =
  | {
      readonly ok: true;
      readonly listeners: readonly Open[];
      readonly api: Front;
      readonly metrics: Front;
    }
  | { readonly ok: false; readonly message: string };

/** All listeners or none. */
function listenAll(
  flags: MonitorArguments,
  tls: TlsPair | undefined,
  grants: MonitorGrants,
): OpenResult {
  const [api, metrics] = [new Front(), new Front()];
  const wanted: { what: string; flag: string; bind: Bind; front: Front }[] = [
    { what: "HTTP", flag: "--http-bind", bind: flags.httpBind, front: api },
  ];
  if (flags.metricsBind !== undefined) {
    const bind = flags.metricsBind;
    wanted.push({ what: "metrics", flag: "--metrics-bind", bind, front: metrics });
  }
  const listeners: Open[] = [];
  for (const { what, flag, bind, front } of wanted) {
    const result = grants.listen(bind, front.handle, tls && { tls });
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
  return { ok: true, listeners, api, metrics };
}

async function closeAll(listeners: readonly Open[]): Promise<void> {
  await Promise.all(listeners.map(({ listener }) => listener.stop()));
}

/**
 * The monitor watches what the store says; neither knows the other. Changes are taken over one after the
 * other, a large one in slices, so that probes under way do not wait for it.
 */
function follow(
  { store }: OpenMember,
  { monitor, recorder }: Parts,
  { timers, openFilesLimit }: Pick<MonitorGrants, "timers" | "openFilesLimit">,
  log: Logger,
): void {
  monitor.onVerdictChange((change) => logVerdict(log, change));
  const { targets } = store.readLocal();
  const written = Array.from(targets.values(), ({ target }) => target);
  const begin = async () => {
    await takeOver(monitor, { written, deleted: [] }, timers);
    logRecalled(log, monitor);
    recorder?.start();
  };
  let before = begin();
  warnOfDescriptors(written.length, openFilesLimit, log);
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

/** Of those that are watched from the start. */
function logRecalled(log: Logger, { recalledCount, watchCount }: Monitor): void {
  if (recalledCount === 0) return;
  log.info("{recalledCount} of {watchCount} targets go on where they were when it ended", {
    recalledCount,
    watchCount,
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
  flags: MonitorArguments,
  { node, store, isFounder }: OpenMember,
  listeners: readonly Open[],
  version: string,
  log: Logger,
): void {
  const scheme = flags.tlsCert === undefined ? "http" : "https";
  for (const { what, bind } of listeners) {
    const url = `${scheme}://${formatBind(bind)}`;
    log.info("phi {version}: {what} on {url}", { version, what, url });
    if (what === "HTTP" && !isLoopback(bind.host) && flags.apiTokenFile === undefined) {
      log.warning(
        "{url} can be reached from other machines, and whoever reaches it can change the config",
        {
          url,
        },
      );
    }
  }
  const { id, clusterId, members } = node.status();
  const where = { id, clusterId, directory: flags.datadir };
  if (isFounder)
    log.info("{id} has founded cluster {clusterId}; its data is in {directory}", where);
  else log.info("{id} is of cluster {clusterId}; its data is in {directory}", where);
  const others = members.filter((one) => one.id !== id).map((one) => `${one.id} at ${one.address}`);
  if (others.length > 0) log.info("the others are {others}", { others: others.join(", ") });
  if (store.readLocal().targets.size > 0) return;
  log.warning("nothing is watched yet: add with `phi apply -f FILE` or `phi targets add`", {});
}
