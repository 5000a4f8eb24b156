/** Builds one monitor out of its parts, on a member of the cluster: the pipeline, the exposition, the API. Nothing starts to listen here. */
import { createApi, type ApiDeps, type OpenapiViewer, type PageParts } from "../api/mod.ts";
import type { ListenOptions, ListenResult } from "../bun/mod.ts";
import type { Alerts } from "../alert/mod.ts";
import type { AlertsConfig } from "../config/mod.ts";
import { createExposition, type Exposition, type OwnMetrics } from "../metrics/mod.ts";
import { httpProbeOptions, Monitor } from "../monitor/mod.ts";
import { Observers, SelfDoubt } from "../observers/mod.ts";
import type { Dial, FetchTrusting, ReadTextFile, Resolve } from "../port.ts";
import { HttpProber, type HttpProbeWorld } from "../probe/mod.ts";
import { isLoopback, type Bind } from "./bind.ts";
import { makeAlerts } from "./member/alerting.ts";
import type { MemberGrants } from "./member/grants.ts";
import type { OpenMember } from "./member/open_member.ts";
import { raftFactsOf } from "./member/raft_facts.ts";
import type { NetOptions } from "./net_options.ts";
import type { Output } from "./output.ts";
import type { MonitorArguments } from "./monitor_flags.ts";
import { makeSelfProber, type OwnFace, type SelfProber } from "./self_probe.ts";

export type Handler = (request: Request) => Promise<Response>;

/** Everything of the world that a monitor is granted. */
export interface MonitorGrants extends Omit<
  MemberGrants,
  "onSync" | "onCommit" | "tell" | "signal"
> {
  readonly dial: Dial;
  readonly resolve: Resolve;
  readonly readTextFile: ReadTextFile;
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
  readonly api: Handler;
  /** Ends the watching, and the streams of events. */
  readonly close: () => void;
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
  /** The bearer token that writes need. */
  readonly apiToken: string | undefined;
  /** Undefined for a monitor that tells nobody. */
  readonly alertsConfig: AlertsConfig | undefined;
  readonly tell: MemberGrants["tell"];
}

export function assemble(flags: MonitorArguments, ground: Ground, grants: MonitorGrants): Parts {
  const { member, net, apiToken } = ground;
  const { store, node } = member;
  // Before anybody else listens to the verdicts, so that its doubt is known when they speak of them.
  const { monitor, selfDoubt, selfProber } = makeMonitor(ground, grants);
  const observers = makeObservers(ground, { monitor, selfDoubt }, grants);
  const alerting = { ...grants, tell: ground.tell };
  const alerts = makeAlerts(ground.alertsConfig, { member, monitor, observers, net }, alerting);
  const exposition = makeExposition(flags, ground, { monitor, observers, alerts }, grants);
  const deps: ApiDeps = {
    store,
    monitor,
    selfDoubt,
    observers,
    alerts,
    exposition,
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
    close() {
      alerts.close();
      observers.close();
      selfDoubt.close();
      selfProber?.close();
      monitor.close();
      api.close();
    },
    api: (request) => api.fetch(request),
    metrics: (request) => metricsOnly(exposition, request),
  };
}

interface Watching {
  readonly monitor: Monitor;
  readonly selfDoubt: SelfDoubt;
  readonly selfProber: SelfProber | undefined;
}

/** The monitor, and its doubt of itself, which its own turns drive. */
function makeMonitor(
  { net: { policy, connectTo }, own, face }: Ground,
  grants: MonitorGrants,
): Watching {
  let selfProber: SelfProber | undefined;
  const monitor = new Monitor({
    clock: grants.clock,
    timers: grants.timers,
    random: grants.random,
    // None of them is called before the loop has turned, and then all is made.
    gauges: {
      eventLoopLag(seconds) {
        own.eventLoopLag(seconds);
        selfDoubt.turned();
      },
      scheduleLag(seconds) {
        own.scheduleLag(seconds);
        selfDoubt.sent(seconds * 1_000);
      },
    },
    makeProbers: (wheel, nowMs) => {
      const { dial, resolve, readTextFile } = grants;
      const world = { dial, resolve, readTextFile, wheel, nowMs };
      selfProber = makeSelfProber(face, world);
      const targetsWorld: HttpProbeWorld = {
        ...world,
        checkAddress: (hostName, ip, port) => policy.checkAddress(hostName, ip, port),
        connectTo,
      };
      return (target) => new HttpProber(httpProbeOptions(target), targetsWorld);
    },
  });
  const probeSelf: SelfProber["ask"] = (done) => selfProber?.ask(done);
  const selfDoubt = new SelfDoubt({ monitor, clock: grants.clock, probeSelf });
  return { monitor, selfDoubt, selfProber };
}

function makeObservers(
  { member, tell }: Ground,
  { monitor, selfDoubt }: Pick<Parts, "monitor" | "selfDoubt">,
  { clock, timers, random }: MonitorGrants,
): Observers {
  const { node, links } = member;
  const observers = new Observers({
    self: node.status().id,
    monitor,
    members: () => node.member.status().membership.voters.map(({ id }) => id),
    doubts: selfDoubt,
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
  { member: { store, node }, own }: Ground,
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
    raft: () => raftFactsOf(node),
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
