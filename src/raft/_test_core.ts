/**
 * One core by itself, for tests that say what each peer says: memory for a disk, a log given by its
 * terms, and lists of what it sent and applied. Peers are only names. Index 1 is the first snapshot's,
 * so that a log of the terms [1, 1, 2] has its entries at 2, 3 and 4.
 */
import { TestDisk } from "./_test_cluster.ts";
import { RaftCore } from "./core.ts";
import type { Entry, NodeId, RequestId } from "./entry.ts";
import type { Member, Membership } from "./membership.ts";
import type { Message, MessageBody, MessageKind, MessageOf } from "./message.ts";
import type { RaftOptions } from "./options.ts";
import { createSnapshot, firstSnapshot } from "./snapshot.ts";
import type { RaftStatus } from "./status.ts";
import type { Effect, Input } from "./step.ts";

export const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
export const textOf = (data: Uint8Array): string => new TextDecoder().decode(data);

export function memberOf(id: NodeId): Member {
  return { id, address: `${id}:7000` };
}

export function membershipWith(
  voters: readonly NodeId[],
  learners: readonly NodeId[] = [],
): Membership {
  return { voters: voters.map(memberOf), learners: learners.map(memberOf) };
}

export function requestId(sequence: number, node: NodeId = "a", incarnation = 1): RequestId {
  return { node, incarnation, sequence };
}

/** The same command for the same index and term, as log matching has it. */
export function entryOf(index: number, term: number, text = `${index}@${term}`): Entry {
  return { index, term, body: { kind: "command", id: requestId(index), data: bytes(text) } };
}

/** Entries of these terms, the first at `firstIndex`. */
export function entriesOf(terms: readonly number[], firstIndex = 2): Entry[] {
  return terms.map((term, place) => entryOf(firstIndex + place, term));
}

export function membershipEntry(index: number, term: number, membership: Membership): Entry {
  return { index, term, body: { kind: "membership", id: requestId(index), membership } };
}

/** What it finds stored at its start. */
export interface StoredBefore {
  readonly voters?: readonly NodeId[];
  readonly learners?: readonly NodeId[];
  /** Of the entries from index 2 on. */
  readonly terms?: readonly number[];
  /** In the place of entries of `terms`. */
  readonly entries?: readonly Entry[];
  /** The last entry's if not given. */
  readonly term?: number;
  readonly vote?: NodeId;
  readonly commit?: number;
}

export class LoneMember {
  readonly disk: TestDisk;
  core: RaftCore;
  /** Every effect so far. */
  effects: Effect[] = [];
  /** What has left, oldest first. */
  sent: Message[] = [];
  /** Sees each message as it leaves. */
  onSent: (message: Message) => void = () => {};
  /** Handed to the state machine. */
  applied: Entry[] = [];
  /** Writes wait for `flush`. */
  holdsStores = false;
  readonly stores: (Effect & { kind: "store" })[] = [];
  readonly #options: RaftOptions;
  /** What carrying effects out led to, for after the effects before it. */
  readonly #inbox: Input[] = [];

  constructor(stored: StoredBefore | TestDisk = {}, options: Partial<RaftOptions> = {}) {
    this.#options = { clusterId: "test", id: "a", random: () => 0, ...options };
    this.disk = stored instanceof TestDisk ? stored : diskOf(stored);
    this.core = new RaftCore(this.#options, this.disk.open());
  }

  get id(): NodeId {
    return this.#options.id;
  }
  get status(): RaftStatus {
    return this.core.status();
  }
  /** The terms of what its log holds. */
  get terms(): readonly number[] {
    return this.entries.map(({ term }) => term);
  }
  get entries(): readonly Entry[] {
    const { compacted, lastIndex } = this.status;
    return Array.from({ length: lastIndex - compacted.index }, (_, place) => {
      return this.core.entryAt(compacted.index + 1 + place)!;
    });
  }

  /** Starts it again from what is durable. */
  restart(): void {
    this.stores.length = 0;
    this.core = new RaftCore(this.#options, this.disk.open());
  }

  /** Gives the effects of `input` alone; what follows from carrying them out is done too. */
  step(input: Input): readonly Effect[] {
    const effects = this.#take(input);
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      this.#take(next);
    }
    return effects;
  }

  #take(input: Input): readonly Effect[] {
    const effects = this.core.step(input);
    this.effects.push(...effects);
    for (const effect of effects) this.#carryOut(effect);
    return effects;
  }

  receive(from: NodeId, body: MessageBody, term = this.status.term): readonly Effect[] {
    return this.step({ kind: "message", message: this.messageFrom(from, body, term) });
  }

