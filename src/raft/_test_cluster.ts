/**
 * A cluster of cores for tests: memory for a disk, and a network that delivers what a test lets it, in
 * the order it was sent. Nothing happens by itself; `settle` runs until nothing is left to do.
 */
import { RaftCore } from "./core.ts";
import type { Entry, HardState, NodeId } from "./entry.ts";
import type { StoredState } from "./log_storage.ts";
import { membershipOf } from "./membership.ts";
import type { Message } from "./message.ts";
import type { RaftOptions } from "./options.ts";
import { firstSnapshot, type Snapshot } from "./snapshot.ts";
import type { Effect, Input, LogWrite } from "./step.ts";

export class TestDisk {
  hardState: HardState = { term: 0, vote: undefined, commit: 0 };
  snapshot: Snapshot | undefined;
  compacted = { index: 0, term: 0 };
  entries: Entry[] = [];
  incarnation = 0;

  write(write: LogWrite): void {
    this.hardState = write.hardState ?? this.hardState;
    this.snapshot = write.snapshot ?? this.snapshot;
    if (write.discardsLog && write.snapshot) {
      this.compacted = { index: write.snapshot.index, term: write.snapshot.term };
      this.entries = [];
    }
    const first = write.entries[0];
    if (first !== undefined) {
      this.entries.length = first.index - this.compacted.index - 1;
      this.entries.push(...write.entries);
    }
    if (write.compactThrough !== undefined) {
      const gone = write.compactThrough - this.compacted.index;
      this.compacted = { index: write.compactThrough, term: this.entries[gone - 1]!.term };
      this.entries = this.entries.slice(gone);
    }
  }

  open(): StoredState {
    this.incarnation++;
    const { hardState, snapshot, compacted, entries, incarnation } = this;
    return { hardState, snapshot, compacted, entries: [...entries], incarnation };
  }
}

export interface TestMember {
  core: RaftCore;
  disk: TestDisk;
  /** Every effect so far. */
  effects: Effect[];
  /** Entries handed to the state machine. */
  applied: Entry[];
  /** Store effects that wait while `holdsStores`. */
  stores: (Effect & { kind: "store" })[];
  holdsStores: boolean;
}

export class TestCluster {
  readonly members = new Map<NodeId, TestMember>();
  network: Message[] = [];
  /** Whether a message gets through. */
  delivers: (message: Message) => boolean = () => true;
  readonly #options: Partial<RaftOptions>;
  #random = 0;

  constructor(ids: readonly NodeId[], options: Partial<RaftOptions> = {}) {
    this.#options = options;
    const membership = membershipOf(ids.map((id) => ({ id, address: `${id}:7000` })));
    for (const id of ids) {
      const disk = new TestDisk();
      disk.hardState = { term: 1, vote: undefined, commit: 1 };
      disk.snapshot = firstSnapshot(membership, new Uint8Array());
      disk.compacted = { index: 1, term: 1 };
      this.start(id, disk);
    }
  }

  start(id: NodeId, disk = new TestDisk()): TestMember {
    // Golden-ratio steps: spread, different for each draw, the same in each run.
    const random = () => (this.#random = (this.#random + 0.618034) % 1);
    const core = new RaftCore({ clusterId: "test", id, random, ...this.#options }, disk.open());
    const member = {
      core,
      disk,
      effects: [],
      applied: [],
      stores: [],
      holdsStores: false,
    } satisfies TestMember;
    this.members.set(id, member);
    return member;
  }

  member(id: NodeId): TestMember {
    return this.members.get(id)!;
  }

  core(id: NodeId): RaftCore {
    return this.member(id).core;
  }

  step(id: NodeId, input: Input): readonly Effect[] {
    const member = this.member(id);
    const effects = member.core.step(input);
    member.effects.push(...effects);
    for (const effect of effects) this.#carryOut(id, member, effect);
    return effects;
  }

  tick(id: NodeId, ticks = 1): void {
    for (let count = 0; count < ticks; count++) this.step(id, { kind: "tick" });
  }

  /** Lets held writes of a member become durable. */
  flush(id: NodeId): void {
    const member = this.member(id);
    for (let count = member.stores.length; count > 0; count--) {
      this.#complete(id, member, member.stores[0]!);
    }
  }

  /** Delivers the messages that are out, once. */
  deliver(): void {
    for (const message of this.network.splice(0)) {
      if (this.members.has(message.to) && this.delivers(message)) {
        this.step(message.to, { kind: "message", message });
      }
    }
  }

  settle(): void {
    for (let round = 0; round < 1_000 && this.network.length > 0; round++) this.deliver();
  }

  /** Ticks everybody and settles, `ticks` times. */
  run(ticks = 1): void {
    for (let count = 0; count < ticks; count++) {
      for (const id of this.members.keys()) this.tick(id);
      this.settle();
    }
  }

  /** Makes `id` the leader by letting only its time pass. */
  elect(id: NodeId): void {
    for (let tick = 0; tick < 60 && this.core(id).status().role !== "leader"; tick++) {
      for (const other of this.members.keys()) if (other !== id) this.tick(other, 0);
      this.tick(id);
      this.settle();
    }
  }

  get leaders(): readonly NodeId[] {
    return [...this.members].flatMap(([id, { core }]) =>
      core.status().role === "leader" ? [id] : [],
    );
  }

  #carryOut(id: NodeId, member: TestMember, effect: Effect): void {
    if (effect.kind === "send") this.network.push(effect.message);
    if (effect.kind === "store") {
      // In order: what is held holds all that comes after it.
      if (member.holdsStores || member.stores.length > 0) member.stores.push(effect);
      else this.#complete(id, member, effect);
    }
    if (effect.kind === "apply") {
      member.applied.push(...effect.entries);
      const index = effect.entries.at(-1)?.index ?? effect.snapshot!.index;
      this.step(id, { kind: "applied", index });
    }
    if (effect.kind === "sendSnapshot") {
      const { to, term } = effect;
      const snapshot = member.disk.snapshot!;
      this.network.push(member.core.message(to, { kind: "installSnapshot", snapshot }, term));
      this.step(id, { kind: "snapshotResult", to, index: snapshot.index, ok: true });
    }
  }

  #complete(id: NodeId, member: TestMember, store: Effect & { kind: "store" }): void {
    member.disk.write(store.write);
    if (member.stores[0] === store) member.stores.shift();
    this.network.push(...store.messages);
    this.step(id, { kind: "stored", token: store.token });
  }
}
