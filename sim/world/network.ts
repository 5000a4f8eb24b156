/**
 * The simulated network. A message takes its time, may be lost, doubled, very late, or overtaken by
 * others, and a cut link carries nothing. Snapshots go by a stream of their own, slower the larger they
 * are, which may break off, or arrive although the sender is told that it broke off. Where the
 * personality says so, messages cross as bytes.
 */
import { decodeMessage, encodeMessage, type Message, type MessageOf } from "../../src/raft/mod.ts";
import type { Coverage } from "./coverage.ts";
import { EVENT, type EventQueue } from "./event_queue.ts";
import type { Partition } from "./partition.ts";
import type { Random } from "./random.ts";

export interface NetworkConditions {
  readonly minDelayUs: number;
  readonly spreadUs: number;
  /** How often a message takes up to `lateUs` longer. */
  readonly lateChance: number;
  readonly lateUs: number;
  readonly dropChance: number;
  readonly duplicateChance: number;
  /** How often a message comes once more, up to `echoUs` later, when the world has moved on. */
  readonly echoChance: number;
  readonly echoUs: number;
  /** Whether a link delivers in the order of sending, as one connection would. */
  readonly keepsOrder: boolean;
  readonly snapshotDelayUs: number;
  readonly snapshotFailChance: number;
  /** How often a snapshot arrives although its sender is told that it did not. */
  readonly snapshotDoubtChance: number;
  /** How often a snapshot arrives with a flipped bit. */
  readonly snapshotDamageChance: number;
  /** How often something that no member of this cluster sent arrives beside a message. */
  readonly strayChance: number;
  /** How often a sender is told that a message met a link that is cut. */
  readonly unreachableChance: number;
}

/** What a healed network is like. */
export const CALM_NETWORK: NetworkConditions = {
  minDelayUs: 300,
  spreadUs: 700,
  lateChance: 0,
  lateUs: 0,
  dropChance: 0,
  duplicateChance: 0,
  echoChance: 0,
  echoUs: 0,
  keepsOrder: true,
  snapshotDelayUs: 2_000,
  snapshotFailChance: 0,
  snapshotDoubtChance: 0,
  snapshotDamageChance: 0,
  strayChance: 0,
  unreachableChance: 0,
};

/** How many members a run may ever have. */
export const MAX_HOSTS = 64;

/** Whoever is at the ends of the links. */
export interface Receiver {
  /** A message has come. `isStray`: no correct member of the cluster sent it so. */
  deliver(to: number, message: Message, isStray: boolean): void;
  /** A message from `from` met a cut link to `to`. */
  unreachable(from: number, to: number): void;
}

export class Network {
  conditions: NetworkConditions;
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #receiver: Receiver;
  readonly #usesCodec: boolean;
  readonly #coverage: Coverage;
  /** By `from * MAX_HOSTS + to`: how many partitions cut the link, and how much slower it is. */
  readonly #cuts = new Uint8Array(MAX_HOSTS * MAX_HOSTS);
  readonly #extraDelayUs = new Float64Array(MAX_HOSTS * MAX_HOSTS);
  readonly #lastArrivalUs = new Float64Array(MAX_HOSTS * MAX_HOSTS);
  #partitions = new Set<Partition>();
  /** Ends each snapshot stream that is under way; told whether all of it arrived. */
  readonly #streams = new Set<(ok: boolean) => void>();
  /** How often the network was healed. */
  #repairs = 0;

  constructor(
    queue: EventQueue,
    random: Random,
    conditions: NetworkConditions,
    usesCodec: boolean,
    coverage: Coverage,
    receiver: Receiver,
  ) {
    this.#queue = queue;
    this.#random = random;
    this.conditions = conditions;
    this.#usesCodec = usesCodec;
    this.#coverage = coverage;
    this.#receiver = receiver;
  }

  get isWhole(): boolean {
    return this.#partitions.size === 0;
  }

  isCut(from: number, to: number): boolean {
    return this.#cuts[from * MAX_HOSTS + to] !== 0;
  }

  /** Cuts what a partition cuts; a link that several cut is whole once all have ended. */
  begin(partition: Partition): void {
    this.#partitions.add(partition);
    for (const [from, to] of partition.cut) this.#cuts[from * MAX_HOSTS + to]!++;
  }

