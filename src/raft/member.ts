/**
 * The driver: hosts a core, carries its effects out on a storage, a transport and a state machine, and
 * answers those who asked. Synchronous, with answers by callback, so that a simulator can host it as
 * it is; whoever runs it for real calls `tick` at a steady rate. It is the only place that ends a
 * member: a write that failed or an invariant that broke halts it for good, and only it.
 */
import { Applier } from "./applier.ts";
import { RaftCore } from "./core.ts";
import { entryBytes, type NodeId } from "./entry.ts";
import type { LogStorage, StoredState } from "./log_storage.ts";
import type { MembershipChange } from "./membership.ts";
import { type ForwardedCommand, isForwardedCommand, type Message } from "./message.ts";
import type { RaftOptions } from "./options.ts";
import { PendingRequests, type ProposalOutcome, type ReadOutcome } from "./pending_requests.ts";
import type { StateMachine } from "./state_machine.ts";
import type { BriefStatus, RaftStatus } from "./status.ts";
import type { Command, Effect, Input } from "./step.ts";
import type { Transport } from "./transport.ts";

export interface MemberOptions extends RaftOptions {
  /** A snapshot is taken once this much was applied since the last. More: longer restarts. Default 4 MiB. */
  readonly snapshotAfterBytes?: number;
  /**
   * Entries kept behind a snapshot, so that a follower that is a little behind is sent entries and not
   * the whole state. Default 1024.
   */
  readonly keepTailEntries?: number;
  /** The same in bytes: whichever is reached first. More: memory. Default 4 MiB. */
  readonly keepTailBytes?: number;
  /** A proposal without an outcome for this long is answered `unknown`. Default 50. */
  readonly requestTimeoutTicks?: number;
}

/** What a member stands on. */
export interface MemberWorld {
  readonly storage: LogStorage;
  readonly transport: Transport;
  readonly stateMachine: StateMachine;
  /**
   * Runs its argument soon. Proposals that come until then go into the log together, as one write and
   * one round of messages. Without it each goes by itself.
   */
  readonly soon?: (run: () => void) => void;
  /**
   * Runs its argument once others have had their turn: asked for between two parts of a snapshot that is being
   * made. Without it a snapshot is made in one go.
   */
  readonly betweenParts?: (run: () => void) => void;
  /** The member takes no further part. Called once. */
  readonly onHalt?: (reason: string) => void;
  /** Sees each effect before it is carried out. */
  readonly onEffect?: (effect: Effect) => void;
}

export interface MemberStatus extends RaftStatus {
  /** Why the member takes no further part; undefined while it does. */
  readonly halted: string | undefined;
  /**
   * Entries that were passed over: of a later version, or its state machine failed at them. They stay in
   * the log, no snapshot is taken and no read answered past them, until a version that can read them.
   */
  readonly unreadableEntries: number;
  /** Messages that no correct peer sends. */
  readonly refusedMessages: number;
}

