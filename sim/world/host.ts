/**
 * One machine of the simulated cluster: a disk that survives, and a process that may crash, be paused,
 * halt, and be started again. The process is the real driver with the real core; this file stands in
 * for all that is around it, and lets the invariants see everything that passes.
 */
import { isDeepStrictEqual } from "node:util";
import {
  type Effect,
  isForwardedCommand,
  type LogWrite,
  type Message,
  type MessageOf,
  type MemberStatus,
  RaftMember,
  type StoredState,
} from "../../src/raft/mod.ts";
import { SimulatedDisk } from "./disk.ts";
import { EVENT } from "./event_queue.ts";
import type { Subject } from "./invariants/subject.ts";
import { mustHold, violate } from "./invariants/violation.ts";
import type { LogImage } from "./log_image.ts";
import { traceEffect, traceMessage } from "./message_trace.ts";
import { watchEffect, watchWrite } from "./paths.ts";
import type { Random } from "./random.ts";
import { ReplicatedMachine } from "./replicated_machine.ts";
import type { World } from "./world.ts";

export const CLUSTER_ID = "simulated";

/** What arrives within this of a forwarded command may be delivered with it. */
const TOGETHER_US = 1_000;

export class Host implements Subject {
  readonly id: string;
  readonly number: number;
  readonly disk: SimulatedDisk;
  /** How long a tick takes by this machine's clock. */
  tickUs: number;
  readonly #world: World;
  readonly #random: Random;
  #member: RaftMember | undefined;
  #machine: ReplicatedMachine;
  #life = 0;
  #isPaused = false;
  /** Removed from the cluster and switched off, or its disk is broken: it never starts again. */
  #isRetired = false;
  /** What arrived while the process was paused, oldest first. */
  #deferred: ((member: RaftMember) => void)[] = [];
  #isDraining = false;
  /** Whether the message being delivered is one that has to be refused. */
  #expectsRefusal = false;
  /** Forwarded commands that wait to be delivered together, as those of one frame are. */
  #together: Message[] = [];

