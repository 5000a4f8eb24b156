/**
 * Makes this monitor a member of its cluster: opens what it begins from, connects it to its peers, puts the
 * config store on top, and has it let in where it is new.
 */
import { ClusterNode } from "../../cluster/mod.ts";
import type { PeerTransport } from "../../peer/mod.ts";
import { SessionStateMachine } from "../../raft/mod.ts";
import {
  ClusterMachine,
  RaftAlertRecord,
  RaftConfigStore,
  STATE_FORMAT_VERSION,
} from "../../store/mod.ts";
import type { ConfigFileResult } from "../config_file.ts";
import type { MonitorArguments } from "../monitor_flags.ts";
import type { Credentials } from "./credentials.ts";
import type { MemberGrants } from "./grants.ts";
import { becomeMember } from "./join.ts";
import {
  type ExchangeListener,
  type Host,
  makeSockets,
  openLinks,
  whyNoPeerPort,
} from "./links.ts";
import { olderMembers } from "./older_members.ts";
import { addressOf, findOrigin, type Origin } from "./origin.ts";
import { logMember } from "./log_member.ts";
import { raftNews } from "./raft_news.ts";

export interface OpenMember {
  readonly node: ClusterNode;
  readonly links: PeerTransport;
  readonly store: RaftConfigStore;
  readonly alertRecord: RaftAlertRecord;
  /** Whether it has just founded its cluster, with the config that was given. */
  readonly isFounder: boolean;
  /** From now on this one hears what the others exchange beside the log. */
  exchangeWith(listener: ExchangeListener): void;
  /** Hands leadership over, and ends what was opened. */
  close(): Promise<void>;
}

export type OpenMemberResult =
  | { readonly ok: true; readonly member: OpenMember }
  | { readonly ok: false; readonly detail: string };

/** `seed` is what a new cluster is to watch. */
export async function openMember(
  flags: MonitorArguments,
  credentials: Credentials,
  seed: ConfigFileResult,
  grants: MemberGrants,
): Promise<OpenMemberResult> {
  const sockets = makeSockets(credentials, grants);
  if (typeof sockets === "string") return { ok: false, detail: sockets };
  const noPort = await whyNoPeerPort(flags, sockets);
  if (noPort !== undefined) return { ok: false, detail: noPort };
  const found = await findOrigin(flags, credentials, seed, grants);
  if (!found.ok) return found;
  const { origin } = found;
  const host: Host = { node: undefined, exchange: undefined };
  // Before it begins to decide anything.
  const opened = await openLinks(flags, credentials, origin, host, { ...grants, sockets });
  if (!opened.ok) {
    await origin.close();
    return opened;
  }
  const address = addressOf(flags);
  const member = begin(origin, address, opened.links, host, grants);
  const ready = await becomeMember(flags, address, credentials, member.node, grants);
  if (ready.ok) return { ok: true, member };
  await member.close();
  return ready;
}

/** From here on it takes part. */
function begin(
  { id, clusterId, stored, storage, isFounder, close: closeStorage }: Origin,
  address: string,
  links: PeerTransport,
  host: Host,
  grants: MemberGrants,
): OpenMember {
  const { clock, timers, random, tell } = grants;
  const machine = new ClusterMachine();
  const stateMachine = new SessionStateMachine(machine);
  const node = new ClusterNode(
    { clusterId, id, address, stored },
    { storage, links, stateMachine, clock, timers, random, ...raftNews(tell) },
  );
  host.node = node;
  const log = { member: logMember(node, grants), timers };
  const startedMs = clock.monotonicMs();
  const store = new RaftConfigStore({
    ...log,
    machine: machine.config,
    olderMembers: () =>
      olderMembers({ node, links }, STATE_FORMAT_VERSION, clock.monotonicMs() - startedMs),
  });
  const alertRecord = new RaftAlertRecord({ ...log, machine: machine.alerts });
  const close = async () => {
    store.close();
    alertRecord.close();
    await node.handOver();
    node.stop();
    await links.close();
    await closeStorage();
  };
  const exchangeWith = (listener: ExchangeListener) => {
    host.exchange = listener;
  };
  return { node, links, store, alertRecord, isFounder, exchangeWith, close };
}
