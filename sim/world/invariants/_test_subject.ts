/** Members made by hand, for tests of the invariants: their disks and what they say of themselves. */
import {
  createSnapshot,
  type Entry,
  type Envelope,
  type LogWrite,
  type Membership,
  membershipOf,
  type MemberStatus,
  type MessageBody,
  RAFT_FORMAT_VERSION,
} from "../../../src/raft/mod.ts";
import { LogImage } from "../log_image.ts";
import { encodeCommand, RegisterMachine } from "../register_machine.ts";
import { CommittedLog } from "./committed_log.ts";
import type { Subject } from "./subject.ts";

export const IDS = ["n1", "n2", "n3"] as const;

export function members(...ids: readonly string[]): Membership {
  return membershipOf(ids.map((id) => ({ id, address: `${id}:1` })));
}

const EMPTY_STATE = new RegisterMachine().snapshot();
export const FIRST = createSnapshot(1, 1, members(...IDS), EMPTY_STATE);

/** A member whose writes are durable as soon as they are written, unless told otherwise. */
export class TestSubject implements Subject {
  readonly id: string;
  readonly number: number;
  readonly synced = new LogImage();
  readonly written = new LogImage();
  life = 1;
  says: Partial<MemberStatus> = {};

  constructor(id: string) {
    this.id = id;
    this.number = Number(id.slice(1)) - 1;
    this.write({ snapshot: FIRST, discardsLog: true, entries: [] });
    this.write({ hardState: { term: 1, vote: undefined, commit: 1 }, entries: [] });
  }

  write(write: LogWrite): void {
    this.writeOnly(write);
    this.synced.apply(write);
  }

  /** Written, and lost in a crash. */
  writeOnly(write: LogWrite): void {
    this.written.apply(write);
  }

  get term(): number {
    return this.status().term;
  }

  status(): MemberStatus {
    const { lastIndex, lastTerm, compacted, snapshotIndex, hardState } = this.written;
    const { index, membership } = this.written.membership();
    return {
      id: this.id,
      role: "follower",
      term: hardState.term,
      vote: hardState.vote,
      leader: undefined,
      commitIndex: 1,
      appliedIndex: 1,
      compacted,
      lastIndex,
      lastTerm,
      stableIndex: this.synced.lastIndex,
      snapshotIndex,
      membership,
      membershipIndex: index,
      committedMembership: membership,
      committedMembershipIndex: index,
      logBytes: 0,
      uncommittedBytes: 0,
      pendingReads: 0,
      peers: [],
      halted: undefined,
      unreadableEntries: 0,
      refusedMessages: 0,
      ...this.says,
    };
  }
}

export const noop = (index: number, term: number): Entry => ({
  index,
  term,
  body: { kind: "noop" },
});

export function command(index: number, term: number, value = 1): Entry {
  const attempt = index * 100 + term;
  const one = { kind: "put", key: 0, value, expected: 0, client: 1, sequence: attempt } as const;
  const id = { node: "n1", incarnation: 1, sequence: attempt };
  return {
    index,
    term,
    body: { kind: "command", id, data: encodeCommand({ ...one, attempt }, 0) },
  };
}

export function change(index: number, term: number, membership: Membership): Entry {
  const id = { node: "n1", incarnation: 1, sequence: index };
  return { index, term, body: { kind: "membership", id, membership } };
}

/** Of no particular cluster: nothing here looks at it. */
export function message<Body extends MessageBody>(
  from: string,
  to: string,
  term: number,
  body: Body,
): Envelope & Body {
  return { clusterId: "test", version: RAFT_FORMAT_VERSION, from, to, term, ...body };
}

export function committedLog(): CommittedLog {
  return new CommittedLog(FIRST, new RegisterMachine(), () => {});
}
