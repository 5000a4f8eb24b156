/**
 * What goes wrong, and when. Each fault that the personality switches on has a life of its own: it
 * waits, begins, lasts, ends, and waits again, with draws of its own, until the fault phase is over.
 * Then everything ends at once, and the cluster has to recover.
 */
import type { Administrator } from "./administrator.ts";
import type { Path } from "./coverage.ts";
import type { DiskHealth } from "./disk.ts";
import { EVENT, NOBODY } from "./event_queue.ts";
import type { Host } from "./host.ts";
import { drawPartition, type Partition, type PartitionShape } from "./partition.ts";
import type { Fault, FaultRhythm } from "./personality.ts";
import type { Random } from "./random.ts";
import type { RotPlace } from "./rotting_store.ts";
import type { World } from "./world.ts";

const SHAPES: readonly PartitionShape[] = ["whole", "one-way", "bridge", "isolated", "one link"];

/** Ends a fault that has begun. */
type End = () => void;

export class Faults {
  readonly #world: World;
  readonly #administrator: Administrator;
  readonly #random: Random;
  #isOver = false;

  constructor(world: World, administrator: Administrator) {
    this.#world = world;
    this.#administrator = administrator;
    this.#random = world.random.fork("faults");
  }

  start(): void {
    const { personality, hosts, coverage } = this.#world;
    for (const [fault, rhythm] of personality.faults) {
      this.#wait(fault, rhythm, this.#random.fork(fault));
    }
    if (personality.faults.has("flipped bit")) {
      const random = this.#random.fork("flipped bit that is read");
      this.#world.beforeRead = (host) => {
        if (!this.#isOver && random.chance(0.1)) this.#rot(host, random, "snapshot");
      };
    }
    if (personality.skew === 1) return;
    coverage.hit("skewed clocks");
    for (const host of hosts) host.tickUs = this.#skewed(personality.tickUs);
  }

  /** Everything is well again: whole network, good disks, right clocks, all machines on. */
  end(): void {
    this.#isOver = true;
    const { hosts, tell } = this.#world;
    tell("world", "all faults end");
    this.#world.calmDown();
    for (const host of hosts) {
      host.resume();
      if (host.disk.health === "broken") host.retire();
      else if (host.disk.health === "rotten") host.crash();
      else this.#repair(host);
      host.start();
      if (host.disk.isLost) host.retire();
    }
  }

