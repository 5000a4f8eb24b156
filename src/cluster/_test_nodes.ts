/**
 * Whole nodes for tests, in virtual time: logs in memory, and links within the process that find a peer as
 * those of `peer/` do: where the membership says, or where it last said itself that it is.
 */
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import {
  firstSnapshot,
  type LogStorage,
  membershipOf,
  type Message,
  type MessageOf,
  type NodeId,
  type StateMachine,
} from "../raft/mod.ts";
import { MemoryLog } from "../store/mod.ts";
import type { Links, Verified } from "./links.ts";
import { ClusterNode } from "./node.ts";

const NETWORK_MS = 2;
const DISK_MS = 1;
const STEP_MS = 5;

/** Keeps how many commands there were, as a text. */
class CountingMachine implements StateMachine {
  count = 0;

  apply() {
    this.count++;
    return { ok: true, output: this.snapshot() } as const;
  }

  snapshot(): Uint8Array {
    return new TextEncoder().encode(String(this.count));
  }

  restore(data: Uint8Array) {
    this.count = Number(new TextDecoder().decode(data));
    return { ok: true } as const;
  }
}

class TestLinks implements Links {
  readonly #world: TestNodes;
  readonly #self: TestNode;
  #peers: ReadonlyMap<NodeId, string> = new Map();
  #membershipIndex = 0;
  #committedIndex = 0;
  /** Who was removed for good, as the node has told last. */
  removed: readonly NodeId[] = [];
  /** Where those who sent something say that they are. */
  readonly said = new Map<NodeId, string>();

  constructor(world: TestNodes, self: TestNode) {
    this.#world = world;
    this.#self = self;
  }

  get peers(): ReadonlyMap<NodeId, string> {
    return this.#peers;
  }

  setPeers(
    peers: ReadonlyMap<NodeId, string>,
    membershipIndex: number,
    committedIndex: number,
  ): void {
    this.#peers = peers;
    this.#membershipIndex = membershipIndex;
    this.#committedIndex = committedIndex;
  }

  /** Whether what a peer says is heard, as `PeerLinks` decides it. */
  letsIn({ id, links }: TestNode): boolean {
    const hasMembership = this.#peers.size > 0 || this.#membershipIndex > 0;
    const knowsMore = !hasMembership || links.#membershipIndex > this.#committedIndex;
    return this.#peers.has(id) || (knowsMore && !this.removed.includes(id));
  }

  setRemoved(removed: readonly NodeId[]): void {
    this.removed = removed;
  }

  isConnected(peer: NodeId): boolean {
    return this.#world.get(peer) !== undefined;
  }

  movedTo(peer: NodeId): string | undefined {
    const said = this.said.get(peer);
    const isThere = said !== undefined && this.#world.at(said)?.id === peer;
    return isThere && said !== this.#peers.get(peer) ? said : undefined;
  }

  verify(id: NodeId, address: string): Promise<Verified> {
    if (this.#world.at(address)?.id === id) return Promise.resolve({ ok: true });
    return Promise.resolve({ ok: false, detail: `${address}: nobody proves to be ${id}` });
  }

  send(message: Message): void {
    const address = this.said.get(message.to) ?? this.#peers.get(message.to);
    if (address !== undefined) this.#world.deliver(this.#self, address, message);
  }

  sendSnapshot(message: MessageOf<"installSnapshot">, done: (ok: boolean) => void): void {
    this.send(message);
    this.#world.time.after(2 * NETWORK_MS, () => done(true));
  }
}

export class TestNode {
  readonly id: NodeId;
  readonly links: TestLinks;
  readonly machine = new CountingMachine();
  readonly node: ClusterNode;
  readonly address: string;
  readonly halts: string[] = [];
  /** From now on nothing more can be written. */
  isDiskBroken = false;

  /** `log` is what it starts from. */
  constructor(world: TestNodes, id: NodeId, address: string, log: MemoryLog) {
    this.id = id;
    this.address = address;
    this.links = new TestLinks(world, this);
    const { storage, stored } = log.open();
    this.node = new ClusterNode(
      { clusterId: "test", id, address, stored },
      {
        storage: this.#breakable(storage),
        links: this.links,
        stateMachine: this.machine,
        clock: world.time,
        timers: world.time,
        random: world.random,
        onHalt: (reason) => this.halts.push(reason),
      },
    );
  }