  messageFrom(from: NodeId, body: MessageBody, term = this.status.term): Message {
    return { clusterId: this.#options.clusterId, version: 1, from, to: this.id, term, ...body };
  }

  tick(ticks = 1): void {
    for (let count = 0; count < ticks; count++) this.step({ kind: "tick" });
  }

  propose(text: string, sequence = 1): readonly Effect[] {
    const command = { id: requestId(sequence, this.id), data: bytes(text) };
    return this.step({ kind: "propose", commands: [command] });
  }

  /** Ticks until it campaigns; gives the number of ticks. */
  timeOut(): number {
    const { electionTicks = 10 } = this.#options;
    for (let ticks = 1; ticks <= 2 * electionTicks; ticks++) {
      if (this.step({ kind: "tick" }).some(isCampaign)) return ticks;
    }
    throw new Error("it does not campaign");
  }

  /** Becomes a candidate with the leave of all other voters. */
  campaign(): this {
    this.timeOut();
    const { term } = this.status;
    this.answerAll({ kind: "preVoteResponse", isGranted: true }, term + 1);
    return this;
  }

  /** Wins an election with the votes of all other voters; what it sent meanwhile is forgotten. */
  lead(): this {
    this.campaign();
    this.answerAll({ kind: "voteResponse", isGranted: true });
    this.sent = [];
    return this;
  }

  /** Commits all of its log as a leader, with the acknowledgement of all other voters. */
  commitAll(): this {
    const { lastIndex } = this.status;
    this.answerAll({ kind: "appendResponse", result: { ok: true, matchIndex: lastIndex } });
    this.sent = [];
    return this;
  }

  /** The same message from every other voter. */
  answerAll(body: MessageBody, term = this.status.term): void {
    for (const { id } of this.status.membership.voters) {
      if (id !== this.id) this.receive(id, body, term);
    }
  }

  acknowledge(from: NodeId, matchIndex: number): readonly Effect[] {
    return this.receive(from, { kind: "appendResponse", result: { ok: true, matchIndex } });
  }

  /** Lets held writes become durable: all, or the first `count`. */
  flush(count = Infinity): void {
    for (let left = count; left > 0 && this.stores.length > 0; left--) {
      this.#complete(this.stores[0]!);
      this.stores.shift();
      this.step(this.#inbox.shift()!);
    }
  }

  /** What was sent since the last call. */
  takeSent(): readonly Message[] {
    return this.sent.splice(0);
  }

  /** Messages of one kind since `takeSent`. */
  sentOf<Kind extends MessageKind>(kind: Kind, to?: NodeId): readonly MessageOf<Kind>[] {
    const isOf = (message: Message): message is Message & MessageOf<Kind> =>
      message.kind === kind && (to === undefined || message.to === to);
    return this.sent.filter(isOf);
  }

  effectsOf<Kind extends Effect["kind"]>(kind: Kind): readonly (Effect & { kind: Kind })[] {
    const isOf = (effect: Effect): effect is Effect & { kind: Kind } => effect.kind === kind;
    return this.effects.filter(isOf);
  }

  #carryOut(effect: Effect): void {
    if (effect.kind === "send") this.#send(effect.message);
    if (effect.kind === "store") {
      // In order: none overtakes one that waits.
      if (this.holdsStores || this.stores.length > 0) this.stores.push(effect);
      else this.#complete(effect);
    }
    if (effect.kind === "apply") {
      this.applied.push(...effect.entries);
      const index = effect.entries.at(-1)?.index ?? effect.snapshot!.index;
      this.#inbox.push({ kind: "applied", index });
    }
  }

  #send(message: Message): void {
    this.sent.push(message);
    this.onSent(message);
  }

  #complete(store: Effect & { kind: "store" }): void {
    this.disk.write(store.write);
    for (const message of store.messages) this.#send(message);
    this.#inbox.push({ kind: "stored", token: store.token });
  }
}

function isCampaign(effect: Effect): boolean {
  if (effect.kind === "send") return effect.message.kind === "preVoteRequest";
  return effect.kind === "role" && effect.role === "candidate";
}

/** The disk of a member that went through these entries. */
export function diskOf(stored: StoredBefore): TestDisk {
  const { voters = ["a", "b", "c"], learners = [], terms = [], commit = 1, vote } = stored;
  const entries = stored.entries ?? entriesOf(terms);
  const disk = new TestDisk();
  disk.hardState = { term: stored.term ?? entries.at(-1)?.term ?? 1, vote, commit };
  disk.snapshot = firstSnapshot(membershipWith(voters, learners), new Uint8Array());
  disk.compacted = { index: 1, term: 1 };
  disk.entries = [...entries];
  return disk;
}

/** As a leader sends it. */
export function snapshotOf(
  index: number,
  term: number,
  membership = membershipWith(["a", "b", "c"]),
  text = `state@${index}`,
) {
  return createSnapshot(index, term, membership, bytes(text));
}
