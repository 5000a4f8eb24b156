/** Builds one monitor out of its parts, on a member of the cluster: the pipeline, the exposition, the API. Nothing starts to listen here. */
import { createApi, type ApiDeps, type OpenapiViewer, type PageParts } from "../api/mod.ts";
import type { ListenOptions, ListenResult } from "../bun/mod.ts";
import type { Alerts } from "../alert/mod.ts";
import type { AlertsConfig } from "../config/mod.ts";
import type { Recorder } from "../history/mod.ts";
import {
  createExposition,
  type Exposition,
  type HistoryFacts,
  type OwnMetrics,
} from "../metrics/mod.ts";
import type { Monitor } from "../monitor/mod.ts";
import type { Observers, SelfDoubt } from "../observers/mod.ts";
import { isLoopback } from "../peer/mod.ts";
import type { Dial, FetchAt, FetchTrusting, ReadTextFile, Resolve } from "../port.ts";
import type { Bind } from "./bind.ts";
import type { HistoryGrants, OpenHistory } from "./open_history.ts";
import { makeAlerts } from "./member/alerting.ts";
import type { MemberGrants } from "./member/grants.ts";
import type { OpenMember } from "./member/open_member.ts";
import { raftFactsOf } from "./member/raft_facts.ts";
import { metricsFace } from "./metrics_face.ts";
import type { NetOptions } from "./net_options.ts";
import type { Output } from "./output.ts";
import type { MonitorArguments } from "./monitor_flags.ts";
import type { OwnFace } from "./self_probe.ts";
import { makeWatching } from "./watching.ts";

export type Handler = (request: Request) => Promise<Response>;

/** Everything of the world that a monitor is granted. */
export interface MonitorGrants extends Omit<
  MemberGrants,
  "onSync" | "onCommit" | "tell" | "signal" | "admitJoiner"
> {
  readonly openHistoryStorage: HistoryGrants["openHistoryStorage"];
  readonly dial: Dial;
  readonly resolve: Resolve;
  readonly readTextFile: ReadTextFile;
  readonly fetchAt: FetchAt;
  readonly fetchAtUnproxied: FetchAt;
  readonly fetchTrusting: FetchTrusting;
  readonly readBytes: (path: string) => Promise<Uint8Array>;
  readonly listen: (bind: Bind, handler: Handler, options?: ListenOptions) => ListenResult;
  readonly createOwnMetrics: (version: string) => OwnMetrics;
  readonly openFilesLimit: number;
  readonly page: PageParts;
  readonly openapiViewer: OpenapiViewer;
  readonly output: Output;
  readonly version: string;
  readonly shutdownRequested: (options: { readonly outlivesHangup: boolean }) => Promise<string>;
  readonly onHangup: (run: () => void) => void;
}

export interface Parts {
  readonly monitor: Monitor;
  readonly selfDoubt: SelfDoubt;
  readonly observers: Observers;
  readonly alerts: Alerts;
  /** Absent where nothing is remembered. To be started once the monitor watches. */
  readonly recorder?: Recorder;
  readonly api: Handler;
  /** Ends the watching, and the streams of events; what was seen last is kept. */
  readonly close: () => Promise<void>;
  /** /metrics alone. */
  readonly metrics: Handler;
}

/** What a monitor is built on. */
export interface Ground {
  readonly member: OpenMember;
  readonly own: OwnMetrics;
  readonly net: NetOptions;
  /** Where its API is served, which it asks itself over. */
  readonly face: OwnFace;
  /** Undefined where nothing is remembered. */
  readonly history: OpenHistory | undefined;
  /** The bearer token that writes need. */
  readonly apiToken: string | undefined;
  /** Undefined for a monitor that tells nobody. */
  readonly alertsConfig: AlertsConfig | undefined;
  readonly tell: MemberGrants["tell"];
}

export function assemble(flags: MonitorArguments, ground: Ground, grants: MonitorGrants): Parts {
  const { member, net, apiToken } = ground;
  const { store, node } = member;
  const watching = makeWatching(ground, grants);
  const { monitor, selfDoubt, observers, recorder } = watching;
  const alerting = { ...grants, tell: ground.tell };
  const alerts = makeAlerts(ground.alertsConfig, { member, monitor, observers, net }, alerting);
  const shown = { monitor, observers, alerts, recorder };
  const exposition = makeExposition(flags, ground, shown, grants);
  const deps: ApiDeps = {
    store,
    monitor,
    selfDoubt,
    observers,
    alerts,
    exposition,
    ...(recorder && { history: recorder }),
    cluster: node,
    checkTarget: (target) => net.policy.checkUrl(target.url, net.connectTo),
    clock: grants.clock,
    timers: grants.timers,
    version: grants.version,
    page: grants.page,
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
    selfDoubt,
    observers,
    alerts,
    ...(recorder && { recorder }),
    async close() {
      alerts.close();
      await watching.close();
      api.close();
    },
    api: (request) => api.fetch(request),
    metrics: metricsFace(exposition, flags.metricsBind),
  };
}

type Shown = Pick<Parts, "monitor" | "observers" | "alerts"> & {
  readonly recorder: Recorder | undefined;
};

function makeExposition(
  flags: MonitorArguments,
  { member: { store, node }, own }: Ground,
  { monitor, observers, alerts, recorder }: Shown,
  grants: MonitorGrants,
): Exposition {
  return createExposition({
    monitor,
    observers,
    own,
    timers: grants.timers,
    compat: flags.compatMetrics ?? false,
    alerts: () => alerts.facts(),
    configRevision: () => store.readLocal().revision,
    raft: () => raftFactsOf(node),
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

function describeBug(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
