/**
 * Makes this monitor a member of its cluster: opens its data, founds or joins a cluster where there is none,
 * connects it to its peers, and puts the config store on top.
 */
import type { PeerTls, RaftStorage } from "../../bun/mod.ts";
import { askToJoin, ClusterNode, findCluster, type JoinGrants } from "../../cluster/mod.ts";
import type { Target } from "../../config/mod.ts";
import { type PeerCrypto, type PeerSockets, PeerTransport } from "../../peer/mod.ts";
import type { Clock, Random } from "../../port.ts";
import {
  isMember,
  type LogStorage,
  type RaftMember,
  SessionStateMachine,
  type StoredState,
} from "../../raft/mod.ts";
import {
  ClusterMachine,
  foundingState,
  type LogMember,
  MemoryLog,
  RaftAlertRecord,
  RaftConfigStore,
  STATE_FORMAT_VERSION,
} from "../../store/mod.ts";
import { formatBind } from "../bind.ts";
import { IN_MEMORY, type MonitorArguments } from "../monitor_flags.ts";
import type { Credentials } from "./credentials.ts";
import { founding, openExisting, type OpenStorage, randomName } from "./data_directory.ts";

export interface MemberGrants extends Pick<JoinGrants, "fetch" | "timers" | "signal"> {
  readonly clock: Clock;
  readonly random: Random;
  readonly openRaftStorage: OpenStorage;
  readonly createPeerSockets: (tls?: PeerTls) => PeerSockets;
  readonly peerCrypto: PeerCrypto;
  /** Seconds that the disk took for a batch of writes. */
  readonly onSync: (seconds: number) => void;
  /** Seconds from a write's arrival here to its outcome. */
  readonly onCommit: (seconds: number) => void;
  readonly tell: (level: "info" | "warning" | "error", line: string) => void;
}

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

export interface ExchangeListener {
  receive(from: string, bytes: Uint8Array): void;
  /** What was told to the peer before may be lost. */
  opened(peer: string): void;
}

export type OpenMemberResult =
  | { readonly ok: true; readonly member: OpenMember }
  | { readonly ok: false; readonly detail: string };

const LOOK_AGAIN_MS = 20;

/** What the data directory, or the lack of one, makes of this monitor. */
interface Standing {
  readonly id: string;
  readonly clusterId: string;
  readonly stored: StoredState;
  readonly storage: LogStorage;
  readonly close: () => Promise<void>;
  readonly isFounder: boolean;
}

type StandingResult =
  | { readonly ok: true; readonly standing: Standing }
  | { readonly ok: false; readonly detail: string };

/** `seed` is what a new cluster is to watch. */
export async function openMember(
  flags: MonitorArguments,
  credentials: Credentials,
  seed: readonly Target[],
  grants: MemberGrants,
): Promise<OpenMemberResult> {
  const sockets = makeSockets(credentials, grants);
  if (typeof sockets === "string") return { ok: false, detail: sockets };
  const found = await findStanding(flags, credentials, seed, grants);
  if (!found.ok) return found;
  const { standing } = found;
  const { id, clusterId, stored } = standing;
  const machine = new ClusterMachine();
  const host: Host = { node: undefined, exchange: undefined };
  const links = makeLinks(flags, credentials, standing, host, { ...grants, sockets });
  // Before it begins to decide anything.
  const listening = await links.listen(flags.raftBind);
  if (!listening.ok) {
    await links.close();
    await standing.close();
    return { ok: false, detail: whyNotListening(flags, listening.detail) };
  }
  const node = (host.node = new ClusterNode(
    { clusterId, id, address: addressOf(flags), stored },
    {
      storage: standing.storage,
      links,
      stateMachine: new SessionStateMachine(machine),
      clock: grants.clock,
      timers: grants.timers,
      random: grants.random,
      onHalt: (reason) => grants.tell("error", haltLine(reason)),
      // Who is not known to lead is no news by itself: elections take a moment.
      onRole: (_, term, leader) => {
        if (leader !== undefined) grants.tell("info", `raft: ${leader} leads in term ${term}`);
      },
      onRefused: onceEach((from, reason) => grants.tell("error", refusedLine(from, reason))),
    },
  ));
  const log = { member: timed(node.member, grants), timers: grants.timers };
  const store = new RaftConfigStore({ ...log, machine: machine.config });
  const alertRecord = new RaftAlertRecord({ ...log, machine: machine.alerts });
  const close = async () => {
    store.close();
    alertRecord.close();
    await node.handOver();
    node.stop();
    await links.close();
    await standing.close();
  };
  const exchangeWith = (listener: ExchangeListener) => {
    host.exchange = listener;
  };
  const { isFounder } = standing;
  const member = { node, links, store, alertRecord, isFounder, exchangeWith, close };
  const ready = await becomeMember(flags, credentials, member, grants);
  if (ready.ok) return { ok: true, member };
  await close();
  return ready;
}