  end(partition: Partition): void {
    if (!this.#partitions.delete(partition)) return;
    for (const [from, to] of partition.cut) this.#cuts[from * MAX_HOSTS + to]!--;
  }

  /** Makes every link of a member slower, 0 to end it. */
  clog(member: number, extraDelayUs: number): void {
    for (let other = 0; other < MAX_HOSTS; other++) {
      this.#extraDelayUs[member * MAX_HOSTS + other] = extraDelayUs;
      this.#extraDelayUs[other * MAX_HOSTS + member] = extraDelayUs;
    }
  }

  /** Ends all partitions and slowness. All connections are new, so what was under way is lost. */
  heal(): void {
    this.#repairs++;
    this.#cuts.fill(0);
    this.#extraDelayUs.fill(0);
    this.#partitions = new Set();
    this.#lastArrivalUs.fill(0);
    this.conditions = CALM_NETWORK;
    for (const finish of this.#streams) finish(false);
  }

  send(from: number, to: number, message: Message): void {
    const { dropChance, duplicateChance, strayChance } = this.conditions;
    if (this.isCut(from, to)) return this.#report(from, to);
    if (this.#happens(dropChance)) return;
    const packet = this.#pack(message);
    this.#carry(from, to, packet);
    if (this.#happens(duplicateChance)) {
      this.#coverage.hit("message doubled");
      this.#carry(from, to, packet);
    }
    if (this.#happens(this.conditions.echoChance)) this.#echo(from, to, packet);
    if (this.#happens(strayChance)) this.#carry(from, to, this.#pack(this.#strayOf(message)), true);
  }

  /** `done` is told once whether the other side has all of it. */
  sendSnapshot(
    from: number,
    to: number,
    message: MessageOf<"installSnapshot">,
    done: (ok: boolean) => void,
  ): void {
    const { conditions } = this;
    const { data } = message.snapshot;
    const delayUs = this.#delayUs(from, to) + conditions.snapshotDelayUs + data.length;
    const isBroken = this.#happens(conditions.snapshotFailChance);
    const isDoubted = this.#happens(conditions.snapshotDoubtChance);
    const isDamaged = this.#happens(conditions.snapshotDamageChance) && data.length > 0;
    const packet = this.#pack(isDamaged ? this.#damaged(message) : message);
    let isOver = false;
    const finish = (ok: boolean) => {
      if (isOver) return;
      isOver = true;
      this.#streams.delete(finish);
      this.#queue.schedule(this.#delayUs(to, from), EVENT.snapshotResult, from, () => done(ok));
    };
    this.#streams.add(finish);
    this.#queue.schedule(delayUs, EVENT.snapshot, to, () => {
      const arrives = !isOver && !isBroken && !this.isCut(from, to);
      if (arrives) this.#receiver.deliver(to, this.#unpack(packet), isDamaged);
      finish(arrives && !isDoubted && !this.isCut(to, from));
    });
  }

  /** A hint that may come or not, and takes its time. */
  #report(from: number, to: number): void {
    if (!this.#happens(this.conditions.unreachableChance)) return;
    this.#coverage.hit("peer reported unreachable");
    this.#queue.schedule(this.#delayUs(to, from), EVENT.message, from, () =>
      this.#receiver.unreachable(from, to),
    );
  }

  #carry(from: number, to: number, packet: Message | Uint8Array, isStray = false): void {
    const link = from * MAX_HOSTS + to;
    let delayUs = this.#delayUs(from, to);
    if (this.conditions.keepsOrder) {
      const { nowUs } = this.#queue;
      delayUs = Math.max(delayUs, this.#lastArrivalUs[link]! - nowUs);
      this.#lastArrivalUs[link] = nowUs + delayUs;
    }
    const repairs = this.#repairs;
    this.#queue.schedule(delayUs, EVENT.message, to, () => {
      if (this.isCut(from, to) || repairs !== this.#repairs) return;
      this.#receiver.deliver(to, this.#unpack(packet), isStray);
    });
  }

  /** Not held back by the order of the link: it is of a connection that is long gone. */
  #echo(from: number, to: number, packet: Message | Uint8Array): void {
    this.#coverage.hit("message echoed");
    const repairs = this.#repairs;
    const delayUs = this.#random.below(this.conditions.echoUs);
    this.#queue.schedule(delayUs, EVENT.message, to, () => {
      if (this.isCut(from, to) || repairs !== this.#repairs) return;
      this.#receiver.deliver(to, this.#unpack(packet), false);
    });
  }

  #delayUs(from: number, to: number): number {
    const { minDelayUs, spreadUs, lateChance, lateUs } = this.conditions;
    const extraUs = this.#extraDelayUs[from * MAX_HOSTS + to]!;
    const delayUs = minDelayUs + this.#random.below(spreadUs) + extraUs;
    if (!this.#happens(lateChance)) return delayUs;
    this.#coverage.hit("message late");
    return delayUs + this.#random.below(lateUs);
  }

  #pack(message: Message): Message | Uint8Array {
    return this.#usesCodec ? encodeMessage(message) : message;
  }

  #unpack(packet: Message | Uint8Array): Message {
    if (!(packet instanceof Uint8Array)) return packet;
    const decoded = decodeMessage(packet);
    if (!decoded.ok) throw new Error(`A message does not survive the codec: ${decoded.detail}`);
    return decoded.value;
  }

  /** A message as from another cluster, or one that lost its way. */
  #strayOf(message: Message): Message {
    const isOtherCluster = this.#random.chance(0.5);
    return isOtherCluster ? { ...message, clusterId: "another" } : { ...message, to: "nobody" };
  }

  #damaged(message: MessageOf<"installSnapshot">): MessageOf<"installSnapshot"> {
    const data = message.snapshot.data.slice();
    const place = this.#random.below(data.length);
    data[place]! ^= 1 << this.#random.below(8);
    return { ...message, snapshot: { ...message.snapshot, data } };
  }

  /** Draws only where there is something to draw, which keeps calm networks cheap. */
  #happens(chance: number): boolean {
    return chance > 0 && this.#random.chance(chance);
  }
}
