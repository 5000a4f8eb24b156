/** The alerts of one monitor, on its member of the cluster, its observers and its config. */
import { Alerts, type AlertsWorld } from "../../alert/mod.ts";
import type { ClusterView } from "../../cluster/mod.ts";
import { formatRfc3339 } from "../../moment/mod.ts";
import type { AlertsConfig } from "../../config/mod.ts";
import type { Monitor } from "../../monitor/mod.ts";
import { allowedAmong } from "../../net_policy/mod.ts";
import type { Observers } from "../../observers/mod.ts";
import type { FetchAt, ReadTextFile, Resolve } from "../../port.ts";
import { ALERT_FORMAT_VERSION } from "../../store/mod.ts";
import type { NetOptions } from "../net_options.ts";
import type { MemberGrants } from "./grants.ts";
import { olderMembers } from "./older_members.ts";
import type { OpenMember } from "./open_member.ts";

export interface AlertingGrants extends Pick<
  MemberGrants,
  "clock" | "timers" | "random" | "peerCrypto" | "tell"
> {
  readonly fetchAt: FetchAt;
  /** Asks no proxy, whatever the environment says. */
  readonly fetchAtUnproxied: FetchAt;
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
  const { clock, timers, random, readTextFile, peerCrypto, tell, resolve } = grants;
  const startedMs = clock.monotonicMs();
  return new Alerts(config, {
    observers,
    record: alertRecord,
    targets: targetsOf(store),
    clusterId: node.status().clusterId,
    ...leadingOf(node),
    olderMembers: () => olderMembers(member, ALERT_FORMAT_VERSION, clock.monotonicMs() - startedMs),
    handOver: (to) => node.member.transferLeadership(to),
    clock,
    nowMs: () => monitor.nowMs(),
    timers,
    random,
    fetchAt: chooseFetchAt(net, grants),
    addressesOf: makeAddressesOf(net, resolve),
    readTextFile,
    formatTime: formatRfc3339,
    hmacSha256: (key, parts) => peerCrypto.hmacSha256(key, parts),
    tell,
  });
}

/** By the cluster's view, in which one that is halted neither leads nor knows a leader, whatever its log said last. */
export function leadingOf(
  node: Pick<ClusterView, "status">,
): Pick<AlertsWorld, "leadership" | "isLeaderless"> {
  return {
    leadership: () => {
      const { role, term } = node.status();
      return role === "leader" ? String(term) : undefined;
    },
    isLeaderless: () => {
      const { standing, leader } = node.status();
      return standing === "member" && leader === null;
    },
  };
}

function targetsOf(store: OpenMember["store"]): AlertsWorld["targets"] {
  return {
    names: () => store.readLocal().targets.keys(),
    labelsOf: (name) => store.readLocal().targets.get(name)?.target.labels,
    onGone: (listener) => store.subscribe(({ deleted }) => deleted.forEach(listener)),
  };
}

/** Where a list says what may be contacted, a proxy is not: whoever asks one connects to what nobody has judged. */
export function chooseFetchAt(
  { policy }: Pick<NetOptions, "policy">,
  { fetchAt, fetchAtUnproxied }: Pick<AlertingGrants, "fetchAt" | "fetchAtUnproxied">,
): FetchAt {
  return policy.hasRules ? fetchAtUnproxied : fetchAt;
}

/**
 * A receiver's address is judged by the same policy as a target's, each time. What its name stands for is looked
 * up here alone: the connection is made to one of the addresses that this gives, so that a name that changes in
 * between gains nothing. Each time the same URL is asked for, another of them is the first, so that one that is mute
 * does not keep the others from ever being tried.
 */
export function makeAddressesOf(
  { policy }: Pick<NetOptions, "policy">,
  resolve: Resolve,
): AlertsWorld["addressesOf"] {
  /** By URL: of those that are asked for in turn each would else begin with the same again and again. */
  const turns = new Map<string, number>();
  return async (url) => {
    const allowed = policy.checkUrl(url);
    if (!allowed.ok) return allowed;
    const { hostname, port, protocol } = new URL(url);
    const host = hostname.replace(/^\[|\]$/gu, "");
    const portNumber = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
    const found = await resolve(host);
    if (!found.ok) return found;
    const among = found.addresses.map(({ ip }) => ip);
    const judged = allowedAmong(among, (ip) => policy.checkAddress(host, ip, portNumber));
    if (!judged.ok) return judged;
    const { ips } = judged;
    const turn = turns.get(url) ?? 0;
    turns.set(url, turn + 1);
    const first = turn % ips.length;
    return { ok: true, ips: [...ips.slice(first), ...ips.slice(0, first)] };
  };
}
