/** Opens connections to peers: the part that links, snapshots and verifications have in common. */
import type { Random, Timers } from "../port.ts";
import type { NodeId } from "../raft/mod.ts";
import { parsePeerAddress } from "./address.ts";
import type { PeerAuth } from "./auth.ts";
import { Channel, type ChannelEvents } from "./channel.ts";
import type { Self } from "./handshake.ts";
import type { Purpose } from "./hello.ts";
import type { PeerLimits } from "./limits.ts";
import type { PeerCrypto } from "./peer_crypto.ts";
import type { AdmitAddresses, PeerSockets } from "./peer_sockets.ts";

/** What a transport stands on. */
export interface PeerWorld {
  readonly sockets: PeerSockets;
  readonly crypto: PeerCrypto;
  readonly timers: Timers;
  /** Spreads reconnections. Not for secrets. */
  readonly random: Random;
}

/** What all connections of a transport share. */
export interface PeerContext {
  readonly world: PeerWorld;
  readonly auth: PeerAuth;
  readonly limits: PeerLimits;
  /** This monitor, as it is now. */
  self(): Self;
}

export interface DialOptions {
  readonly peer: NodeId;
  /** `HOST:PORT`. */
  readonly address: string;
  readonly purpose: Purpose;
  /** Default: that of the limits. */
  readonly silenceMs?: number;
  /** Default: all are. */
  readonly admit?: AdmitAddresses | undefined;
}

/** Undefined if the address is not one; nothing is told before this has returned. */
export function dialPeer(
  context: PeerContext,
  { peer, address, purpose, silenceMs, admit }: DialOptions,
  events: ChannelEvents,
): Channel | undefined {
  const parsed = parsePeerAddress(address);
  if (parsed === undefined) return undefined;
  const { world, auth, limits } = context;
  const channel = new Channel(
    { side: "dialler", peer, purpose, self: context.self(), auth, crypto: world.crypto },
    limits,
    events,
    silenceMs,
  );
  return channel.attach(world.sockets.dial(parsed, channel, admit));
}