export class RaftMember {
  readonly core: RaftCore;
  readonly #world: MemberWorld;
  readonly #policy: {
    readonly snapshotAfterBytes: number;
    readonly keepTailEntries: number;
    readonly keepTailBytes: number;
  };
  readonly #pending: PendingRequests;
  readonly #applier: Applier;
  readonly #inbox: Input[] = [];
  #isStepping = false;
  /** What is to be applied, once all that others wait for has been sent. */
  #applies: (Effect & { kind: "apply" })[] = [];
  /** Answers to those who asked. They run when this member's own work is done, since they may throw. */
  #answers: (() => void)[] = [];
  /** Commands that wait to go into the log together. */
  #gathered: Command[] = [];
  #halted: string | undefined;
  /** The snapshot after which the log was last compacted. */
  #compactedFor = 0;
  #refusedMessages = 0;

  /**
   * Restores the state machine and goes on from what is stored. Throws `RangeError` for options that
   * cannot work, `InvariantError` for what no member can have stored (the storage refuses that first);
   * a state machine that cannot be restored gives a member that is halted from the start.
   */
  constructor(options: MemberOptions, stored: StoredState, world: MemberWorld) {
    const {
      snapshotAfterBytes = 4_194_304,
      keepTailEntries = 1_024,
      keepTailBytes = 4_194_304,
      requestTimeoutTicks = 50,
      ...raft
    } = options;
    this.core = new RaftCore(raft, stored);
    this.#world = world;
    this.#policy = { snapshotAfterBytes, keepTailEntries, keepTailBytes };
    this.#pending = new PendingRequests(
      options.id,
      stored.incarnation,
      requestTimeoutTicks,
      (answer) => this.#answers.push(answer),
    );
    this.#applier = new Applier(world.stateMachine, (id, index, result) =>
      this.#pending.answerProposal(id, { kind: "committed", index, result }),
    );
    const { snapshot } = stored;
    if (snapshot !== undefined) this.#orHalt(() => this.#applier.restore(snapshot));
    // Applies at once what was known to be committed: no leader is needed to go on from there.
    this.#take({ kind: "applied", index: snapshot?.index ?? 0 });
  }

  /** The unit of time has passed. */
  tick(): void {
    this.#take({ kind: "space", isLow: this.#world.storage.isLowOnSpace() });
    this.#pending.tick();
    this.#take({ kind: "tick" });
  }

  /** A message has come from a peer, whole but not otherwise checked. */
  receive(message: Message): void {
    this.#take({ kind: "message", message });
  }

  /** As `receive`, of messages that came together: commands among them go into the log as one write. */
  receiveAll(messages: readonly Message[]): void {
    let commands: ForwardedCommand[] = [];
    const takeCommands = () => {
      if (commands.length > 0) this.#take({ kind: "forwarded", messages: commands });
      commands = [];
    };
    for (const message of messages) {
      if (isForwardedCommand(message)) commands.push(message);
      else {
        takeCommands();
        this.receive(message);
      }
    }
    takeCommands();
  }

  /** The transport could not reach `peer`. */
  unreachable(peer: NodeId): void {
    this.#take({ kind: "unreachable", peer });
  }

  /**
   * Puts a command to the cluster, wherever the leader is. `data` is kept, not copied: it must not
   * change. `done` is called once, perhaps at once.
   */
  propose(data: Uint8Array, done: (outcome: ProposalOutcome) => void): void {
    if (this.#refuses(done)) return;
    const id = this.#pending.addProposal(done);
    this.#gathered.push({ id, data });
    if (this.#world.soon === undefined) this.#proposeGathered();
    else if (this.#gathered.length === 1) this.#world.soon(() => this.#proposeGathered());
  }

  /** As `propose`, for who belongs to the cluster. */
  changeMembership(change: MembershipChange, done: (outcome: ProposalOutcome) => void): void {
    if (this.#refuses(done)) return;
    // A leader takes up nothing that was asked for before what it has seen of the same member.
    const gathered = this.#takeGathered();
    const id = this.#pending.addProposal(done);
    this.#take(...gathered, { kind: "changeMembership", id, change });
  }

  /** Waits until the state machine here has all that was acknowledged anywhere before this call. */
  read(done: (outcome: ReadOutcome) => void): void {
    if (this.#halted !== undefined) done({ ok: false, reason: this.#halted });
    else this.#take({ kind: "readIndex", id: this.#pending.addRead(done) });
  }

  /** Asks this member, if it leads, to let `to` lead. Whether it did shows in the status. */
  transferLeadership(to: NodeId): void {
    this.#take({ kind: "transferLeadership", to });
  }

  /** As much of `status` as may be asked for at every write: what is soon told. */
  briefStatus(): BriefStatus & Pick<MemberStatus, "halted"> {
    return { ...this.core.briefStatus(), halted: this.#halted };
  }

  status(): MemberStatus {
    return {
      ...this.core.status(),
      halted: this.#halted,
      unreadableEntries: this.#applier.unreadableEntries,
      refusedMessages: this.#refusedMessages,
    };
  }

  #proposeGathered(): void {
    this.#take(...this.#takeGathered());
  }

  /** What waits to go into the log together, if anything does, as an input. */
  #takeGathered(): readonly Input[] {
    const commands = this.#gathered;
    this.#gathered = [];
    return commands.length === 0 ? [] : [{ kind: "propose", commands }];
  }

  #refuses(done: (outcome: ProposalOutcome) => void): boolean {
    if (this.#halted === undefined) return false;
    done({ kind: "dropped", reason: this.#halted });
    return true;
  }

  /** Inputs that come up while one is being worked on wait for their turn. */
  #take(...inputs: readonly Input[]): void {
    this.#inbox.push(...inputs);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      do {
        for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
          if (this.#halted === undefined) this.#step(next);
        }
      } while (this.#applyNext());
    } finally {
      this.#isStepping = false;
    }
    this.#giveAnswers();
  }

  /** Whether there was something, which may have led to more. */
  #applyNext(): boolean {
    const next = this.#applies.shift();
    if (next === undefined || this.#halted !== undefined) return false;
    this.#world.transport.flush?.();
    this.#orHalt(() => this.#apply(next));
    return true;
  }

  #giveAnswers(): void {
    for (let next = this.#answers.shift(); next !== undefined; next = this.#answers.shift()) next();
  }

  #step(input: Input): void {
    this.#orHalt(() => {
      for (const effect of this.core.step(input)) {
        this.#world.onEffect?.(effect);
        this.#carryOut(effect);
      }
    });
  }

  /** If an invariant breaks, or an effect cannot be carried out, the core cannot know what is true. */
  #orHalt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#halt(messageOf(error));
    }
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case "store":
        return this.#store(effect);
      case "send":
        return this.#world.transport.send(effect.message);
      case "sendSnapshot":
        return this.#sendSnapshot(effect);
      case "apply":
        this.#applies.push(effect);
        return;
      case "readReady":
        return this.#pending.answerRead(effect.id, this.#readAt(effect.index));
      case "dropped":
        return this.#dropped(effect);
      case "role":
        return;
    }
  }

  #store({ write, token, messages }: Effect & { kind: "store" }): void {
    // A leader's disk and its followers' work at the same time.
    this.#world.transport.flush?.();
    this.#world.storage.store(write, (result) => {
      if (this.#halted !== undefined) return;
      if (!result.ok) return this.#haltOutside(`the log could not be stored: ${result.detail}`);
      this.#orHalt(() => {
        for (const message of messages) this.#world.transport.send(message);
      });
      this.#take({ kind: "stored", token });
      this.#compact();
    });
  }

  #sendSnapshot({ to, term }: Effect & { kind: "sendSnapshot" }): void {
    this.#world.storage.readSnapshot((read) => {
      if (this.#halted !== undefined) return;
      if (!read.ok) return this.#haltOutside(`the snapshot could not be read: ${read.detail}`);
      const { snapshot } = read;
      // Taken since this member led `term`: whoever leads now will send one.
      if (snapshot.term > term) {
        return this.#take({ kind: "snapshotResult", to, index: snapshot.index, ok: false });
      }
      const message = this.core.message(to, { kind: "installSnapshot", snapshot }, term);
      this.#world.transport.sendSnapshot(message, (ok) =>
        this.#take({ kind: "snapshotResult", to, index: snapshot.index, ok }),
      );
    });
  }

  #apply({ snapshot, entries }: Effect & { kind: "apply" }): void {
    if (snapshot !== undefined) this.#applier.restore(snapshot);
    this.#applier.apply(entries);
    // It has the one or the other.
    this.#take({ kind: "applied", index: entries.at(-1)?.index ?? snapshot!.index });
    this.#takeSnapshotIfDue();
  }

  #takeSnapshotIfDue(): void {
    if (!this.#applier.isSnapshotDue(this.#policy.snapshotAfterBytes)) return;
    this.#applier.beginSnapshot();
    this.#makeSnapshot();
  }

  /** Goes on making one, to its end or until others are to have their turn. */
  #makeSnapshot(): void {
    const { betweenParts } = this.#world;
    for (;;) {
      const made = this.#applier.stepSnapshot();
      if (made === "none") return;
      if (made !== "more") {
        this.#take({ kind: "snapshotTaken", ...made });
        // Much may have been applied while it was made.
        return this.#takeSnapshotIfDue();
      }
      if (betweenParts === undefined) continue;
      return betweenParts(() => {
        if (this.#halted === undefined) this.#orHaltOutside(() => this.#makeSnapshot());
      });
    }
  }

  #readAt(index: number): ReadOutcome {
    const missing = this.#applier.firstUnreadable;
    if (missing === undefined) return { ok: true, index };
    return { ok: false, reason: `this version of phi cannot read entry ${missing}` };
  }

  #dropped(effect: Effect & { kind: "dropped" }): void {
    const { reason } = effect;
    switch (effect.what) {
      case "proposal":
        return this.#pending.answerProposal(effect.id, { kind: effect.outcome, reason });
      case "read":
        return this.#pending.answerRead(effect.id, { ok: false, reason });
      case "message":
        this.#refusedMessages++;
        return;
      case "transfer":
        return;
    }
  }

  /** Shortens the log once a new snapshot is durable. */
  #compact(): void {
    const { snapshotIndex } = this.core;
    if (snapshotIndex === this.#compactedFor) return;
    this.#compactedFor = snapshotIndex;
    this.#take({ kind: "compact", throughIndex: this.#tailStart(snapshotIndex) });
  }

  /** What stands before the entries that are kept behind a snapshot. */
  #tailStart(snapshotIndex: number): number {
    const { keepTailEntries, keepTailBytes } = this.#policy;
    let index = snapshotIndex;
    for (let bytes = 0; snapshotIndex - index < keepTailEntries; index--) {
      const entry = this.core.entryAt(index);
      bytes += entry === undefined ? Infinity : entryBytes(entry);
      if (bytes > keepTailBytes) break;
    }
    return index;
  }

  #orHaltOutside(work: () => void): void {
    this.#orHalt(work);
    this.#giveAnswers();
  }

  /** Halts where no step is under way that would give the answers. */
  #haltOutside(reason: string): void {
    this.#halt(reason);
    this.#giveAnswers();
  }

  /** Once: nothing is worked on after that. */
  #halt(reason: string): void {
    this.#halted = reason;
    this.#pending.abandon(reason);
    this.#world.onHalt?.(reason);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
