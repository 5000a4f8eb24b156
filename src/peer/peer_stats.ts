/** What a transport counts, for metrics and for people. */
import type { NodeId } from "../raft/mod.ts";
import type { Traffic } from "./channel.ts";

/** Since this monitor learned of the peer. */
export interface PeerStats {
  readonly id: NodeId;
  /** `HOST:PORT`. */
  readonly address: string;
  /** Whether there is a connection to it on which messages can be sent now. */
  readonly isConnected: boolean;
  /** Of all connections with it that it proved to be its, snapshots included. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Raft messages, snapshots not among them. */
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Messages for it that were never sent: no room, or no connection. */
  readonly droppedMessages: number;
  /** Connections, either way, that ended before both had proved who they are. Anyone can use its name. */
  readonly handshakeFailures: number;
  /** What ended the last such connection or dial, for people; undefined while nothing did. */
  readonly lastRefusal: string | undefined;
  /** Of the frames and the Raft messages on the connection to it; undefined before the first. */
  readonly wireVersion: number | undefined;
  readonly raftVersion: number | undefined;
  /** The latest format of the replicated state that it reads; undefined before the first connection to it. */
  readonly stateFormat: number | undefined;
}

export interface PeerTransportStats {
  /** By id, in ascending order. */
  readonly peers: readonly PeerStats[];
  /** Messages for somebody who is no peer. */
  readonly droppedMessages: number;
  /** Messages that a peer sent in another's name, for somebody else, or that cannot be read. */
  readonly refusedMessages: number;
  /** Connections to this monitor that ended before they proved anything. */
  readonly refusedConnections: number;
  /** What ended the last of those; undefined while there was none. */
  readonly lastRefusal: string | undefined;
  /** Connections that have not proved anything yet. */
  readonly unprovedConnections: number;
}

/** The counts behind one `PeerStats`. */
export interface PeerCounts extends Traffic {
  messagesIn: number;
  messagesOut: number;
  droppedMessages: number;
  handshakeFailures: number;
  lastRefusal: string | undefined;
  wireVersion: number | undefined;
  raftVersion: number | undefined;
  stateFormat: number | undefined;
}

/** Of a peer that nothing is known of yet. */
export function noCounts(): PeerCounts {
  return {
    bytesIn: 0,
    bytesOut: 0,
    messagesIn: 0,
    messagesOut: 0,
    droppedMessages: 0,
    handshakeFailures: 0,
    lastRefusal: undefined,
    wireVersion: undefined,
    raftVersion: undefined,
    stateFormat: undefined,
  };
}
