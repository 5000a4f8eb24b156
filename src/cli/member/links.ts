/** This monitor's links to its peers, listening, with the credentials that the flags name. */
import type { ClusterNode } from "../../cluster/mod.ts";
import { type PeerSockets, PeerTransport } from "../../peer/mod.ts";
import { STATE_FORMAT_VERSION } from "../../store/mod.ts";
import { formatBind } from "../bind.ts";
import type { MonitorArguments } from "../monitor_flags.ts";
import type { Credentials } from "./credentials.ts";
import type { MemberGrants } from "./grants.ts";
import { addressOf, type Origin } from "./origin.ts";

/** Who is told what comes over the links, once there is one. */
export interface Host {
  node: ClusterNode | undefined;
  exchange: ExchangeListener | undefined;
}

export interface ExchangeListener {
  receive(from: string, bytes: Uint8Array): void;
  /** What was told to the peer before may be lost. */
  opened(peer: string): void;
}

export type LinksResult =
  | { readonly ok: true; readonly links: PeerTransport }
  | { readonly ok: false; readonly detail: string };

/** A text says why they cannot be made. */
export function makeSockets(
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

/** Nothing stays open if they cannot listen. */
export async function openLinks(
  flags: MonitorArguments,
  { auth }: Credentials,
  { id, clusterId }: Origin,
  host: Host,
  grants: MemberGrants & { readonly sockets: PeerSockets },
): Promise<LinksResult> {
  const { sockets, peerCrypto, timers, random, admitJoiner } = grants;
  const links = new PeerTransport({
    sockets,
    crypto: peerCrypto,
    timers,
    random,
    admitJoiner,
    id,
    clusterId,
    address: addressOf(flags),
    auth,
    stateFormat: STATE_FORMAT_VERSION,
    onMessages: (messages) => host.node?.receive(messages),
    onUnreachable: (peer) => host.node?.unreachable(peer),
    onRemoved: () => host.node?.removed(),
    onExchange: (from, bytes) => host.exchange?.receive(from, bytes),
    onExchangeOpen: (peer) => host.exchange?.opened(peer),
  });
  const listening = await links.listen(flags.raftBind);
  if (listening.ok) return { ok: true, links };
  await links.close();
  return { ok: false, detail: cannotListen(flags, listening.detail) };
}

/**
 * Why it will not be able to listen for peers, if so: takes the port and gives it back. Who is known here before
 * anything is written has founded no cluster, with which the next start would go on.
 */
export async function whyNoPeerPort(
  flags: MonitorArguments,
  sockets: PeerSockets,
): Promise<string | undefined> {
  const taken = await sockets.listen(flags.raftBind, (socket) => {
    // There is nobody yet to talk to. Its peer dials again.
    socket.destroy();
    return { onOpen: ignore, onData: ignore, onDrain: ignore, onClose: ignore };
  });
  if (!taken.ok) return cannotListen(flags, taken.detail);
  await taken.listener.close();
  return undefined;
}

function ignore(): void {}

function cannotListen({ raftBind }: MonitorArguments, detail: string): string {
  const why = detail.includes("EADDRINUSE") ? "the port is in use" : detail;
  return `cannot listen for peers on ${formatBind(raftBind)}: ${why}; choose another with --raft-bind`;
}