/** Who is told what comes over the links, once there is one. */
interface Host {
  node: ClusterNode | undefined;
  exchange: ExchangeListener | undefined;
}

/** A text says why they cannot be made. */
function makeSockets(
  { peerTls }: Credentials,
  { createPeerSockets }: MemberGrants,
): PeerSockets | string {
  try {
    return createPeerSockets(peerTls);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `--peer-cert, --peer-key and --peer-ca do not go together, or cannot be read: ${why}`;
  }
}

function makeLinks(
  flags: MonitorArguments,
  { auth }: Credentials,
  { id, clusterId }: Standing,
  host: Host,
  { sockets, peerCrypto, timers, random }: MemberGrants & { readonly sockets: PeerSockets },
): PeerTransport {
  return new PeerTransport({
    sockets,
    crypto: peerCrypto,
    timers,
    random,
    id,
    clusterId,
    address: addressOf(flags),
    auth,
    stateFormat: STATE_FORMAT_VERSION,
    onMessage: (message) => host.node?.receive(message),
    onUnreachable: (peer) => host.node?.unreachable(peer),
    onExchange: (from, bytes) => host.exchange?.receive(from, bytes),
    onExchangeOpen: (peer) => host.exchange?.opened(peer),
  });
}

function whyNotListening({ raftBind }: MonitorArguments, detail: string): string {
  const why = detail.includes("EADDRINUSE") ? "the port is in use" : detail;
  return `cannot listen for peers on ${formatBind(raftBind)}: ${why}; choose another with --raft-bind`;
}

/** The member, with every proposal's time told. */
function timed(member: RaftMember, { clock, onCommit }: MemberGrants): LogMember {
  return {
    propose(data, done) {
      const startedMs = clock.monotonicMs();
      member.propose(data, (outcome) => {
        onCommit((clock.monotonicMs() - startedMs) / 1_000);
        done(outcome);
      });
    },
    read: (done) => member.read(done),
    status: () => member.status(),
  };
}

const MOST_REFUSALS_TOLD = 20;

/** Tells each pair once, and not more of them than anybody would read. */
function onceEach(tell: (from: string, reason: string) => void) {
  const told = new Set<string>();
  return (from: string, reason: string) => {
    const key = `${from} ${reason}`;
    if (told.has(key) || told.size >= MOST_REFUSALS_TOLD) return;
    told.add(key);
    tell(from, reason);
  };
}

function refusedLine(from: string, reason: string): string {
  return (
    `raft: what ${from} sent was refused: ${reason}. No correct member sends it: one of the two has ` +
    "lost data that it had promised to keep, or runs a version with a defect"
  );
}

function haltLine(reason: string): string {
  return (
    `raft: this monitor takes no further part in agreeing on the config: ${reason}. It goes on ` +
    "watching. Mend the disk and start it again, or replace it by a monitor with another --id"
  );
}

function addressOf({ raftBind, raftAdvertise }: MonitorArguments): string {
  return formatBind(raftAdvertise ?? raftBind);
}

