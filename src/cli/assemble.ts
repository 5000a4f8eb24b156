/** Builds one monitor out of its parts, on a member of the cluster: the pipeline, the exposition, the API. Nothing starts to listen here. */
import { createApi, type ApiDeps, type OpenapiViewer } from "../api/mod.ts";
import type { ListenOptions, ListenResult } from "../bun/mod.ts";
import { Recorder } from "../history/mod.ts";
import {
  createExposition,
  type Exposition,
  type HistoryFacts,
  type OwnMetrics,
} from "../metrics/mod.ts";
import { httpProbeOptions, Monitor } from "../monitor/mod.ts";
import type { Dial, ReadTextFile, Resolve } from "../port.ts";
import { HttpProber } from "../probe/mod.ts";
import { isLoopback, type Bind } from "./bind.ts";
import type { HistoryGrants, OpenHistory } from "./history.ts";
import type { MemberGrants, OpenMember } from "./member/open_member.ts";
import { raftFactsOf } from "./member/raft_facts.ts";
import type { NetOptions } from "./net_options.ts";
import type { Output } from "./output.ts";
import type { MonitorArguments } from "./monitor_flags.ts";

export type Handler = (request: Request) => Promise<Response>;

/** Everything of the world that a monitor is granted. */
export interface MonitorGrants extends Omit<
  MemberGrants,
  "onSync" | "onCommit" | "tell" | "signal"
> {
  readonly openHistoryStorage: HistoryGrants["openHistoryStorage"];
  readonly dial: Dial;
  readonly resolve: Resolve;
  readonly readTextFile: ReadTextFile;
  readonly readBytes: (path: string) => Promise<Uint8Array>;
  readonly listen: (bind: Bind, handler: Handler, options?: ListenOptions) => ListenResult;
  readonly createOwnMetrics: (version: string) => OwnMetrics;
  readonly openFilesLimit: number;
  readonly openapiViewer: OpenapiViewer;
  readonly output: Output;
  readonly version: string;
  readonly shutdownRequested: (options: { readonly outlivesHangup: boolean }) => Promise<string>;
  readonly onHangup: (run: () => void) => void;
}

export interface Parts {
  readonly monitor: Monitor;
  /** Absent where nothing is remembered. To be started once the monitor watches. */
  readonly recorder?: Recorder;
  readonly api: Handler;
  /** Ends the streams of events. */
  readonly closeApi: () => void;
  /** /metrics alone. */
  readonly metrics: Handler;
}

/** What a monitor is built on. */
export interface Ground {
  readonly member: OpenMember;
  readonly own: OwnMetrics;
  readonly net: NetOptions;
  readonly history: OpenHistory | undefined;
  readonly tell: HistoryGrants["tell"];
  /** The bearer token that writes need. */
  readonly apiToken: string | undefined;
}

export function assemble(flags: MonitorArguments, ground: Ground, grants: MonitorGrants): Parts {
  const { member, net, apiToken } = ground;
  const { store, node } = member;
  const monitor = makeMonitor(ground, grants);
  const recorder = makeRecorder(ground, monitor, grants);
  const exposition = makeExposition(flags, ground, { monitor, recorder }, grants);
  const deps: ApiDeps = {
    store,
    monitor,
    exposition,
    ...(recorder && { history: recorder }),
    cluster: node,
    checkTarget: (target) => net.policy.checkUrl(target.url, net.connectTo),
    clock: grants.clock,
    timers: grants.timers,
    version: grants.version,
    openapiViewer: grants.openapiViewer,
    reportBug: (error) => grants.output.say(`phi: a bug: ${describeBug(error)}`),
    observer: node.status().id,
  };
  // Whoever is only to be reached from this machine has no other name: a web page that points a name of
  // its own at this address is refused.
  const isPrivate = isLoopback(flags.httpBind.host);
  const api = createApi(deps, { writeToken: apiToken, ...(isPrivate && { allowedHosts: [] }) });
  return {
    monitor,
    ...(recorder && { recorder }),
    api: (request) => api.fetch(request),
    closeApi: () => api.close(),
    metrics: (request) => metricsOnly(exposition, request),
  };
}

function makeMonitor({ net, own, history }: Ground, grants: MonitorGrants): Monitor {
  const { policy, connectTo } = net;
  return new Monitor({
    clock: grants.clock,
    timers: grants.timers,
    random: grants.random,
    gauges: own,
    ...(history && { recall: history.recall }),
    makeProbers: (wheel, nowMs) => {
      const world = {
        dial: grants.dial,
        resolve: grants.resolve,
        readTextFile: grants.readTextFile,
        checkAddress: (hostName: string, ip: string, port: number) =>
          policy.checkAddress(hostName, ip, port),
        connectTo,
        wheel,
        nowMs,
      };
      return (target) => new HttpProber(httpProbeOptions(target), world);
    },
  });
}

function makeRecorder(
  { history, tell }: Ground,
  monitor: Monitor,
  { clock, timers }: MonitorGrants,
): Recorder | undefined {
  if (history === undefined) return undefined;
  return new Recorder({ monitor, storage: history.storage, clock, timers, tell });
}

function makeExposition(
  flags: MonitorArguments,
  { member: { store, node, links }, own }: Ground,
  { monitor, recorder }: { readonly monitor: Monitor; readonly recorder: Recorder | undefined },
  grants: MonitorGrants,
): Exposition {
  return createExposition({
    monitor,
    own,
    timers: grants.timers,
    compat: flags.compatMetrics ?? false,
    configRevision: () => store.readLocal().revision,
    raft: () => raftFactsOf(node, links),
    ...(recorder && { history: () => historyFactsOf(recorder, monitor) }),
  });
}

function historyFactsOf(recorder: Recorder, monitor: Monitor): HistoryFacts {
  const { keptCount, droppedCount } = recorder.stats;
  return {
    keptRecords: keptCount,
    droppedRecords: droppedCount,
    sizeBytes: recorder.sizeBytes,
    restoredTargets: monitor.recalledCount,
  };
}

async function metricsOnly(exposition: Exposition, request: Request): Promise<Response> {
  if (new URL(request.url).pathname !== "/metrics") {
    return new Response("Only /metrics is here.\n", { status: 404 });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Use GET.\n", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  return exposition.respond(request);
}

function describeBug(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
