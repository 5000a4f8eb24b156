/**
 * How monitors reach each other: a `Transport` for Raft over authenticated connections. It keeps one
 * connection to each peer for what this monitor has to say, takes theirs, and sends snapshots by
 * connections of their own. It delivers a message only from the peer that proved to be its sender.
 */
import {
  encodeMessage,
  isNodeId,
  type Message,
  type MessageOf,
  type NodeId,
  type Transport,
} from "../raft/mod.ts";
import { isLoopback, parsePeerAddress } from "./address.ts";
import { checkAuth, type PeerAuth } from "./auth.ts";
import type { PeerContext, PeerWorld } from "./dialler.ts";
import type { Self, Session } from "./handshake.ts";
import { FIRST_STATE_FORMAT, MAX_CLUSTER_ID_BYTES } from "./hello.ts";
import type { Channel, ChannelEnd } from "./channel.ts";
import { Inbound } from "./inbound.ts";
import { completeLimits, type PeerLimits } from "./limits.ts";
import { PeerLinks } from "./peer_links.ts";
import type {
  AdmitAddresses,
  PeerAddress,
  PeerListener,
  PeerListenResult,
} from "./peer_sockets.ts";
import { noCounts, type PeerTransportStats } from "./peer_stats.ts";
import { SnapshotSender } from "./snapshot_sender.ts";
import { Verification, type VerifyResult } from "./verification.ts";
import { checkVersions, PEER_VERSIONS, type PeerVersions } from "./versions.ts";

export interface PeerTransportOptions extends PeerWorld {
  readonly id: NodeId;
  /** Undefined for a monitor that has yet to join; `joined()` tells it then. At most 128 bytes. */
  readonly clusterId: string | undefined;
  /** Where its peers reach this monitor, `HOST:PORT`. Default: where it listens. */
  readonly address?: string;
  readonly auth: PeerAuth;
  /** From a peer, to this monitor; several that came in one frame. Not checked otherwise. */
  readonly onMessages: (messages: readonly Message[]) => void;
  /** A dial failed, or the connection to a peer broke. Never called within another call. */
  readonly onUnreachable: (peer: NodeId) => void;
  /**
   * A peer says that this monitor was removed from the cluster for good, and has proved that it is the peer,
   * as far as `auth` proves anything. Said again with each dial.
   */
  readonly onRemoved?: (by: NodeId) => void;
  /** Bytes that a peer gave to `exchange` or `broadcast`. */
  readonly onExchange?: (from: NodeId, bytes: Uint8Array) => void;
  /**
   * A connection to the peer stands, or takes more again after it took too little: what is given to `exchange`
   * and `broadcast` from now on reaches it whole and in order, until this is called again. What was given
   * before may be lost. Never called within another call.
   */
  readonly onExchangeOpen?: (peer: NodeId) => void;
  /**
   * Where a monitor that is no peer yet may be: anybody who may write says that there is one. Peers have
   * proved who they are, and are looked for wherever they are.
   */
  readonly admitJoiner: AdmitAddresses;
  /** The latest format of the replicated state that this monitor reads, which its peers are told. Default 1. */
  readonly stateFormat?: number;
  /** For tests that play a monitor of another version. */
  readonly versions?: PeerVersions;
  readonly limits?: Partial<PeerLimits>;
}

export class PeerTransport implements Transport {
  readonly #options: PeerTransportOptions;
  readonly #context: PeerContext;
  readonly #inbound: Inbound;
  #clusterId: string;
  #address: string;
  readonly #links: PeerLinks;
  readonly #snapshots = new Map<SnapshotSender, (ok: boolean) => void>();
  readonly #verifications = new Set<Verification>();
  #listener: PeerListener | undefined;
  #cancelSweep: (() => void) | undefined;
  #isClosed = false;
  #droppedMessages = 0;
  #refusedMessages = 0;
  #refusedConnections = 0;
  #lastRefusal: string | undefined;

