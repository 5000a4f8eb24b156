/** Where a monitor is asked: its API, and /metrics alone where that is wanted. All of it listens, or none. */
import type { Listener, TlsPair } from "../bun/mod.ts";
import type { MonitorGrants } from "./assemble.ts";
import type { Bind } from "./bind.ts";
import { Front } from "./front.ts";
import type { MonitorArguments } from "./monitor_flags.ts";

export interface Open {
  readonly what: string;
  readonly bind: Bind;
  readonly listener: Listener;
}

export type ListenersResult =
  | {
      readonly ok: true;
      readonly listeners: readonly Open[];
      /** Where the API is served. */
      readonly bind: Bind;
      readonly api: Front;
      readonly metrics: Front;
    }
  | { readonly ok: false; readonly message: string };

/** All listeners or none. */
export function listenAll(
  flags: MonitorArguments,
  tls: TlsPair | undefined,
  grants: MonitorGrants,
): ListenersResult {
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
  return { ok: true, listeners, bind: listeners[0]!.bind, api, metrics };
}

export async function closeAll(listeners: readonly Open[]): Promise<void> {
  await Promise.all(listeners.map(({ listener }) => listener.stop()));
}