async function findStanding(
  flags: MonitorArguments,
  credentials: Credentials,
  seed: readonly Target[],
  grants: MemberGrants,
): Promise<StandingResult> {
  const { datadir, id, join } = flags;
  if (datadir === IN_MEMORY) return { ok: true, standing: inMemory(flags, seed, grants) };
  const onCommit = ({ durationMs }: { readonly durationMs: number }) =>
    grants.onSync(durationMs / 1_000);
  const options = { directory: datadir, onCommit, ...(id !== undefined && { id }) };
  const opened = await openExisting(grants.openRaftStorage, options);
  if (opened.ok) return { ok: true, standing: standingOf(opened, opened.storage, false) };
  if (!opened.isMissing) return opened;
  const ownId = id ?? randomName("phi-", grants.random).slice(0, 12);
  if (join === undefined) {
    const clusterId = randomName("", grants.random);
    const first = founding(ownId, addressOf(flags), foundingState(seed));
    return create({ ...options, id: ownId, clusterId, firstSnapshot: first }, true, grants);
  }
  const cluster = await findCluster(joinTarget(join, credentials), joinGrants(grants));
  if (!cluster.ok) return cluster;
  const { clusterId, members } = cluster.answer;
  if (members.some((member) => member.id === ownId)) {
    const detail =
      `"${ownId}" is a member of that cluster already, and ${datadir} has none of its data: what it ` +
      "agreed to may be lost. Remove it (DELETE /cluster/members/ID), and take another --id here";
    return { ok: false, detail };
  }
  return create({ ...options, id: ownId, clusterId }, false, grants);
}

async function create(
  options: Parameters<OpenStorage>[0],
  isFounder: boolean,
  grants: MemberGrants,
): Promise<StandingResult> {
  const created = await grants.openRaftStorage(options);
  if (created.ok) return { ok: true, standing: standingOf(created, created.storage, isFounder) };
  return { ok: false, detail: `${created.error.detail}. ${created.error.remedy}` };
}

function standingOf(
  { id, clusterId, stored }: Pick<Standing, "id" | "clusterId" | "stored">,
  storage: RaftStorage,
  isFounder: boolean,
): Standing {
  return { id, clusterId, stored, storage, isFounder, close: () => storage.close() };
}

function inMemory(
  flags: MonitorArguments,
  seed: readonly Target[],
  { random }: MemberGrants,
): Standing {
  const id = flags.id ?? randomName("phi-", random).slice(0, 12);
  const log = new MemoryLog({ firstSnapshot: founding(id, addressOf(flags), foundingState(seed)) });
  const clusterId = randomName("", random);
  return { id, clusterId, ...log.open(), isFounder: true, close: () => Promise.resolve() };
}

/** One that has been told of no membership has yet to be let in. */
async function becomeMember(
  { join, raftBind, raftAdvertise }: MonitorArguments,
  credentials: Credentials,
  { node }: Pick<OpenMember, "node">,
  grants: MemberGrants,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly detail: string }> {
  const { membership, id } = node.member.status();
  if (isMember(membership, id) || membership.voters.length > 0) return { ok: true };
  if (join === undefined) {
    const detail =
      "it has not been let into its cluster yet: start it with --join as the first time";
    return { ok: false, detail };
  }
  const address = formatBind(raftAdvertise ?? raftBind);
  grants.tell("info", `asks ${join} to be let into the cluster, as ${id} at ${address}`);
  const asked = await askToJoin(joinTarget(join, credentials), { id, address }, joinGrants(grants));
  return asked.ok ? await untilTold(node, grants) : asked;
}

/** The cluster's first snapshot brings the config: until then there is nothing to watch, and nothing to show. */
async function untilTold(
  node: ClusterNode,
  { timers, signal }: MemberGrants,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly detail: string }> {
  while (node.member.status().appliedIndex === 0) {
    if (signal.aborted) return { ok: false, detail: "the joining was given up" };
    await new Promise<void>((resolve) => {
      timers.after(LOOK_AGAIN_MS, resolve);
    });
  }
  return { ok: true };
}

function joinTarget(join: string, { apiToken }: Credentials) {
  const url = /^https?:\/\//u.test(join) ? join : `http://${join}`;
  return { url, ...(apiToken !== undefined && { token: apiToken }) };
}

function joinGrants({ fetch, timers, signal, tell }: MemberGrants): JoinGrants {
  return { fetch, timers, signal, onTrouble: (detail) => tell("warning", `joining: ${detail}`) };
}