  /** Resolves with how a command ended. */
  propose(): Promise<string> {
    return new Promise((resolve) => {
      this.node.member.propose(new Uint8Array(10), ({ kind }) => resolve(kind));
    });
  }

  #breakable(storage: LogStorage): LogStorage {
    return {
      ...storage,
      store: (write, done) => {
        if (this.isDiskBroken) return done({ ok: false, detail: "the disk is broken" });
        return storage.store(write, done);
      },
    };
  }
}

export class TestNodes {
  readonly time = new VirtualTime();
  readonly #running = new Map<NodeId, TestNode>();
  readonly #logs = new Map<NodeId, MemoryLog>();
  /** Whether a message gets through. */
  delivers: (message: Message) => boolean = () => true;
  #random = 0;

  /** Founders of a cluster, at `ID:7000` each. */
  constructor(ids: readonly NodeId[]) {
    const members = ids.map((id) => ({ id, address: `${id}:7000` }));
    const first = firstSnapshot(membershipOf(members), new TextEncoder().encode("0"));
    for (const { id, address } of members) {
      this.#logs.set(id, new MemoryLog({ firstSnapshot: first, soon: this.#soon }));
      this.start(id, address);
    }
  }

  /** Golden-ratio steps: spread, different for each draw, the same in each run. */
  readonly random = (): number => (this.#random = (this.#random + 0.618034) % 1);
  readonly #soon = (run: () => void) => void this.time.after(DISK_MS, run);

  /** A monitor on its log, which is empty for one that was not there before. */
  start(id: NodeId, address = `${id}:7000`): TestNode {
    const log = this.#logs.get(id) ?? new MemoryLog({ firstIncarnation: 7, soon: this.#soon });
    this.#logs.set(id, log);
    const node = new TestNode(this, id, address, log);
    this.#running.set(id, node);
    return node;
  }

  /** Ends it at once. */
  stop(id: NodeId): void {
    this.get(id).node.stop();
    this.#running.delete(id);
  }

  get(id: NodeId): TestNode {
    return this.#running.get(id)!;
  }

  get leader(): TestNode | undefined {
    return [...this.#running.values()]
      .filter(({ node }) => node.status().role === "leader")
      .toSorted((left, right) => right.node.status().term - left.node.status().term)[0];
  }

  get followers(): readonly TestNode[] {
    return [...this.#running.values()].filter((each) => each !== this.leader);
  }

  at(address: string): TestNode | undefined {
    return [...this.#running.values()].find((each) => each.address === address);
  }

  deliver(from: TestNode, address: string, message: Message): void {
    if (!this.delivers(message)) return;
    this.time.after(NETWORK_MS, () => {
      const to = this.at(address);
      if (to?.id !== message.to || !to.links.letsIn(from)) return;
      to.links.said.set(from.id, from.address);
      to.node.receive([message]);
    });
  }

  /** Passes time until `look` gives something. */
  async until<Found>(
    what: string,
    look: () => Found | undefined,
    limitMs = 10_000,
  ): Promise<Found> {
    for (let passedMs = 0; passedMs <= limitMs; passedMs += STEP_MS) {
      await microtasks();
      const found = look();
      if (found !== undefined) return found;
      this.time.pass(STEP_MS);
    }
    throw new Error(`waited in vain for ${what}`);
  }

  /** Passes time until `promise` is settled, and says how long that took. */
  async within<T>(limitMs: number, promise: Promise<T>): Promise<{ value: T; tookMs: number }> {
    const startMs = this.time.monotonicMs();
    const settled: T[] = [];
    void promise.then((value) => settled.push(value));
    const value = await this.until("a promise", () => settled[0], limitMs);
    return { value, tookMs: this.time.monotonicMs() - startMs };
  }

  /** Passes time until there is a leader that all know. */
  elect(): Promise<TestNode> {
    return this.until("a leader", () => {
      const { leader } = this;
      const knows = ({ node }: TestNode) => node.status().leader === leader?.id;
      return leader !== undefined && [...this.#running.values()].every(knows) ? leader : undefined;
    });
  }
}

/** As many as the longest chain of promises here. */
async function microtasks(): Promise<void> {
  for (let count = 0; count < 10; count++) await Promise.resolve();
}
