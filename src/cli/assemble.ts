/** Builds one monitor out of its parts, on a member of the cluster: the pipeline, the exposition, the API. Nothing starts to listen here. */
import { createApi, type ApiDeps, type OpenapiViewer } from "../api/mod.ts";
import type { ListenOptions, ListenResult } from "../bun/mod.ts";
import type { Alerts } from "../alert/mod.ts";
import type { AlertsConfig } from "../config/mod.ts";
import { createExposition, type Exposition, type OwnMetrics } from "../metrics/mod.ts";
import { httpProbeOptions, Monitor } from "../monitor/mod.ts";
import { NO_DOUBTS, Observers } from "../observers/mod.ts";
import type { Dial, ReadTextFile, Resolve } from "../port.ts";
import { HttpProber } from "../probe/mod.ts";
import { isLoopback, type Bind } from "./bind.ts";
import { makeAlerts } from "./member/alerting.ts";
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
  readonly observers: Observers;
  readonly alerts: Alerts;
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
  /** The bearer token that writes need. */
  readonly apiToken: string | undefined;
  /** Undefined for a monitor that tells nobody. */
  readonly alertsConfig: AlertsConfig | undefined;
  readonly tell: MemberGrants["tell"];
}

export function assemble(flags: MonitorArguments, ground: Ground, grants: MonitorGrants): Parts {
  const { member, own, net, apiToken } = ground;
  const { store, node } = member;
  const monitor = makeMonitor(net, own, grants);
  const observers = makeObservers(ground, monitor, grants);
  const alerting = { ...grants, tell: ground.tell };
  const alerts = makeAlerts(ground.alertsConfig, { member, monitor, observers, net }, alerting);
  const exposition = makeExposition(flags, ground, { monitor, observers, alerts }, grants);
  const deps: ApiDeps = {
    store,
    monitor,
    observers,
    alerts,
    exposition,
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
    observers,
    alerts,
    api: (request) => api.fetch(request),
    closeApi: () => api.close(),
    metrics: (request) => metricsOnly(exposition, request),
  };
}

function makeMonitor(net: NetOptions, own: OwnMetrics, grants: MonitorGrants): Monitor {
  const { policy, connectTo } = net;
  return new Monitor({
    clock: grants.clock,
    timers: grants.timers,
    random: grants.random,
    gauges: own,
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

function makeObservers(
  { member, tell }: Ground,
  monitor: Monitor,
  { clock, timers, random }: MonitorGrants,
): Observers {
  const { node, links } = member;
  const observers = new Observers({
    self: node.status().id,
    monitor,
    members: () => node.member.status().membership.voters.map(({ id }) => id),
    doubts: NO_DOUBTS,
    wire: links,
    clock,
    timers,
    run: Math.floor(random() * 2 ** 32),
    onUnreadable: (peer, why) => tell("warning", `what ${peer} sees is not counted: ${why}`),
  });
  member.exchangeWith(observers);
  return observers;
}

function makeExposition(
  flags: MonitorArguments,
  { member: { store, node, links }, own }: Ground,
  { monitor, observers, alerts }: Pick<Parts, "monitor" | "observers" | "alerts">,
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
    raft: () => raftFactsOf(node, links),
  });
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
