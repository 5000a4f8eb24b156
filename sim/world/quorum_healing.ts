/**
 * Before everything heals, in some seeds only a quorum does: its members are well and reach each other,
 * while the others stay off, cut off, deaf, mute or flapping. The quorum owes its clients progress,
 * whatever the rest does: a member that nobody hears, or that hears nobody, may not hold it up.
 */
import { changeMembership, type Membership } from "../../src/raft/mod.ts";
import type { Administrator } from "./administrator.ts";
import type { Client } from "./client.ts";
import { EVENT, NOBODY } from "./event_queue.ts";
import type { Host } from "./host.ts";
import { majority } from "./invariants/subject.ts";
import { violate } from "./invariants/violation.ts";
import type { Partition } from "./partition.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

/** Each doubles the memberships that are possible; where more are open, the phase is left out. */
const MOST_IN_DOUBT = 6;

const AILMENTS = ["off", "cut off", "deaf", "mute", "flapping"] as const;

export class QuorumHealing {
  readonly #world: World;
  readonly #clients: readonly Client[];
  readonly #administrator: Administrator;
  readonly #random: Random;
  readonly #patienceTicks: number;
  readonly #partitions: Partition[] = [];
  #isOver = false;

  constructor(
    world: World,
    clients: readonly Client[],
    administrator: Administrator,
    patienceTicks: number,
  ) {
    this.#world = world;
    this.#clients = clients;
    this.#administrator = administrator;
    this.#random = world.random.fork("quorum healing");
    this.#patienceTicks = patienceTicks;
  }

  /** Called when all faults are over. `next` is when the quorum has made progress, or has no part. */
  start(next: () => void): void {
    const quorum = this.#pickQuorum();
    const { hosts, coverage, tell } = this.#world;
    const others = hosts.filter((host) => host.isUp && !quorum.includes(host));
    const isOpen = this.#administrator.changesInDoubt.length > MOST_IN_DOUBT;
    if (!this.#random.chance(0.4) || others.length === 0 || isOpen) return next();
    coverage.hit("quorum makes progress by itself");
    tell("world", `only ${quorum.map(({ id }) => id).join(" ")} are well`);
    this.#world.reachable = quorum;
    for (const host of others) this.#ail(host, quorum);
    for (const client of this.#clients) client.finish(2);
    this.#watch(this.#patienceTicks, next);
  }

  #watch(ticksLeft: number, next: () => void): void {
    const busy = this.#clients.find((client) => !client.isResting);
    if (busy === undefined) {
      this.#end();
      next();
    } else if (ticksLeft <= 0) {
      violate("progress of a quorum", `${busy.name} waits for an answer`);
    } else {
      this.#afterTicks(2, () => this.#watch(ticksLeft - 2, next));
    }
  }

  #end(): void {
    this.#isOver = true;
    const { network, hosts, tell } = this.#world;
    tell("world", "the quorum has made progress; the others are well too");
    this.#world.reachable = undefined;
    for (const partition of this.#partitions) network.end(partition);
    for (const host of hosts) host.start();
  }

  /** Few hosts, among which is a majority of every membership that is in any log, or may yet be. */
  #pickQuorum(): readonly Host[] {
    const { hosts } = this.#world;
    const memberships = this.#possibleMemberships();
    const isEnough = (some: readonly Host[]) =>
      memberships.every(({ voters }) => {
        const counted = voters.filter(({ id }) => some.some((host) => host.id === id));
        return voters.length === 0 || counted.length >= majority(voters.length);
      });
    let quorum: readonly Host[] = hosts.filter((host) => host.isUp);
    for (const host of this.#random.shuffled(quorum)) {
      const fewer = quorum.filter((one) => one !== host);
      if (isEnough(fewer)) quorum = fewer;
    }
    return quorum;
  }

  #possibleMemberships(): readonly Membership[] {
    const { hosts, invariants } = this.#world;
    const inLogs = hosts.map((host) => host.written.membership().membership);
    const possible = [invariants.committed.membership, ...inLogs];
    for (const change of this.#administrator.changesInDoubt.slice(0, MOST_IN_DOUBT)) {
      for (const membership of possible.slice()) {
        const changed = changeMembership(membership, change);
        if (changed.ok) possible.push(changed.membership);
      }
    }
    return possible;
  }

  #ail(host: Host, quorum: readonly Host[]): void {
    const ailment = this.#random.pick(AILMENTS);
    this.#world.tell(host.id, `is ${ailment}`);
    if (ailment === "off") return host.crash();
    const from = quorum.map(({ number }): [number, number] => [number, host.number]);
    const to = quorum.map(({ number }): [number, number] => [host.number, number]);
    const cut = ailment === "deaf" ? from : ailment === "mute" ? to : [...from, ...to];
    const partition: Partition = { shape: "one-way", cut, sides: [] };
    this.#partitions.push(partition);
    this.#world.network.begin(partition);
    if (ailment === "flapping") this.#flap(partition, true);
  }

  #flap(partition: Partition, isCut: boolean): void {
    this.#afterTicks(this.#random.between(1, 20), () => {
      if (this.#isOver) return;
      if (isCut) this.#world.network.end(partition);
      else this.#world.network.begin(partition);
      this.#flap(partition, !isCut);
    });
  }

  #afterTicks(ticks: number, run: () => void): void {
    const { queue, personality } = this.#world;
    queue.schedule(ticks * personality.tickUs, EVENT.healing, NOBODY, run);
  }
}