  #wait(fault: Fault, rhythm: FaultRhythm, random: Random): void {
    const delayUs = 1 + random.below(2 * rhythm.gapUs);
    this.#later(delayUs, () => {
      const end = this.#begin(fault, random);
      if (end === undefined) return this.#wait(fault, rhythm, random);
      this.#later(1 + random.below(rhythm.lengthUs), () => {
        end();
        this.#wait(fault, rhythm, random);
      });
    });
  }

  /** Begins a fault, if there is somebody whom it can befall. */
  #begin(fault: Fault, random: Random): End | undefined {
    switch (fault) {
      case "crash":
        return this.#crash(random);
      case "crash all":
        return this.#crashAll(random);
      case "pause":
        return this.#pause(random);
      case "partition":
        return this.#partition(random);
      case "flapping":
        return this.#flap(random);
      case "clog":
        return this.#clog(random);
      case "slow disk":
        return this.#slowDisk(random);
      case "low space":
        return this.#ail("low", random);
      case "full disk":
        return this.#ail("full", random);
      case "broken disk":
        return this.#breakDisk(random);
      case "membership":
        return this.#changeMembership(random);
      case "transfer":
        return this.#transfer(random);
      case "flipped bit":
        return this.#flipBit(random);
    }
  }

  #crash(random: Random): End | undefined {
    const host = this.#victim(random);
    if (host === undefined) return undefined;
    const { leaders } = this.#world.invariants;
    if (leaders.termLedBy(host) !== undefined) this.#world.coverage.hit("leader crashes");
    host.crash();
    return () => host.start();
  }

  #crashAll(random: Random): End {
    const { hosts, coverage } = this.#world;
    coverage.hit("crash of all members");
    for (const host of hosts) host.crash();
    return () => {
      // Not all at once, nor in the same order each time.
      for (const host of random.shuffled(hosts)) {
        this.#later(random.below(200_000), () => host.start());
      }
    };
  }

  #pause(random: Random): End | undefined {
    const host = this.#victim(random);
    if (host === undefined) return undefined;
    this.#world.coverage.hit("pause");
    this.#world.tell(host.id, "is paused");
    host.pause();
    return () => {
      if (host.isPaused) this.#world.tell(host.id, "goes on");
      host.resume();
    };
  }

  #partition(random: Random): End | undefined {
    const { network, coverage, tell } = this.#world;
    const partition = this.#drawPartition(random);
    if (partition === undefined) return undefined;
    const { shape } = partition;
    coverage.hit(`partition ${shape}` satisfies Path);
    const sides = partition.sides.map((side) => side.map((one) => `n${one + 1}`).join(" "));
    tell("network", `is cut (${shape}): ${sides.join(" | ")}`);
    network.begin(partition);
    this.#provoke(random);
    return () => {
      network.end(partition);
      tell("network", `is whole again (${shape})`);
    };
  }

  /** A partition that comes and goes, faster than elections. */
  #flap(random: Random): End | undefined {
    const { network, coverage, tell } = this.#world;
    const partition = this.#drawPartition(random);
    if (partition === undefined) return undefined;
    const periodUs = random.pick([10_000, 60_000, 200_000]);
    coverage.hit("partition flaps");
    tell("network", `flaps (${partition.shape})`);
    let isCut = false;
    let hasEnded = false;
    const toggle = () => {
      if (hasEnded) return;
      isCut = !isCut;
      if (isCut) network.begin(partition);
      else network.end(partition);
      this.#later(1 + random.below(2 * periodUs), toggle);
    };
    toggle();
    return () => {
      hasEnded = true;
      network.end(partition);
    };
  }

  /** A change that a leader takes just as it is cut off will be rolled back. */
  #provoke(random: Random): void {
    const { faults, leaderChance } = this.#world.personality;
    if (!faults.has("membership") || !random.chance(0.3)) return;
    this.#later(random.below(60_000), () => this.#administrator.changeSomething(leaderChance));
  }

  /** Often the leader is on the smaller or the silent side. */
  #drawPartition(random: Random): Partition | undefined {
    const { hosts, leader, personality } = this.#world;
    const members = hosts.filter(({ isRetired }) => !isRetired).map(({ number }) => number);
    if (members.length < 2) return undefined;
    const target = random.chance(personality.leaderChance) ? leader?.number : undefined;
    return drawPartition(random.pick(SHAPES), members, random, target);
  }

  #clog(random: Random): End {
    const { network, coverage, hosts, tell } = this.#world;
    const host = random.pick(hosts);
    const extraDelayUs = random.pick([20_000, 80_000, 300_000]);
    coverage.hit("links clogged");
    tell(host.id, `is slow to reach (${extraDelayUs / 1_000} ms)`);
    network.clog(host.number, extraDelayUs);
    return () => {
      network.clog(host.number, 0);
      tell(host.id, "is as quick to reach as ever");
    };
  }

  #slowDisk(random: Random): End | undefined {
    const host = this.#victim(random);
    if (host === undefined) return undefined;
    this.#world.coverage.hit("disk slow");
    this.#world.tell(host.id, "has a slow disk");
    host.disk.slowness = random.pick([5, 40, 200]);
    return () => {
      host.disk.slowness = 1;
    };
  }

  #ail(health: DiskHealth & ("low" | "full"), random: Random): End | undefined {
    const host = this.#victim(random);
    if (host === undefined || host.disk.health !== "good") return undefined;
    this.#world.coverage.hit(health === "low" ? "disk low on space" : "disk full");
    this.#world.tell(host.id, `has a disk that is ${health}`);
    host.disk.health = health;
    return () => {
      if (host.disk.health !== health) return;
      this.#repair(host);
      host.start();
    };
  }

  #breakDisk(random: Random): End | undefined {
    const host = this.#victim(random);
    if (host === undefined || !this.#administrator.mayBreak(host)) return undefined;
    this.#world.coverage.hit("disk broken");
    this.#world.tell(host.id, "has a disk that breaks");
    host.disk.health = "broken";
    return () => {};
  }

  /** Under a process that runs, or that is off meanwhile. A start is to come, and finds it if it is still there. */
  #flipBit(random: Random): End | undefined {
    const host = this.#victim(random);
    if (host === undefined || !this.#rot(host, random)) return undefined;
    const isNoticedLate = random.chance(0.5);
    if (!isNoticedLate) host.crash();
    return () => {
      if (isNoticedLate && random.chance(0.7)) return;
      host.crash();
      host.start();
    };
  }

  /** Whether a bit of this disk may flip, and so has. */
  #rot(host: Host, random: Random, place?: RotPlace): boolean {
    if (host.disk.health !== "good" || !this.#administrator.mayBreak(host)) return false;
    this.#world.coverage.hit("bit flipped");
    this.#world.tell(host.id, "has a disk of which a bit flips");
    host.disk.rot(random, place);
    return true;
  }

  /** Often to one that is slow to take over, so that the leader goes on meanwhile. */
  #transfer(random: Random): End {
    const successor = this.#administrator.transferSomewhere();
    if (successor === undefined || !random.chance(0.5)) return () => {};
    successor.disk.slowness = random.pick([40, 200]);
    return () => {
      successor.disk.slowness = 1;
    };
  }

  /** Among them, what the operator does about members that are gone. */
  #changeMembership(random: Random): End {
    const { leaderChance } = this.#world.personality;
    const removed = this.#administrator.removedHosts;
    const [broken] = this.#administrator.brokenMembers;
    if (removed.length > 0 && random.chance(0.4)) random.pick(removed).retire();
    else if (broken !== undefined && random.chance(0.6)) {
      this.#administrator.ask({ kind: "remove", id: broken.id });
    } else {
      this.#administrator.changeSomething(leaderChance);
      // The second has to wait for the first, or be refused.
      if (random.chance(0.3)) this.#administrator.changeSomething(leaderChance);
    }
    return () => {};
  }

  /** Room on the disk again; a member that has halted needs a new process. */
  #repair(host: Host): void {
    host.disk.health = "good";
    if (host.isHalted || host.disk.hasFailed) host.crash();
  }

  /** Somebody whose process runs; the leader as often as the personality says. */
  #victim(random: Random): Host | undefined {
    const { hosts, leader, personality } = this.#world;
    if (leader !== undefined && random.chance(personality.leaderChance)) return leader;
    const up = hosts.filter((host) => host.isUp && !host.isPaused);
    return up.length > 0 ? random.pick(up) : undefined;
  }

  #skewed(tickUs: number): number {
    const { skew } = this.#world.personality;
    const factor = 1 + this.#random.fraction() * (skew - 1);
    return Math.round(this.#random.chance(0.5) ? tickUs * factor : tickUs / factor);
  }

  /** Nothing that was planned happens once the fault phase is over. */
  #later(delayUs: number, run: () => void): void {
    this.#world.queue.schedule(delayUs, EVENT.fault, NOBODY, () => {
      if (!this.#isOver) run();
    });
  }
}
