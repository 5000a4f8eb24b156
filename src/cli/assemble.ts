/** Builds one monitor out of its parts: the store, the pipeline, the exposition, the API. Nothing starts to listen here. */
import { createApi, type OpenapiViewer } from "../api/mod.ts";
import type { ListenResult } from "../bun/mod.ts";
import { createExposition, type Exposition, type OwnMetrics } from "../metrics/mod.ts";
import { httpProbeOptions, Monitor } from "../monitor/mod.ts";
import type { Clock, Dial, Random, ReadTextFile, Resolve, Timers } from "../port.ts";
import { HttpProber } from "../probe/mod.ts";
import { MemoryConfigStore, type ConfigStore } from "../store/mod.ts";
import type { Bind } from "./bind.ts";
import type { NetOptions } from "./net_options.ts";
import type { Output } from "./output.ts";
import type { MonitorArguments } from "./program.ts";

export type Handler = (request: Request) => Promise<Response>;

/** Everything of the world that a monitor is granted. */
export interface MonitorGrants {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly dial: Dial;
  readonly resolve: Resolve;
  readonly readTextFile: ReadTextFile;
  readonly readBytes: (path: string) => Promise<Uint8Array>;
  readonly listen: (bind: Bind, handler: Handler) => ListenResult;
  readonly createOwnMetrics: (version: string) => OwnMetrics;
  readonly openapiViewer: OpenapiViewer;
  readonly output: Output;
  readonly version: string;
  readonly shutdownRequested: () => Promise<string>;
}

export interface Parts {
  readonly store: ConfigStore;
  readonly monitor: Monitor;
  readonly api: Handler;
  /** /metrics alone. */
  readonly metrics: Handler;
}

export function assemble(flags: MonitorArguments, net: NetOptions, grants: MonitorGrants): Parts {
  const store = new MemoryConfigStore();
  const own = grants.createOwnMetrics(grants.version);
  const monitor = makeMonitor(net, own, grants);
  const exposition = makeExposition(flags, store, monitor, own, grants);
  const api = createApi({
    store,
    monitor,
    exposition,
    checkTarget: (target) => net.policy.checkUrl(target.url, net.connectTo),
    clock: grants.clock,
    timers: grants.timers,
    version: grants.version,
    openapiViewer: grants.openapiViewer,
  });
  return {
    store,
    monitor,
    api: (request) => api.fetch(request),
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
