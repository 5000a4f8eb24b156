/** A Raft member on real storage and real connections, for tests of several in one process. */
import { bunRandom, openRaftStorage, type RaftStorage } from "../../src/bun/mod.ts";
import type { PeerVersions } from "../../src/peer/mod.ts";
import {
  firstSnapshot,
  membersOf,
  membershipOf,
  type ProposalOutcome,
  RaftMember,
  type StateMachine,
} from "../../src/raft/mod.ts";
import { CLUSTER, SECRET, TestPeer, until } from "./_world.ts";

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

export class PeerMember {
  readonly id: string;
  readonly state = new Lines();
  readonly #versions: PeerVersions | undefined;
  readonly #stateFormat: number;
  peer!: TestPeer;
  #running: RaftMember | undefined;
  #storage!: RaftStorage;
  #ticking: ReturnType<typeof setInterval> | undefined;

  /** `versions`: those that it claims to speak, where they are not this program's. */
  constructor(id: string, versions?: PeerVersions, stateFormat = 1) {
    this.id = id;
    this.#versions = versions;
    this.#stateFormat = stateFormat;
  }

  /** The format of the replicated state that each of the others reads, as far as it has told. */
  get stateFormats(): Readonly<Record<string, number | undefined>> {
    const { peers } = this.peer.transport.stats();
    return Object.fromEntries(peers.map(({ id, stateFormat }) => [id, stateFormat]));
  }

  async listen(port = 0): Promise<void> {
    this.peer = await TestPeer.start(this.id, {
      port,
      auth: SECRET,
      stateFormat: this.#stateFormat,
      ...(this.#versions && { versions: this.#versions }),
      // The others may speak before this one has opened its storage.
      onMessages: (messages) => this.#running?.receiveAll(messages),
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

export async function leaderAmong(some: readonly PeerMember[]): Promise<PeerMember> {
  await until("there is one leader", () => some.filter(({ isLeader }) => isLeader).length === 1);
  return some.find(({ isLeader }) => isLeader)!;
}

/** Until it is acknowledged: while leaders change it may have to be said again. */
export async function commit(some: readonly PeerMember[], line: string): Promise<void> {
  for (;;) {
    const outcome = await (await leaderAmong(some)).propose(line);
    if (outcome.kind === "committed") return;
  }
}

export const agreeOn = (some: readonly PeerMember[], line: string) =>
  until(`all have ${line}`, () => some.every(({ state }) => state.lines.includes(line)));