  /** Throws `RangeError` for options that cannot work. */
  constructor(options: PeerTransportOptions) {
    checkOptions(options);
    const { auth, sockets, crypto, timers, random, onExchange, onUnreachable } = options;
    this.#options = options;
    this.#clusterId = options.clusterId ?? "";
    this.#address = options.address ?? "";
    this.#context = {
      auth,
      world: { sockets, crypto, timers, random },
      limits: completeLimits(options.limits),
      self: () => this.#self(),
    };
    this.#links = new PeerLinks(this.#context, {
      isHeard: (peer) => this.#inbound.has(peer),
      onUnreachable,
      onRemoved: (by) => options.onRemoved?.(by),
      onExchangeOpen: (peer) => options.onExchangeOpen?.(peer),
    });
    this.#inbound = new Inbound(this.#context, {
      admit: (hello) => this.#links.admit(hello),
      onSession: (channel, session) => this.#onSession(channel, session),
      onMessages: (messages) => this.#onMessages(messages),
      onExchange: (from, bytes) => onExchange?.(from, bytes),
      onRefusedMessage: () => this.#refusedMessages++,
      onUnproved: (end) => this.#onUnproved(end),
    });
    this.#sweepLater();
  }

  /**
   * Takes connections at `address`. Never rejects. Without authentication only on the loopback. To be
   * called once; the listener is closed by `close()`.
   */
  async listen(address: PeerAddress): Promise<PeerListenResult> {
    if (this.#options.auth.mode === "none" && !isLoopback(address.host)) {
      const detail = `peers beyond the loopback need mutual TLS or a cluster secret, at ${address.host}`;
      return { ok: false, detail };
    }
    const result = await this.#context.world.sockets.listen(address, (socket) =>
      this.#inbound.accept(socket),
    );
    if (!result.ok) return result;
    this.#listener = result.listener;
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    if (this.#address === "") this.#address = `${host}:${result.listener.port}`;
    if (this.#isClosed) await result.listener.close();
    return result;
  }

  /** The cluster that this monitor belongs to now. */
  joined(clusterId: string): void {
    checkClusterId(clusterId);
    this.#clusterId = clusterId;
  }

  /**
   * Who the members are, as `HOST:PORT` by id; this monitor may be among them. `membershipIndex` is the
   * log index that says so, and is told to the others: it decides which of two monitors with different
   * memberships knows more. `committedIndex` is that of the latest membership that is committed, where the
   * one in force is not: this monitor knows for good no more than that. No members at index 0 are those of a
   * monitor that has yet to hear of any.
   */
  setPeers(
    peers: ReadonlyMap<NodeId, string>,
    membershipIndex = 0,
    committedIndex = membershipIndex,
  ): void {
    if (this.#isClosed) return;
    const lost = this.#links.setPeers(peers, membershipIndex, committedIndex);
    for (const sender of this.#snapshots.keys()) {
      if (lost.includes(sender.peer)) this.#endSnapshot(sender, false);
    }
    this.#inbound.readmit();
  }

  /**
   * Who was a member and never will be again, as a committed membership says: they are told so, and conclude
   * that it is over for them. Replaces what was said before.
   */
  setRemoved(removed: readonly NodeId[]): void {
    if (this.#isClosed) return;
    this.#links.setRemoved(removed);
    this.#inbound.readmit();
  }

  isConnected(peer: NodeId): boolean {
    return this.#links.get(peer)?.isConnected ?? false;
  }

  /** Where a peer is that was not found where it should be: it says so, and there is a connection to it there. */
  movedTo(peer: NodeId): string | undefined {
    return this.#links.movedTo(peer);
  }

  send(message: Message): void {
    const link = this.#links.get(message.to);
    const bytes = link === undefined ? undefined : encoded(message);
    if (link === undefined || bytes === undefined) this.#droppedMessages++;
    else link.send(bytes);
  }

  flush(): void {
    this.#links.flush();
  }

  sendSnapshot(message: MessageOf<"installSnapshot">, done: (ok: boolean) => void): void {
    const link = this.#links.get(message.to);
    const bytes = link === undefined || this.#isClosed ? undefined : encoded(message);
    if (link === undefined || bytes === undefined) return queueMicrotask(() => done(false));
    const sender: SnapshotSender = new SnapshotSender(this.#context, {
      peer: message.to,
      address: link.address,
      message: bytes,
      counts: this.#links.countsOf(message.to) ?? noCounts(),
      onEnd: (ok) => this.#endSnapshot(sender, ok),
    });
    this.#snapshots.set(sender, done);
  }

  /**
   * Gives a peer these bytes, after those before, as soon as it takes them; see `onExchangeOpen`. They are kept
   * until then, not copied. At most `maxMessageBytes`, over which a `RangeError` is thrown.
   */
  exchange(peer: NodeId, bytes: Uint8Array): void {
    this.#checkExchange(bytes);
    this.#links.get(peer)?.exchange(bytes);
  }

  /** As `exchange`, to all peers. */
  broadcast(bytes: Uint8Array): void {
    this.#checkExchange(bytes);
    for (const link of this.#links.all()) link.exchange(bytes);
  }

  /**
   * Whether a monitor that has the cluster's credentials, and is `id`, answers at `address`. Never rejects,
   * and takes as long as a handshake may.
   */
  async verify(id: NodeId, address: string): Promise<VerifyResult> {
    if (this.#isClosed) return { ok: false, detail: "this monitor is being stopped" };
    if (!isNodeId(id)) return { ok: false, detail: `${JSON.stringify(id)} is not an id` };
    const verification = new Verification(this.#context, id, address, this.#options.admitJoiner);
    this.#verifications.add(verification);
    const result = await verification.result;
    this.#verifications.delete(verification);
    return result;
  }

  stats(): PeerTransportStats {
    return {
      peers: this.#links.stats(),
      droppedMessages: this.#droppedMessages,
      refusedMessages: this.#refusedMessages,
      refusedConnections: this.#refusedConnections,
      lastRefusal: this.#lastRefusal,
      unprovedConnections: this.#inbound.unprovedCount,
    };
  }

  /**
   * Frees every socket and timer at once; snapshots under way have failed. Resolves when the port is free.
   * Nothing is told afterwards.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelSweep?.();
    this.#links.close();
    this.#inbound.close();
    for (const verification of this.#verifications) verification.abandon();
    for (const [sender, done] of this.#snapshots) {
      sender.abandon();
      done(false);
    }
    this.#snapshots.clear();
    await this.#listener?.close();
  }

  #self(): Self {
    const { id, versions = PEER_VERSIONS, stateFormat = FIRST_STATE_FORMAT } = this.#options;
    const { membershipIndex } = this.#links;
    const place = { clusterId: this.#clusterId, address: this.#address, membershipIndex };
    return { id, ...place, versions, stateFormat };
  }

  #onSession(channel: Channel, { peer, hello }: Session): void {
    this.#links.onHello(hello);
    channel.peerTraffic = this.#links.countsOf(peer);
  }

  #onMessages(messages: readonly Message[]): void {
    if (this.#isClosed) return;
    const counts = this.#links.countsOf(messages[0]!.from);
    if (counts !== undefined) counts.messagesIn += messages.length;
    this.#options.onMessages(messages);
  }

  #onUnproved({ claimed, detail }: ChannelEnd): void {
    const counts = claimed === undefined ? undefined : this.#links.countsOf(claimed);
    if (counts !== undefined) {
      counts.handshakeFailures++;
      counts.lastRefusal = detail;
    }
    this.#refusedConnections++;
    this.#lastRefusal = claimed === undefined ? detail : `${claimed}: ${detail}`;
  }

  #checkExchange({ length }: Uint8Array): void {
    const { maxMessageBytes } = this.#context.limits;
    if (length <= maxMessageBytes) return;
    throw new RangeError(`Cannot exchange ${length} bytes: at most ${maxMessageBytes}`);
  }

  #endSnapshot(sender: SnapshotSender, ok: boolean): void {
    const done = this.#snapshots.get(sender);
    this.#snapshots.delete(sender);
    sender.abandon();
    done?.(ok);
  }

  /** Time is counted in sweeps, so that a pause of this process is nobody else's silence. */
  #sweepLater(): void {
    const { sweepMs } = this.#context.limits;
    this.#cancelSweep = this.#context.world.timers.after(sweepMs, () => {
      this.#sweepLater();
      const dialled = [...this.#snapshots.keys(), ...this.#verifications];
      for (const one of [this.#links, this.#inbound, ...dialled]) one.tick(sweepMs);
    });
  }
}

function encoded(message: Message): Uint8Array | undefined {
  try {
    return encodeMessage(message);
  } catch (error) {
    // A message that no peer could read is as good as lost.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function checkOptions({ id, clusterId, address, auth, versions }: PeerTransportOptions): void {
  if (!isNodeId(id)) throw new RangeError(`Cannot create PeerTransport: "id" cannot be ${id}`);
  if (address !== undefined && parsePeerAddress(address) === undefined) {
    throw new RangeError(`Cannot create PeerTransport: "address" cannot be ${address}`);
  }
  if (clusterId !== undefined) checkClusterId(clusterId);
  checkAuth(auth);
  if (versions !== undefined) checkVersions(versions);
}

function checkClusterId(clusterId: string): void {
  const { length } = new TextEncoder().encode(clusterId);
  if (length >= 1 && length <= MAX_CLUSTER_ID_BYTES) return;
  throw new RangeError(
    `Cannot create PeerTransport: "clusterId" must be 1..${MAX_CLUSTER_ID_BYTES} bytes, received ${length}`,
  );
}