  constructor(world: World, id: string, number: number) {
    this.#world = world;
    this.id = id;
    this.number = number;
    this.#random = world.random.fork(`host ${id}`);
    this.tickUs = world.personality.tickUs;
    this.#machine = new ReplicatedMachine(world.personality.sessions);
    const { queue, personality, invariants } = world;
    this.disk = new SimulatedDisk(queue, this.#random.fork("disk"), number, personality.disk, {
      beforeWrite: (write) => this.#beforeWrite(write),
      afterWrite: (write) => invariants.afterWrite(this, write),
      synced: () => invariants.onSynced(this),
      beforeRead: () => world.beforeRead(this),
      complete: (run) => this.enter(run),
    });
  }

  get synced(): LogImage {
    return this.disk.image;
  }
  get written(): LogImage {
    return this.disk.writtenImage;
  }
  get life(): number {
    return this.#life;
  }
  get machine(): ReplicatedMachine {
    return this.#machine;
  }
  get isPaused(): boolean {
    return this.#isPaused;
  }
  get isRetired(): boolean {
    return this.#isRetired;
  }
  get isHalted(): boolean {
    return this.#member?.briefStatus().halted !== undefined;
  }
  /** Whether a process runs that has not halted; it may be paused. */
  get isUp(): boolean {
    return this.#member !== undefined && !this.isHalted;
  }

  get term(): number | undefined {
    return this.#member?.briefStatus().term;
  }

  status(): MemberStatus | undefined {
    return this.#member?.status();
  }

  /** Starts the process on what the disk holds. */
  start(): void {
    if (this.#member !== undefined || this.#isRetired) return;
    const { personality, invariants, coverage } = this.#world;
    const stored = this.#open();
    if (stored === undefined) return;
    this.#life++;
    const life = this.#life;
    if (stored.incarnation > 1) {
      coverage.hit("restart");
      const hasBoth = stored.snapshot !== undefined && stored.snapshot.index > 1;
      if (hasBoth && stored.entries.length > 0) coverage.hit("restart from snapshot and log");
    }
    invariants.onStart(this);
    this.#machine = new ReplicatedMachine(personality.sessions);
    const random = this.#random.fork(`run ${stored.incarnation}`);
    const options = {
      clusterId: CLUSTER_ID,
      id: this.id,
      random: () => random.fraction(),
      ...personality.raft,
    };
    this.#world.tell(this.id, `starts (${stored.incarnation}), log ${describe(this.synced)}`);
    this.#world.touch(this);
    this.#member = new RaftMember(options, stored, {
      storage: this.disk,
      transport: {
        send: (message) => this.#send(message),
        sendSnapshot: (message, done) => this.#sendSnapshot(message, done),
      },
      stateMachine: {
        apply: (command) => {
          const result = this.#machine.apply(command);
          invariants.onApplied(this, command.index, this.#machine.historyHash);
          return result;
        },
        snapshot: () => this.#machine.snapshot(),
        snapshotParts: () => this.#machine.snapshotParts(),
        restore: (data) => this.#machine.restore(data),
      },
      ...(personality.gathersProposals && { soon: (run: () => void) => this.#later(life, 0, run) }),
      ...(personality.snapshotPartUs > 0 && {
        betweenParts: (run: () => void) => this.#later(life, personality.snapshotPartUs, run),
      }),
      onHalt: (reason) => this.#onHalt(reason),
      onEffect: (effect) => this.#onEffect(effect),
    });
    this.#scheduleTick(life);
  }

  /** The process ends at once; of its writes under way only some may have reached the disk. */
  crash(): void {
    if (this.#member === undefined) return;
    this.#member = undefined;
    this.#life++;
    this.#deferred = [];
    this.#together = [];
    this.#isPaused = false;
    const { survived, lost, isTorn, mistaken } = this.disk.crash();
    const { coverage } = this.#world;
    if (isTorn) coverage.hit("write torn");
    if (mistaken !== undefined) {
      violate("a crash is not taken for damage", `${this.id}: ${mistaken}`);
    }
    coverage.hit("crash");
    if (lost > 0) coverage.hit("crash loses writes", lost);
    if (survived > 0) coverage.hit("crash keeps unacknowledged writes", survived);
    const writes = lost + survived > 0 ? `; of ${lost + survived} writes ${survived} survive` : "";
    this.#world.tell(this.id, `crashes${writes}`);
  }

  /** The machine is switched off for good. */
  retire(): void {
    this.crash();
    this.#isRetired = true;
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** What arrived meanwhile is worked on in order, one event each. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#drain();
  }

  /** Lets the member work on something, now or when it can; nothing happens if no process runs. */
  enter(work: (member: RaftMember) => void): void {
    const member = this.#member;
    if (member === undefined) return;
    if (this.#isPaused || this.#deferred.length > 0) {
      this.#deferred.push(work);
      return;
    }
    this.#world.touch(this);
    work(member);
  }

  receive(message: Message, isStray: boolean): void {
    this.enter((member) => {
      traceMessage(this.#world.trace, message, NO_SENDER, this.number);
      if (isStray) this.#receiveStray(member, message);
      else if (this.#world.personality.gathersProposals && isForwardedCommand(message)) {
        this.#gather(message);
      } else this.#world.invariants.onReceive(this, message, () => member.receive(message));
    });
  }

  #gather(message: Message): void {
    this.#together.push(message);
    if (this.#together.length > 1) return;
    const delayUs = this.#random.below(TOGETHER_US);
    this.#later(this.#life, delayUs, (member) => this.#deliverTogether(member));
  }

  #deliverTogether(member: RaftMember): void {
    const messages = this.#together;
    this.#together = [];
    if (messages.length > 1) this.#world.coverage.hit("commands forwarded together");
    member.receiveAll(messages);
  }

  #receiveStray(member: RaftMember, message: Message): void {
    const before = member.status().refusedMessages;
    this.#expectsRefusal = true;
    member.receive(message);
    this.#expectsRefusal = false;
    const { halted, refusedMessages } = member.status();
    if (halted !== undefined || refusedMessages > before) return;
    violate("a stray message is refused", `${this.id} takes a ${message.kind}`);
  }

  /** Undefined if the storage refuses what the disk holds: it is damaged, and that has been noticed. */
  #open(): StoredState | undefined {
    const { coverage, tell } = this.#world;
    const { isLost, health } = this.disk;
    const opened = this.disk.open();
    if (!opened.ok) {
      mustHold(isLost, "only damage is refused", () => `${this.id}: ${opened.detail}`);
      coverage.hit("damage refused at the start");
      tell(this.id, `does not start: ${opened.detail}`);
      return undefined;
    }
    if (health !== "rotten") return opened.stored;
    coverage.hit("damage gone before the start");
    const { hardState, snapshot, compacted, entries } = opened.stored;
    const { synced } = this;
    mustHold(
      isDeepStrictEqual(
        [hardState, snapshot, compacted, entries],
        [synced.hardState, synced.snapshot, synced.compacted, synced.entries],
      ),
      "a member starts from what it stored",
      () => `${this.id} does not notice that its disk is damaged`,
    );
    return opened.stored;
  }

  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const life = this.#life;
    this.#world.queue.schedule(0, EVENT.deferred, this.number, () => {
      this.#isDraining = false;
      if (life !== this.#life || this.#isPaused || this.#member === undefined) return;
      const work = this.#deferred.shift();
      this.#world.touch(this);
      work?.(this.#member);
      if (this.#deferred.length > 0) this.#drain();
    });
  }

  #scheduleTick(life: number): void {
    const { queue, invariants } = this.#world;
    const tick = () => {
      if (life !== this.#life) return;
      queue.schedule(this.tickUs, EVENT.tick, this.number, tick);
      // A process that does not run counts no ticks.
      if (this.#isPaused || this.#member === undefined) return;
      this.#world.touch(this);
      invariants.onTick(this);
      this.#member.tick();
    };
    queue.schedule(this.#random.below(this.tickUs), EVENT.tick, this.number, tick);
  }

  #later(life: number, delayUs: number, run: (member: RaftMember) => void): void {
    this.#world.queue.schedule(delayUs, EVENT.deferred, this.number, () => {
      if (life === this.#life) this.enter(run);
    });
  }

  #send(message: Message): void {
    const { trace, invariants, network } = this.#world;
    const to = this.#world.hostOf(message.to);
    traceMessage(trace, message, this.number, to?.number ?? NO_SENDER);
    invariants.onSend(this, message);
    if (to !== undefined) network.send(this.number, to.number, message);
  }

  #sendSnapshot(message: MessageOf<"installSnapshot">, done: (ok: boolean) => void): void {
    const { trace, invariants, network, coverage, queue } = this.#world;
    const to = this.#world.hostOf(message.to);
    traceMessage(trace, message, this.number, to?.number ?? NO_SENDER);
    const ended = invariants.onSendSnapshot(this, message);
    coverage.hit("snapshot sent");
    const life = this.#life;
    const finish = (ok: boolean) => {
      ended();
      if (!ok) coverage.hit("snapshot stream broken");
      if (life === this.#life) this.enter(() => done(ok));
    };
    if (to !== undefined) return network.sendSnapshot(this.number, to.number, message, finish);
    queue.schedule(0, EVENT.snapshotResult, this.number, () => finish(false));
  }

  #beforeWrite(write: LogWrite): void {
    watchWrite(this.#world, this, write);
    this.#world.invariants.beforeWrite(this, write);
  }

  #onEffect(effect: Effect): void {
    const { trace, invariants } = this.#world;
    traceEffect(trace, effect);
    if (effect.kind === "dropped" && effect.what === "message" && !this.#expectsRefusal) {
      invariants.onRefused(this, effect.reason);
    }
    watchEffect(this.#world, this, effect);
    invariants.onEffect(this, effect);
  }

  #onHalt(reason: string): void {
    this.#world.tell(this.id, `halts: ${reason}`);
    const isAssertion = reason.startsWith("Raft invariant broken");
    if (!isAssertion && (this.disk.hasFailed || this.disk.isLost)) {
      if (this.disk.health === "rotten")
        this.#world.coverage.hit("damage halts a member that runs");
      return;
    }
    const invariant = isAssertion ? "the core's own assertions" : "only a disk halts a member";
    violate(invariant, `${this.id}: ${reason}`);
  }
}

/** Where a message comes from or goes to, when that is not traced or not there. */
const NO_SENDER = 255;

function describe({ compacted, lastIndex, lastTerm, hardState }: LogImage): string {
  return `${compacted.index + 1}..${lastIndex} (term ${lastTerm}), in term ${hardState.term}`;
}
