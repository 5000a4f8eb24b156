/**
 * Whoever runs the cluster: adds, promotes and removes members, asks for transfers, and replaces members
 * whose disk is gone. It may ask anybody, and may ask for something foolish, but it keeps to one rule
 * that every operator has to keep: never leave the cluster with a majority of broken disks.
 */
import {
  isLearner,
  isMember,
  type Member,
  type Membership,
  type MembershipChange,
  membersOf,
} from "../../src/raft/mod.ts";
import { EVENT, NOBODY } from "./event_queue.ts";
import type { Host } from "./host.ts";
import { majority } from "./invariants/subject.ts";
import type { Random } from "./random.ts";
import { addressOf, type World } from "./world.ts";

const MOST_MEMBERS = 8;

export class Administrator {
  readonly #world: World;
  readonly #random: Random;
  /** Changes that were asked for and may yet be made: neither committed nor refused for certain. */
  readonly #inDoubt = new Set<MembershipChange>();

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork("administrator");
  }

  get membership(): Membership {
    return this.#world.invariants.committed.membership;
  }

  /** Asks for some change or other. */
  changeSomething(leaderChance: number): void {
    const change = this.#drawChange(leaderChance);
    if (change !== undefined && this.#isSafe(change)) this.ask(change);
  }

  /** Asks for one change, of any member that is up. `done` is told whether it is committed. */
  ask(change: MembershipChange, done?: (isCommitted: boolean) => void): void {
    const { queue, coverage, tell } = this.#world;
    const host = this.#pickHost();
    if (host === undefined) {
      queue.schedule(1_000, EVENT.administrator, NOBODY, () => done?.(false));
      return;
    }
    tell("admin", `asks ${host.id} to ${describe(change)}`);
    this.#inDoubt.add(change);
    host.enter((member) =>
      member.changeMembership(change, (outcome) => {
        if (outcome.kind !== "unknown") this.#inDoubt.delete(change);
        if (outcome.kind === "dropped") coverage.hit("membership change refused");
        if (outcome.kind !== "committed") {
          tell("admin", `hears ${outcome.kind} of ${describe(change)}: ${outcome.reason}`);
        }
        queue.schedule(100, EVENT.administrator, host.number, () =>
          done?.(outcome.kind === "committed"),
        );
      }),
    );
  }

  /** Asks a leader to let somebody else lead: mostly a voter, at times a learner or nonsense. Whom. */
  transferSomewhere(): Host | undefined {
    const { leader, hosts, coverage, tell } = this.#world;
    const from = this.#random.chance(0.9) ? leader : this.#pickHost();
    const { voters, learners } = this.membership;
    const candidates = this.#random.chance(0.2) && learners.length > 0 ? learners : voters;
    const to = this.#random.chance(0.9)
      ? this.#random.pick(candidates).id
      : this.#random.pick(hosts).id;
    if (from === undefined) return undefined;
    coverage.hit("transfer asked");
    tell("admin", `asks ${from.id} to hand over to ${to}`);
    from.enter((member) => member.transferLeadership(to));
    return this.#world.hostOf(to);
  }

  /** Changes that were asked for, and may be committed yet. */
  get changesInDoubt(): readonly MembershipChange[] {
    return [...this.#inDoubt];
  }

  /** Whether this member's disk may break: in every membership that may come, a majority is left. */
  mayBreak(victim: Host): boolean {
    const { hosts } = this.#world;
    const isInDoubt = [...this.#inDoubt].some((change) => !("member" in change));
    if (isInDoubt) return false;
    const memberships = hosts.map((host) => host.written.membership().membership);
    return [this.membership, ...memberships].every(({ voters }) => {
      if (voters.length === 0) return true;
      const left = voters.filter(({ id }) => id !== victim.id && !this.#isBroken(id));
      return left.length >= majority(voters.length);
    });
  }

  /** Machines that are no members any more: switched off, now or later. */
  get removedHosts(): readonly Host[] {
    return this.#world.hosts.filter(
      (host) => host.status() !== undefined && this.#wasRemoved(host) && !host.isRetired,
    );
  }

  /** Members whose disk is gone for good, or holds what cannot be trusted. */
  get brokenMembers(): readonly Host[] {
    return this.#world.hosts.filter(({ id, disk }) => disk.isLost && isMember(this.membership, id));
  }

  /** Asks for a machine to become a learner: a new one, or one that was refused before. */
  addLearner(done?: (id: string, isCommitted: boolean) => void): void {
    const { hosts, invariants } = this.#world;
    const idle = hosts.find((one) => one.isUp && !invariants.committed.wasMember(one.id));
    const host = idle !== undefined && this.#random.chance(0.8) ? idle : this.#world.addHost();
    host.start();
    this.askToAdd(host.id, (isCommitted) => done?.(host.id, isCommitted));
  }

  /** Asks for a machine that runs to become a learner. */
  askToAdd(id: string, done?: (isCommitted: boolean) => void): void {
    this.ask({ kind: "addLearner", member: { id, address: addressOf(id) } }, done);
  }

  #wasRemoved({ id }: Host): boolean {
    return this.#world.invariants.committed.wasMember(id) && !isMember(this.membership, id);
  }

  #drawChange(leaderChance: number): MembershipChange | undefined {
    const { leader, canAddHost } = this.#world;
    const { voters, learners } = this.membership;
    const members = membersOf(this.membership);
    const wishes = ["addLearner", "promote", "promote", "remove", "move"] as const;
    const wish = this.#random.pick(wishes);
    if (wish === "addLearner" && members.length < MOST_MEMBERS && canAddHost) {
      this.addLearner();
      return undefined;
    }
    if (wish === "promote" && learners.length > 0) {
      return { kind: "promote", id: this.#random.pick(learners).id };
    }
    if (wish === "move") return { kind: "move", member: this.#elsewhere(members) };
    if (wish !== "remove" || voters.length < 2) return undefined;
    const takesLeader = leader !== undefined && this.#random.chance(leaderChance);
    return { kind: "remove", id: takesLeader ? leader.id : this.#random.pick(members).id };
  }

  /** A member at one of two addresses, where it may be already. Hosts are found by their id. */
  #elsewhere(members: readonly Member[]): Member {
    const { id } = this.#random.pick(members);
    return { id, address: this.#random.pick([addressOf(id), `${id}.elsewhere:7000`]) };
  }

  /** Whether the cluster could still lose nothing more and go on. */
  #isSafe(change: MembershipChange): boolean {
    if (change.kind === "promote") return !this.#isBroken(change.id);
    if ("member" in change || isLearner(this.membership, change.id)) return true;
    const hasBroken = this.#world.hosts.some(({ disk }) => disk.isLost);
    return !hasBroken || this.#isBroken(change.id);
  }

  #isBroken(id: string): boolean {
    return this.#world.hostOf(id)?.disk.isLost ?? false;
  }

  #pickHost(): Host | undefined {
    const { hosts, leader } = this.#world;
    if (leader !== undefined && this.#random.chance(0.6)) return leader;
    const up = hosts.filter((host) => host.isUp && isMember(this.membership, host.id));
    return up.length > 0 ? this.#random.pick(up) : undefined;
  }
}

function describe(change: MembershipChange): string {
  const id = "member" in change ? change.member.id : change.id;
  return `${change.kind} ${id}`;
}
