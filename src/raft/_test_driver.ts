/**
 * One member with its driver by itself, on a world that a test holds in its hands: writes wait until
 * they are told how they ended, and all that is sent is kept. Its peers are only names.
 */
import { diskOf, memberOf, type StoredBefore } from "./_test_core.ts";
import type { TestDisk } from "./_test_cluster.ts";
import { LedgerMachine } from "./_test_ledger_machine.ts";
import type { NodeId } from "./entry.ts";
import type { LogStorage, SnapshotReadResult, StoreResult } from "./log_storage.ts";
import { type MemberOptions, RaftMember } from "./member.ts";
import type { Message, MessageBody, MessageOf } from "./message.ts";
import type { StateMachine } from "./state_machine.ts";
import type { Effect, LogWrite } from "./step.ts";

export interface WaitingWrite {
  readonly write: LogWrite;
  readonly done: (result: StoreResult) => void;
}

export class LoneDriver {
  readonly member: RaftMember;
  readonly disk: TestDisk;
  readonly sent: Message[] = [];
  readonly effects: Effect[] = [];
  readonly halts: string[] = [];
  readonly writes: WaitingWrite[] = [];
  /** Snapshots that are being read for a peer, and those that are under way to one. */
  readonly snapshotReads: ((result: SnapshotReadResult) => void)[] = [];
  readonly snapshots: {
    message: MessageOf<"installSnapshot">;
    done: (ok: boolean) => void;
  }[] = [];
  isLowOnSpace = false;
  /** Sees each message before it goes; may throw. */
  onSend: (message: Message) => void = () => {};
  /** How many messages had left at each flush. */
  readonly flushes: number[] = [];
  /** What was asked to run soon. */
  readonly soon: (() => void)[] = [];
  /** What was asked to run once others had their turn. */
  readonly betweenParts: (() => void)[] = [];
  readonly #commits: boolean;

  /**
   * `commits`: writes end well at once, or rather as soon as the call that made them is over. `pauses`: between
   * two parts of a snapshot.
   */
  constructor(
    {
      gathers = false,
      commits = true,
      pauses = false,
      machine = new LedgerMachine(),
      ...stored
    }: StoredBefore & {
      readonly gathers?: boolean;
      readonly commits?: boolean;
      readonly pauses?: boolean;
      readonly machine?: StateMachine;
    },
    options: Partial<MemberOptions> = {},
  ) {
    this.#commits = commits;
    this.disk = diskOf(stored);
    this.disk.snapshot = { ...this.disk.snapshot!, data: new TextEncoder().encode("[]") };
    this.member = new RaftMember(
      { clusterId: "test", id: "a", random: () => 0, ...options },
      this.disk.open(),
      {
        storage: this.#storage(),
        transport: {
          send: (message) => {
            this.onSend(message);
            this.sent.push(message);
          },
          flush: () => this.flushes.push(this.sent.length),
          sendSnapshot: (message, done) => this.snapshots.push({ message, done }),
        },
        stateMachine: machine,
        ...(gathers && { soon: (run: () => void) => this.soon.push(run) }),
        ...(pauses && { betweenParts: (run: () => void) => this.betweenParts.push(run) }),
        onHalt: (reason) => this.halts.push(reason),
        onEffect: (effect) => this.effects.push(effect),
      },
    );
  }

  /** Ends the writes that wait, and those that come of it, well. */
  flush(): void {
    for (let next = this.writes.shift(); next !== undefined; next = this.writes.shift()) {
      this.disk.write(next.write);
      next.done({ ok: true });
    }
  }

  receive(from: NodeId, body: MessageBody, term = this.member.status().term): void {
    this.member.receive(this.messageFrom(from, body, term));
    if (this.#commits) this.flush();
  }

  messageFrom(from: NodeId, body: MessageBody, term = this.member.status().term): Message {
    return { clusterId: "test", version: 1, from, to: "a", term, ...body };
  }

  tick(ticks = 1): void {
    for (let count = 0; count < ticks; count++) {
      this.member.tick();
      if (this.#commits) this.flush();
    }
  }

  /** Wins an election, with the votes of `b` and `c` where there are any, and commits its no-op. */
  lead(): this {
    this.tick(10);
    const voters = ["b", "c"];
    const { term } = this.member.status();
    for (const voter of voters) {
      this.receive(voter, { kind: "preVoteResponse", isGranted: true }, term + 1);
    }
    this.flush();
    for (const voter of voters) this.receive(voter, { kind: "voteResponse", isGranted: true });
    this.flush();
    return this.acknowledge(this.member.status().lastIndex);
  }

  /** `b` and `c` have all up to there. */
  acknowledge(matchIndex: number): this {
    const body: MessageBody = { kind: "appendResponse", result: { ok: true, matchIndex } };
    for (const voter of ["b", "c"]) this.receive(voter, body);
    return this;
  }

  /** Adds a learner that has nothing, and says so. */
  joinEmpty(id: NodeId): void {
    const change = { kind: "addLearner", member: memberOf(id) } as const;
    this.member.changeMembership(change, () => {});
    this.flush();
    const { nextIndex } = this.member.status().peers.find((peer) => peer.id === id)!;
    const result = { ok: false, rejectedIndex: nextIndex - 1, hintIndex: 0, hintTerm: 0 } as const;
    this.receive(id, { kind: "appendResponse", result });
  }

  #storage(): LogStorage {
    return {
      store: (write, done) => this.writes.push({ write, done }),
      readSnapshot: (done) => this.snapshotReads.push(done),
      isLowOnSpace: () => this.isLowOnSpace,
    };
  }
}
