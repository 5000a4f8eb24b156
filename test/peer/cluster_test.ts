/** Three real members on real storage over real connections, in one process: one is lost and comes back. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bunRandom, openRaftStorage, type RaftStorage } from "../../src/bun/mod.ts";
import {
  firstSnapshot,
  membersOf,
  membershipOf,
  type ProposalOutcome,
  RaftMember,
  type StateMachine,
} from "../../src/raft/mod.ts";
import { CLUSTER, SECRET, TestPeer, until } from "./_world.ts";

const IDS = ["a", "b", "c"];
const TICK_MS = 20;

/** All commands so far. */
class Lines implements StateMachine {
  lines: string[] = [];

  apply({ data }: { data: Uint8Array }) {
    this.lines.push(new TextDecoder().decode(data));
    return { ok: true, output: new Uint8Array() } as const;
  }
  snapshot() {
    return new TextEncoder().encode(JSON.stringify(this.lines));
  }
  restore(data: Uint8Array) {
    this.lines = data.length === 0 ? [] : JSON.parse(new TextDecoder().decode(data));
    return { ok: true } as const;
  }
}

class Node {
  readonly id: string;
  readonly state = new Lines();
  peer!: TestPeer;
  #running: RaftMember | undefined;
  #storage!: RaftStorage;
  #ticking: ReturnType<typeof setInterval> | undefined;

  constructor(id: string) {
    this.id = id;
  }

  async listen(port = 0): Promise<void> {
    this.peer = await TestPeer.start(this.id, {
      port,
      auth: SECRET,
      // The others may speak before this one has opened its storage.
      onMessage: (message) => this.#running?.receive(message),
      onUnreachable: (peer) => this.#running?.unreachable(peer),
    });
    this.peer.transport.setPeers(this.#peers, this.#membershipIndex);
  }

  async join(directory: string, addresses: ReadonlyMap<string, string>): Promise<void> {
    const members = [...addresses].map(([id, address]) => ({ id, address }));
    const opened = await openRaftStorage({
      directory,
      id: this.id,
      clusterId: CLUSTER,
      firstSnapshot: firstSnapshot(membershipOf(members), new Uint8Array()),
    });
    if (!opened.ok) throw new Error(opened.error.detail);
    this.#storage = opened.storage;
    this.#running = new RaftMember(
      {
        id: this.id,
        clusterId: CLUSTER,
        random: bunRandom,
        snapshotAfterBytes: 2_000,
        keepTailEntries: 4,
      },
      opened.stored,
      {
        storage: opened.storage,
        // Through the field: a transport that was closed is replaced.
        transport: {
          send: (message) => this.peer.transport.send(message),
          sendSnapshot: (message, done) => this.peer.transport.sendSnapshot(message, done),
        },
        stateMachine: this.state,
        soon: setImmediate,
      },
    );
    this.peer.transport.setPeers(this.#peers, this.#membershipIndex);
    this.#ticking = setInterval(() => this.member.tick(), TICK_MS);
  }

  get member(): RaftMember {
    return this.#running!;
  }

  get isLeader(): boolean {
    return this.member.status().role === "leader";
  }

  async propose(line: string): Promise<ProposalOutcome> {
    return await new Promise((resolve) => this.member.propose(Buffer.from(line), resolve));
  }

  async stop(): Promise<void> {
    clearInterval(this.#ticking);
    await this.peer.transport.close();
    await this.#storage.close();
  }

  get #membershipIndex(): number {
    return this.#running?.status().membershipIndex ?? 0;
  }

  get #peers(): ReadonlyMap<string, string> {
    const membership = this.#running?.status().membership;
    if (membership === undefined) return new Map();
    return new Map(membersOf(membership).map(({ id, address }) => [id, address]));
  }
}

const directory = mkdtempSync(join(tmpdir(), "phi-peers-"));
const nodes = IDS.map((id) => new Node(id));
beforeAll(async () => {
  for (const node of nodes) await node.listen();
  const addresses = new Map(nodes.map(({ id, peer }) => [id, peer.address]));
  for (const node of nodes) await node.join(join(directory, node.id), addresses);
});
afterAll(async () => {
  for (const node of nodes) await node.stop();
  rmSync(directory, { recursive: true });
});

async function leaderAmong(some: readonly Node[]): Promise<Node> {
  await until("there is one leader", () => some.filter(({ isLeader }) => isLeader).length === 1);
  return some.find(({ isLeader }) => isLeader)!;
}

/** Until it is acknowledged: while leaders change it may have to be said again. */
async function commit(some: readonly Node[], line: string): Promise<void> {
  for (;;) {
    const outcome = await (await leaderAmong(some)).propose(line);
    if (outcome.kind === "committed") return;
  }
}

const agreeOn = (some: readonly Node[], line: string) =>
  until(`all have ${line}`, () => some.every(({ state }) => state.lines.includes(line)));

test("members elect, commit, lose one, go on, and it comes back with a snapshot", async () => {
  await commit(nodes, "first");
  await agreeOn(nodes, "first");

  const lost = await leaderAmong(nodes);
  const others = nodes.filter((node) => node !== lost);
  const { port } = lost.peer;
  await lost.peer.transport.close();
  // Enough that the lost one's place in the log is gone.
  for (let count = 0; count < 60; count++)
    await commit(others, `without ${count} ${"x".repeat(100)}`);
  await agreeOn(others, `without 59 ${"x".repeat(100)}`);
  expect(lost.state.lines).toEqual(["first"]);
  const behind = lost.member.status().lastIndex;
  await until("the others' logs begin after its end", () =>
    others.every(({ member }) => member.status().compacted.index > behind),
  );

  await lost.listen(port);
  await agreeOn(nodes, `without 59 ${"x".repeat(100)}`);
  await commit(nodes, "last");
  await agreeOn(nodes, "last");
  const [one, two, three] = nodes.map(({ state }) => state.lines);
  expect(two).toEqual(one);
  expect(three).toEqual(one);
  expect(nodes.map(({ member }) => member.status().halted)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
}, 120_000);
