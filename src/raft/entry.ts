/**
 * What the replicated log is made of. An entry is a place in the log (`index`), the term of the
 * leader that put it there, and a body; the hard state is what a member must not forget between two
 * runs. Index 0 and term 0 stand before the first of either.
 */
import type { Membership } from "./membership.ts";

/** 1..64 of `A-Z a-z 0-9 . _ -`, unique in a cluster for ever: a replaced member takes a new one. */
export type NodeId = string;

/**
 * Names one attempt at a proposal or a read, so that an answer to one attempt is never taken for an
 * answer to another. Unique because a member counts its starts durably, from a number of its own.
 */
export interface RequestId {
  readonly node: NodeId;
  /** Which start of that member; from its storage. >= 1. */
  readonly incarnation: number;
  /** Rises by one with each request of an incarnation, proposals and reads together. >= 1. */
  readonly sequence: number;
}

/** What an entry asks of the members. */
export type EntryBody =
  /** A new leader's first entry: what it commits, commits all before it (Raft §5.4.2, §8). */
  | { readonly kind: "noop" }
  /** For the state machine. */
  | { readonly kind: "command"; readonly id: RequestId; readonly data: Uint8Array }
  /** Takes effect as soon as it is in a member's log, committed or not (thesis §4.1). */
  | { readonly kind: "membership"; readonly id: RequestId; readonly membership: Membership }
  /** Written by a later version of phi: kept, replicated, and applied as an error. */
  | { readonly kind: "unreadable"; readonly code: number; readonly bytes: Uint8Array };

export interface Entry {
  /** Invariant: one more than that of the entry before it. >= 1. */
  readonly index: number;
  /** Invariant: not lower than that of the entry before it. >= 1. */
  readonly term: number;
  readonly body: EntryBody;
}

/** An entry without its body: enough to compare logs by. */
export interface LogPosition {
  readonly index: number;
  readonly term: number;
}

/** What a member must find again after a crash (Raft figure 2, "persistent state"). */
export interface HardState {
  /** The latest term seen. Invariant: never falls. */
  readonly term: number;
  /** Whom this member voted for in `term`. Invariant: once set, changes only with the term. */
  readonly vote: NodeId | undefined;
  /**
   * The commit index as far as it was known at some write. Need not be the latest: it is stored with
   * whatever else has to be, so that a restarted member can apply what it had without a leader.
   */
  readonly commit: number;
}

export const INITIAL_HARD_STATE: HardState = { term: 0, vote: undefined, commit: 0 };

/** What an entry counts for beside its payload. */
export const FLAT_ENTRY_BYTES = 32;

/** What an entry counts for in the bounds on bytes: its payload, and a flat sum for the rest. */
export function entryBytes({ body }: Entry): number {
  switch (body.kind) {
    case "noop":
      return FLAT_ENTRY_BYTES;
    case "command":
      return FLAT_ENTRY_BYTES + body.data.length;
    case "membership":
      return FLAT_ENTRY_BYTES + membershipBytes(body.membership);
    case "unreadable":
      return FLAT_ENTRY_BYTES + body.bytes.length;
  }
}

function membershipBytes({ voters, learners, removed = [] }: Membership): number {
  return 64 * (voters.length + learners.length) + 16 * removed.length;
}

/** Whether a text has the form of an id, see `NodeId`. */
export function isNodeId(text: string): boolean {
  return /^[\w.-]{1,64}$/u.test(text);
}

/** Whether two ids name the same attempt. */
export function isSameRequest(left: RequestId, right: RequestId): boolean {
  return (
    left.sequence === right.sequence &&
    left.incarnation === right.incarnation &&
    left.node === right.node
  );
}
