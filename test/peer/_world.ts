/** Transports for tests: real sockets on the loopback, with short times where a test has to wait for one. */
import { bunPeerCrypto, bunRandom, bunTimers, createPeerSockets } from "../../src/bun/mod.ts";
import type { PeerTls } from "../../src/bun/mod.ts";
import { type PeerLimits, PeerTransport, type PeerTransportOptions } from "../../src/peer/mod.ts";
import { until as untilWithin } from "../kit/tcp_server.ts";
import { type Message, RAFT_FORMAT_VERSION } from "../../src/raft/mod.ts";

export const CLUSTER = "test-cluster";
export const SECRET = {
  mode: "secret",
  secret: new TextEncoder().encode("a secret of more than 16 bytes"),
} as const;

export type TestPeerOptions = Partial<PeerTransportOptions> & {
  readonly tls?: PeerTls;
  readonly port?: number;
};

/** Waits until a condition holds, as long as it takes where many tests share a few cores. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  await untilWithin(what, holds, 30_000);
}

/** Times that a test can wait for. */
export const QUICK: Partial<PeerLimits> = {
  sweepMs: 20,
  handshakeMs: 400,
  silenceMs: 400,
  snapshotSilenceMs: 600,
  idleMs: 100,
  minBackOffMs: 5,
  maxBackOffMs: 40,
};

const started: TestPeer[] = [];

/** Stopped by `stopPeers`. */
export async function startPeer(id: string, options: TestPeerOptions = {}): Promise<TestPeer> {
  const peer = await TestPeer.start(id, options);
  started.push(peer);
  return peer;
}

export async function stopPeers(): Promise<void> {
  await Promise.all(started.splice(0).map(({ transport }) => transport.close()));
}

/** One transport that listens, and what it heard. */
export class TestPeer {
  readonly id: string;
  readonly transport: PeerTransport;
  readonly messages: Message[] = [];
  readonly unreachable: string[] = [];
  /** Who has said that it was removed. */
  readonly removedBy: string[] = [];
  readonly exchanged: [from: string, bytes: string][] = [];
  /** Peers to which an exchange began anew, in order. */
  readonly opened: string[] = [];
  port = 0;

  constructor(id: string, { tls, ...options }: TestPeerOptions = {}) {
    this.id = id;
    this.transport = new PeerTransport({
      id,
      clusterId: CLUSTER,
      auth: { mode: "none" },
      sockets: createPeerSockets(tls),
      crypto: bunPeerCrypto,
      timers: bunTimers,
      random: bunRandom,
      admitJoiner: (_address, ips) => ({ ok: true, ips }),
      limits: QUICK,
      onMessages: (messages) => this.messages.push(...messages),
      onUnreachable: (peer) => this.unreachable.push(peer),
      onRemoved: (by) => this.removedBy.push(by),
      onExchange: (from, bytes) => this.exchanged.push([from, new TextDecoder().decode(bytes)]),
      onExchangeOpen: (peer) => this.opened.push(peer),
      ...options,
    });
  }

  static async start(id: string, options: TestPeerOptions = {}): Promise<TestPeer> {
    const peer = new TestPeer(id, options);
    const { port = 0 } = options;
    const listening = await peer.transport.listen({ host: "127.0.0.1", port });
    if (!listening.ok) throw new Error(listening.detail);
    peer.port = listening.listener.port;
    return peer;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The terms of the messages so far, by which tests tell them apart. */
  get terms(): number[] {
    return this.messages.map(({ term }) => term);
  }

  knows(...peers: readonly TestPeer[]): void {
    this.transport.setPeers(new Map([this, ...peers].map(({ id, address }) => [id, address])), 1);
  }

  /** As `knows`, with addresses of the test's choice. */
  knowsAt(peers: ReadonlyMap<string, string>): void {
    this.transport.setPeers(peers, 1);
  }

  say(to: string, term: number): void {
    this.transport.send(heartbeat(this.id, to, term));
  }

  stats(of: string) {
    return this.transport.stats().peers.find(({ id }) => id === of)!;
  }
}

/** A small message. */
export function heartbeat(from: string, to: string, term: number): Message {
  const envelope = { clusterId: CLUSTER, version: RAFT_FORMAT_VERSION, from, to, term };
  return { ...envelope, kind: "heartbeatResponse", round: 0 };
}
