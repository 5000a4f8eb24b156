/**
 * A cluster of whole members for tests: the driver on a disk in memory that may be slow, a network that
 * delivers what a test lets it, and a ledger for a state machine. Time passes by `run` only, and all
 * that does not wait for it is done within its tick, in the order that it came up.
 */
import { TestDisk } from "./_test_cluster.ts";
import { bytes, membershipWith } from "./_test_core.ts";
import { LedgerMachine } from "./_test_ledger_machine.ts";
import type { NodeId } from "./entry.ts";
import type { LogStorage } from "./log_storage.ts";
import { type MemberOptions, type MemberStatus, RaftMember } from "./member.ts";
import type { Message } from "./message.ts";
import type { ProposalOutcome, ReadOutcome } from "./pending_requests.ts";
import { firstSnapshot } from "./snapshot.ts";
import type { Transport } from "./transport.ts";

export class TestHost {
  readonly id: NodeId;
  disk: TestDisk;
  machine = new LedgerMachine();
  /** Undefined while it is down. */
  running: RaftMember | undefined;
  /** How long its disk takes for a commit; what is written meanwhile goes into the next one. */
  commitTicks = 0;
  isLowOnSpace = false;
  /** What its version makes of a message. */
  reads: (message: Message) => Message = (message) => message;
  readonly #network: TestMembers;
  readonly #options: Partial<MemberOptions>;
  #waitingWrites: (() => void)[] = [];
  #isCommitting = false;
  #life = 0;

  constructor(network: TestMembers, id: NodeId, disk: TestDisk, options: Partial<MemberOptions>) {
    this.#network = network;
    this.id = id;
    this.disk = disk;
    this.#options = options;
    this.start();
  }

  get member(): RaftMember {
    return this.running!;
  }
  get status(): MemberStatus {
    return this.member.status();
  }

  /** Starts it from what its disk holds, with an empty state machine. */
  start(machine = new LedgerMachine()): void {
    const { id } = this;
    const { random } = this.#network;
    this.stop();
    this.machine = machine;
    this.running = new RaftMember(
      { clusterId: "test", id, random, ...this.#options },
      this.disk.open(),
      { storage: this.#storage(), transport: this.#transport(), stateMachine: machine },
    );
  }

  /** What was not durable is lost. */
  stop(): void {
    this.#life++;
    this.#waitingWrites = [];
    this.#isCommitting = false;
    this.running = undefined;
  }

  /** Gives where the outcome will be. */
  propose(text: string): { outcome?: ProposalOutcome } {
    const asked: { outcome?: ProposalOutcome } = {};
    this.member.propose(bytes(text), (outcome) => (asked.outcome = outcome));
    return asked;
  }

  read(): { outcome?: ReadOutcome } {
    const asked: { outcome?: ReadOutcome } = {};
    this.member.read((outcome) => (asked.outcome = outcome));
    return asked;
  }

  /** Nothing of an earlier life happens in this one. */
  #inThisLife(work: () => void): () => void {
    const life = this.#life;
    return () => {
      if (this.#life === life) work();
    };
  }

  #storage(): LogStorage {
    return {
      store: (write, done) => {
        const { disk } = this;
        const commit = this.#inThisLife(() => {
          disk.write(write);
          done({ ok: true });
        });
        this.#waitingWrites.push(commit);
        if (!this.#isCommitting) this.#beginCommit();
      },
      readSnapshot: (done) =>
        this.#network.after(
          0,
          this.#inThisLife(() => done({ ok: true, snapshot: this.disk.snapshot! })),
        ),
      isLowOnSpace: () => this.isLowOnSpace,
    };
  }

  #beginCommit(): void {
    const writes = this.#waitingWrites;
    this.#waitingWrites = [];
    this.#isCommitting = writes.length > 0;
    if (!this.#isCommitting) return;
    const end = this.#inThisLife(() => {
      for (const write of writes) write();
      this.#beginCommit();
    });
    this.#network.after(this.commitTicks, end);
  }

  #transport(): Transport {
    return {
      send: (message) => this.#network.send(message),
      sendSnapshot: (message, done) => {
        this.#network.send(message);
        this.#network.after(
          0,
          this.#inThisLife(() => done(true)),
        );
      },
    };
  }
}

export class TestMembers {
  readonly hosts = new Map<NodeId, TestHost>();
  /** Whether a message gets through. */
  delivers: (message: Message) => boolean = () => true;
  readonly #options: Partial<MemberOptions>;
  #due: (() => void)[] = [];
  #later: { readonly atTick: number; readonly work: () => void }[] = [];
  #nowTick = 0;
  #random = 0;

  constructor(ids: readonly NodeId[], options: Partial<MemberOptions> = {}) {
    this.#options = options;
    for (const id of ids) {
      const disk = new TestDisk();
      disk.hardState = { term: 1, vote: undefined, commit: 1 };
      disk.snapshot = firstSnapshot(membershipWith(ids), bytes("[]"));
      disk.compacted = { index: 1, term: 1 };
      this.add(id, disk);
    }
  }

  /** Golden-ratio steps: spread, different for each draw, the same in each run. */
  readonly random = (): number => (this.#random = (this.#random + 0.618034) % 1);

  /** With an empty disk, one that joins. */
  add(id: NodeId, disk = new TestDisk()): TestHost {
    const host = new TestHost(this, id, disk, this.#options);
    this.hosts.set(id, host);
    return host;
  }

  host(id: NodeId): TestHost {
    return this.hosts.get(id)!;
  }

  /** Of those that lead, the one of the latest term. */
  get leader(): TestHost | undefined {
    return [...this.hosts.values()]
      .filter(({ running }) => running?.status().role === "leader")
      .toSorted((left, right) => right.status.term - left.status.term)[0];
  }

  /** The others than `host`, in order. */
  othersThan(host: TestHost): readonly TestHost[] {
    return [...this.hosts.values()].filter((other) => other !== host);
  }

  /** Runs until there is a leader. */
  elect(): TestHost {
    for (let tick = 0; tick < 100 && this.leader === undefined; tick++) this.run();
    this.run(2);
    return this.leader!;
  }

  send(message: Message): void {
    if (!this.delivers(message)) return;
    this.after(0, () => {
      const host = this.hosts.get(message.to);
      host?.running?.receive(host.reads(message));
    });
  }

  after(ticks: number, work: () => void): void {
    if (ticks === 0) this.#due.push(work);
    else this.#later.push({ atTick: this.#nowTick + ticks, work });
  }

  run(ticks = 1): void {
    for (let count = 0; count < ticks; count++) {
      this.#nowTick++;
      const isDue = ({ atTick }: { readonly atTick: number }) => atTick <= this.#nowTick;
      this.#due.push(...this.#later.filter(isDue).map(({ work }) => work));
      this.#later = this.#later.filter((later) => !isDue(later));
      this.#settle();
      for (const { running } of this.hosts.values()) running?.tick();
      this.#settle();
    }
  }

  #settle(): void {
    for (let next = this.#due.shift(); next !== undefined; next = this.#due.shift()) next();
  }
}
