/**
 * `phi monitor`: becomes a member of its cluster, lets the monitor follow the config, and shows both over
 * HTTP until told to stop. What it is built of is in `assemble.ts` and `member/`.
 */
import type { AlertsConfig } from "../config/mod.ts";
import { readAlerts } from "./alerts_file.ts";
import { fetchFor } from "./api_ca.ts";
import { assemble, type MonitorGrants, type Parts } from "./assemble.ts";
import { type ConfigFileResult, readSeed } from "./config_file.ts";
import { follow } from "./follow.ts";
import { openHistory } from "./open_history.ts";
import { closeAll, listenAll, type Open } from "./listeners.ts";
import { openLog } from "./log.ts";
import { type Credentials, readCredentials } from "./member/credentials.ts";
import type { Tell } from "./member/grants.ts";
import { logObservers } from "./member/observer_log.ts";
import { makeAdmitJoiner } from "./member/admit_joiner.ts";
import { openMember, type OpenMember } from "./member/open_member.ts";
import { tellPeerTroubles } from "./member/peer_troubles.ts";
import { tellQuorum } from "./member/quorum_watch.ts";
import { reloading } from "./member/reload.ts";
import { logSeed } from "./member/seed.ts";
import { tellSelfDoubt } from "./member/self_doubt_log.ts";
import { type MonitorArguments, readIdFile, whyMisused } from "./monitor_flags.ts";
import { logStart, logVerdict } from "./monitor_log.ts";
import { readNetFlags, type NetOptions } from "./net_options.ts";
import { EXIT_DONE, fail, misuse, type ExitCode } from "./output.ts";

export async function runMonitor(
  given: MonitorArguments,
  grants: MonitorGrants,
): Promise<ExitCode> {
  const { output } = grants;
  // Heard from the first moment on: SIGHUP would end it. One that is told to read its files again while it starts
  // does so once it has started.
  const started = Promise.withResolvers<() => void>();
  grants.onHangup(() => void started.promise.then((hangUp) => hangUp()));
  const misused = whyMisused(given);
  if (misused !== undefined) return misuse(output, misused);
  const named = await readIdFile(given, grants.readTextFile);
  if (!named.ok) return fail(output, named.detail);
  const { flags } = named;
  const net = readNetFlags(flags);
  if (!net.ok) return misuse(output, net.detail);
  const credentials = await readCredentials(flags, grants.readTextFile);
  if (!credentials.ok) return fail(output, credentials.detail);
  const trusting = await fetchFor(flags.apiCa, grants);
  if (!trusting.ok) return fail(output, trusting.message);
  const seed = await readSeed(flags.config, net.options, grants.readBytes);
  const alerts = await readAlerts(flags.alerts, net.options, grants);
  if (!alerts.ok) return fail(output, alerts.lines.join("\n"));
  return await runMember(flags, net.options, grants, {
    credentials: credentials.credentials,
    joinFetch: trusting.fetch,
    seed,
    alertsConfig: alerts.alerts,
    onStarted: started.resolve,
  });
}

/** What the files that the flags name say, and who waits for them to be acted upon. */
interface Beginning {
  readonly credentials: Credentials;
  /** Trusts whom --api-ca names, for whoever is asked to be let in. */
  readonly joinFetch: MonitorGrants["fetch"];
  readonly seed: ConfigFileResult;
  /** Undefined for a monitor that tells nobody. */
  readonly alertsConfig: AlertsConfig | undefined;
  /** Is told what each SIGHUP is to do from then on. */
  readonly onStarted: (hangUp: () => void) => void;
}

async function runMember(
  flags: MonitorArguments,
  net: NetOptions,
  grants: MonitorGrants,
  { credentials, joinFetch, seed, alertsConfig, onStarted }: Beginning,
): Promise<ExitCode> {
  const { output } = grants;
  // Asked for before anything listens, so that a signal during the start ends it in good order too.
  const shutdown = grants.shutdownRequested({ outlivesHangup: true });
  const stopping = new AbortController();
  void shutdown.then(() => stopping.abort());
  const log = await openLog(flags.json ? "json" : "text", (line) => output.say(line));
  // Not as a message of its own: it may hold braces, which would be read as places to fill.
  const tell: Tell = (level, line) => log[level]("{line}", { line });
  const listening = listenAll(flags, credentials.apiTls, grants);
  if (!listening.ok) return fail(output, listening.message);
  const own = grants.createOwnMetrics(grants.version);
  const opened = await openMember(flags, credentials, seed, {
    ...grants,
    fetch: joinFetch,
    signal: stopping.signal,
    onSync: own.raftSync,
    onCommit: own.raftCommit,
    admitJoiner: makeAdmitJoiner(net),
    tell,
  });
  if (!opened.ok) {
    await closeAll(listening.listeners);
    return stopping.signal.aborted ? EXIT_DONE : fail(output, opened.detail);
  }
  const { member } = opened;
  const { apiToken, apiTls } = credentials;
  const history = await openHistory(flags, { ...grants, tell });
  const face = { bind: listening.bind, isTls: apiTls !== undefined };
  const ground = { member, own, net, face, history, apiToken, alertsConfig, tell };
  const parts = assemble(flags, ground, grants);
  listening.api.open(parts.api);
  listening.metrics.open(parts.metrics);
  logStart(flags, member, listening.listeners, grants.version, log);
  logSeed(flags.config, seed, member, log);
  parts.monitor.onVerdictChange((change) => logVerdict(log, change));
  const stopTelling = [
    follow(member.store, parts, grants, log),
    tellPeerTroubles(() => member.links.stats(), { ...grants, tell }),
    tellQuorum(() => member.node.status(), { ...grants, tell }),
    tellSelfDoubt(parts.selfDoubt, { tell }),
    logObservers(parts.observers, log),
  ];
  const read = {
    config: () => readSeed(flags.config, net, grants.readBytes),
    alerts: () => readAlerts(flags.alerts, net, grants),
  };
  onStarted(reloading(flags, read, { store: member.store, alerts: parts.alerts, log }));
  log.info("stopping on {signal}", { signal: await shutdown });
  for (const stopOne of stopTelling) stopOne();
  await stop(member, parts, listening.listeners);
  return EXIT_DONE;
}

/** Leadership goes to another while this one still answers, so that nobody waits for an election. */
async function stop(member: OpenMember, parts: Parts, listeners: readonly Open[]): Promise<void> {
  await member.node.handOver();
  await parts.close();
  await closeAll(listeners);
  await member.close();
}
