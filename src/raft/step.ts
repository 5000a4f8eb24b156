/**
 * The core's two sides: what can happen to a member (`Input`) and what it wants done (`Effect`).
 * Whoever hosts the core carries the effects out in the order given and reports back by inputs.
 */
import type { Entry, HardState, NodeId, RequestId } from "./entry.ts";
import type { MembershipChange } from "./membership.ts";
import type { ForwardedCommand, Message, Refusal } from "./message.ts";
import type { Snapshot } from "./snapshot.ts";

export type Input =
  /** The unit of time. All timeouts are counts of it. */
  | { readonly kind: "tick" }
  | { readonly kind: "message"; readonly message: Message }
  /** Commands that peers forwarded and that came together: one write and one round of messages, too. */
  | { readonly kind: "forwarded"; readonly messages: readonly ForwardedCommand[] }
  /** Several at once become one write and one round of messages. */
  | { readonly kind: "propose"; readonly commands: readonly Command[] }
  | { readonly kind: "changeMembership"; readonly id: RequestId; readonly change: MembershipChange }
  | { readonly kind: "readIndex"; readonly id: RequestId }
  | { readonly kind: "transferLeadership"; readonly to: NodeId }
  /** The store effect of this token is durable. They come in the order of the effects. */
  | { readonly kind: "stored"; readonly token: StoreToken }
  /** The apply effects up to this index are done. */
  | { readonly kind: "applied"; readonly index: number }
  /** The transport could not reach a peer. A hint: messages may be lost without it. */
  | { readonly kind: "unreachable"; readonly peer: NodeId }
  /** The state machine's state at `index`, which is applied. */
  | {
      readonly kind: "snapshotTaken";
      readonly index: number;
      readonly data: Uint8Array;
      /** CRC32C of `data`, if it is known. Computing it takes a while for a large state. */
      readonly checksum?: number;
    }
  /** How a send-snapshot effect ended: handed over whole, or not. */
  | {
      readonly kind: "snapshotResult";
      readonly to: NodeId;
      /** The index of the snapshot that was really sent; may be later than the one asked for. */
      readonly index: number;
      readonly ok: boolean;
    }
  /** Whether the disk has room for new proposals. */
  | { readonly kind: "space"; readonly isLow: boolean }
  /** The entries up to here may go. What no stored snapshot covers is kept. */
  | { readonly kind: "compact"; readonly throughIndex: number };

export interface Command {
  readonly id: RequestId;
  readonly data: Uint8Array;
}

/** Says what a completed store effect has made durable. */
export interface StoreToken {
  /** Counts the store effects of this run, from 1. */
  readonly sequence: number;
  /** The term when the effect was issued: in another term its completion says nothing of the log. */
  readonly term: number;
  /** The log's last entry when the effect was issued. */
  readonly lastIndex: number;
  readonly lastTerm: number;
}

/** One write, all or nothing. The parts take effect in the order of the fields. */
export interface LogWrite {
  readonly hardState?: HardState;
  /** Replaces the one before it. */
  readonly snapshot?: Snapshot;
  /** The snapshot is of another history, or ahead of the log: the whole log goes. */
  readonly discardsLog?: true;
  /** Entries from `entries[0].index` on are replaced by these. May be empty. */
  readonly entries: readonly Entry[];
  /** Entries up to here go. */
  readonly compactThrough?: number;
}

export type Role = "follower" | "preCandidate" | "candidate" | "leader";

export type Effect =
  | {
      readonly kind: "store";
      readonly token: StoreToken;
      readonly write: LogWrite;
      /** May leave only once the write, and all before it, is durable. */
      readonly messages: readonly Message[];
    }
  | { readonly kind: "send"; readonly message: Message }
  /** Send the latest stored snapshot, which covers at least `index`, then report by `snapshotResult`. */
  | {
      readonly kind: "sendSnapshot";
      readonly to: NodeId;
      readonly term: number;
      readonly index: number;
    }
  /** Committed, and durable here. A snapshot replaces the state first. */
  | { readonly kind: "apply"; readonly snapshot?: Snapshot; readonly entries: readonly Entry[] }
  /** Applied up to `index`, and that reflects all writes acknowledged before the read was asked for. */
  | { readonly kind: "readReady"; readonly id: RequestId; readonly index: number }
  | Dropped
  | {
      readonly kind: "role";
      readonly role: Role;
      readonly term: number;
      readonly leader: NodeId | undefined;
    };

/** Something asked for did not happen. */
export type Dropped = {
  readonly kind: "dropped";
  readonly reason: string;
} & (
  | { readonly what: "proposal" | "read"; readonly id: RequestId; readonly outcome: Refusal }
  | { readonly what: "transfer"; readonly to: NodeId }
  /** A message that no correct peer sends. Nothing of it was believed. */
  | { readonly what: "message"; readonly message: Message }
);
