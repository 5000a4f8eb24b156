/** The alerts of one monitor, on its member of the cluster, its observers and its config. */
import { Alerts, type AlertsWorld } from "../../alert/mod.ts";
import { formatRfc3339 } from "../../moment/mod.ts";
import type { AlertsConfig } from "../../config/mod.ts";
import type { Monitor } from "../../monitor/mod.ts";
import type { Observers } from "../../observers/mod.ts";
import type { ReadTextFile, Resolve } from "../../port.ts";
import { ALERT_FORMAT_VERSION } from "../../store/mod.ts";
import type { NetOptions } from "../net_options.ts";
import type { MemberGrants } from "./grants.ts";
import { olderMembers } from "./older_members.ts";
import type { OpenMember } from "./open_member.ts";

export interface AlertingGrants extends Pick<
  MemberGrants,
  "clock" | "timers" | "random" | "fetch" | "peerCrypto" | "tell"
> {
  readonly resolve: Resolve;
  readonly readTextFile: ReadTextFile;
}

export interface AlertingGround {
  readonly member: OpenMember;
  readonly monitor: Monitor;
  readonly observers: Observers;
  readonly net: NetOptions;
}

export function makeAlerts(
  config: AlertsConfig | undefined,
  { member, monitor, observers, net }: AlertingGround,
  grants: AlertingGrants,
): Alerts {
  const { node, store, alertRecord } = member;
  const { clock, timers, random, fetch, readTextFile, peerCrypto, tell, resolve } = grants;
  const startedMs = clock.monotonicMs();
  return new Alerts(config, {
    observers,
    record: alertRecord,
    targets: targetsOf(store),
    clusterId: node.status().clusterId,
    leadership: () => {
      const { role, term } = node.member.status();
      return role === "leader" ? String(term) : undefined;
    },
    isLeaderless: () => {
      const { standing, leader } = node.status();
      return standing === "member" && leader === null;
    },
    olderMembers: () => olderMembers(member, ALERT_FORMAT_VERSION, clock.monotonicMs() - startedMs),
    handOver: (to) => node.member.transferLeadership(to),
    clock,
    nowMs: () => monitor.nowMs(),
    timers,
    random,
    fetch,
    mayContact: (url) => mayContact(url, net, resolve),
    readTextFile,
    formatTime: formatRfc3339,
    hmacSha256: (key, parts) => peerCrypto.hmacSha256(key, parts),
    tell,
  });
}

function targetsOf(store: OpenMember["store"]): AlertsWorld["targets"] {
  return {
    names: () => store.readLocal().targets.keys(),
    labelsOf: (name) => store.readLocal().targets.get(name)?.target.labels,
    onGone: (listener) => store.subscribe(({ deleted }) => deleted.forEach(listener)),
  };
}

/**
 * A receiver's address is judged by the same policy as a target's, each time. All that its name stands for has to
 * be allowed, since the runtime looks the name up once more and takes any of it.
 */
async function mayContact(
  url: string,
  { policy }: NetOptions,
  resolve: Resolve,
): ReturnType<AlertsWorld["mayContact"]> {
  const allowed = policy.checkUrl(url);
  if (!allowed.ok) return allowed;
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/gu, "");
  const portNumber = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  const found = await resolve(host);
  if (!found.ok) return found;
  const checks = found.addresses.map(({ ip }) => policy.checkAddress(host, ip, portNumber));
  return checks.find(({ ok }) => !ok) ?? { ok: true };
}
