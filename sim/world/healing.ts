/**
 * The second half of a run: all faults are over, and now the cluster has to make progress within a
 * bounded time. It elects a leader, commits new writes of every client, and all members that are left
 * come to the same state; then nothing may move any more. Whoever cannot do that has lost something
 * for good, or goes in circles.
 */
import { encodeOpenSession, membersOf } from "../../src/raft/mod.ts";
import type { Administrator } from "./administrator.ts";
import type { Client } from "./client.ts";
import { EVENT, NOBODY } from "./event_queue.ts";
import type { Host } from "./host.ts";
import { violate } from "./invariants/violation.ts";
import { QuorumHealing } from "./quorum_healing.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

/** How long recovery may take without a member that has got more of what it lacked, in ticks. */
const PATIENCE_TICKS = 400;
/** How long peace has to last, in ticks: longer than any election timeout. */
const PEACE_TICKS = 25;
/** How long a transfer may take in a healthy cluster, in ticks: less than an election timeout. */
const HAND_OVER_TICKS = 9;

export class Healing {
  readonly #world: World;
  readonly #clients: readonly Client[];
  readonly #administrator: Administrator;
  readonly #random: Random;
  readonly #replacesBroken: boolean;
  readonly #handsOver: boolean;
  #isAdministered = false;
  #isDone = false;
  #recoveryTicks = 0;
  /** For each member the log that it has to get, as of when it was first looked at, and what it has of it. */
  readonly #catchingUp = new Map<Host, { readonly goalIndex: number; lastIndex: number }>();

  constructor(world: World, clients: readonly Client[], administrator: Administrator) {
    this.#world = world;
    this.#clients = clients;
    this.#administrator = administrator;
    this.#random = world.random.fork("healing");
    this.#replacesBroken = this.#random.chance(0.5);
    this.#handsOver = this.#random.chance(0.5);
  }

  /** How long the cluster took to recover, in ticks. */
  get recoveryTicks(): number {
    return this.#recoveryTicks;
  }

  /** Whether the cluster has recovered and stayed so. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Called when all faults are over. */
  start(): void {
    const quorum = new QuorumHealing(
      this.#world,
      this.#clients,
      this.#administrator,
      PATIENCE_TICKS,
    );
    quorum.start(() => this.#heal());
  }

  #heal(): void {
    for (const client of this.#clients) client.finish(2);
    this.#replaceBroken();
    this.#watch(0, PATIENCE_TICKS);
  }

  /** A long log that is copied to a new member is progress, however slow the copying is. */
  #watch(ticks: number, deadlineTicks: number): void {
    const missing = this.#whatIsMissing();
    if (missing === undefined) {
      const { latestTerm } = this.#world.invariants.leaders;
      this.#world.tell("world", "the cluster has recovered");
      this.#recoveryTicks = ticks;
      if (!this.#handsOver || !this.#handOver()) this.#keepPeace(PEACE_TICKS, latestTerm);
    } else if (ticks >= deadlineTicks) {
      violate("progress after healing", missing);
    } else {
      const later = this.#hasCaughtUpFurther() ? ticks + PATIENCE_TICKS : deadlineTicks;
      this.#afterTicks(2, () => this.#watch(ticks + 2, later));
    }
  }

  /** Whether some member has more than ever of the entries that it has to get. They are not endless. */
  #hasCaughtUpFurther(): boolean {
    const goalIndex = this.#longestLog();
    let isFurther = false;
    for (const host of this.#members) {
      const known = this.#catchingUp.get(host) ?? { goalIndex, lastIndex: 0 };
      const lastIndex = Math.min(host.status()?.lastIndex ?? 0, known.goalIndex);
      isFurther ||= lastIndex > known.lastIndex;
      known.lastIndex = Math.max(lastIndex, known.lastIndex);
      this.#catchingUp.set(host, known);
    }
    return isFurther;
  }

  /**
   * What is not committed yet counts too: a leader may have taken thousands of commands while its followers' disks were
   * slow, and all of them go before what a client asks for now.
   */
  #longestLog(): number {
    const lasts = this.#members.map((host) => host.status()?.lastIndex ?? 0);
    return Math.max(this.#world.invariants.committed.lastIndex, ...lasts);
  }

  /** Has another voter lead, while a command is on its way to it. Whether there is one. */
  #handOver(): boolean {
    const { leader, tell } = this.#world;
    const { voters } = this.#administrator.membership;
    const others = this.#members.filter(
      (host) => host !== leader && voters.some(({ id }) => id === host.id),
    );
    if (leader === undefined || others.length === 0) return false;
    const successor = this.#random.pick(others);
    tell("admin", `asks ${leader.id} to hand over to ${successor.id}, which has to work now`);
    leader.enter((member) => {
      member.propose(encodeOpenSession(), () => {});
      member.transferLeadership(successor.id);
    });
    this.#watchSuccessor(successor, HAND_OVER_TICKS);
    return true;
  }

  #watchSuccessor(successor: Host, ticksLeft: number): void {
    const { invariants, leader } = this.#world;
    if (leader === successor && this.#whatIsMissing() === undefined) {
      this.#keepPeace(PEACE_TICKS, invariants.leaders.latestTerm);
    } else if (ticksLeft <= 0) {
      violate("a transfer after healing", `${successor.id} does not take over from ${leader?.id}`);
    } else {
      this.#afterTicks(1, () => this.#watchSuccessor(successor, ticksLeft - 1));
    }
  }

  /** Nothing is wrong and nobody asks for anything: the leader stays. */
  #keepPeace(ticksLeft: number, term: number): void {
    const { leaders } = this.#world.invariants;
    const highest = this.#members.reduce((top, one) => Math.max(top, one.status()?.term ?? 0), 0);
    if (leaders.latestTerm !== term || highest > term) {
      const detail = `term ${term} gave way to ${Math.max(leaders.latestTerm, highest)}`;
      violate("peace after healing", detail);
    }
    if (ticksLeft > 0) this.#afterTicks(5, () => this.#keepPeace(ticksLeft - 5, term));
    else this.#isDone = true;
  }

  /** The members that are to recover: those whose disks are good. */
  get #members(): readonly Host[] {
    return membersOf(this.#administrator.membership).flatMap(({ id }) => {
      const host = this.#world.hostOf(id);
      return host === undefined || host.isRetired ? [] : [host];
    });
  }

  #whatIsMissing(): string | undefined {
    const { leader, invariants } = this.#world;
    if (leader === undefined) return "no leader";
    const busy = this.#clients.find((client) => !client.isResting);
    if (busy !== undefined) return `${busy.name} waits for an answer`;
    if (!this.#isAdministered) return "the broken members are not replaced";
    const { lastIndex } = invariants.committed;
    for (const host of this.#members) {
      const { appliedIndex, commitIndex, leader: followed } = host.status()!;
      if (commitIndex !== lastIndex || appliedIndex !== lastIndex) {
        return `${host.id} has committed ${commitIndex} and applied ${appliedIndex} of ${lastIndex}`;
      }
      if (followed !== leader.id) return `${host.id} follows ${followed ?? "nobody"}`;
    }
    return undefined;
  }

  /** One after the other: remove it, and in its place add a learner, which becomes a voter. */
  #replaceBroken(): void {
    const [broken] = this.#administrator.brokenMembers;
    if (!this.#replacesBroken || broken === undefined) {
      this.#isAdministered = true;
      return;
    }
    this.#insist(
      (done) => this.#administrator.ask({ kind: "remove", id: broken.id }, done),
      () => !this.#administrator.brokenMembers.includes(broken),
      () => this.#addInItsPlace(),
    );
  }

  #addInItsPlace(): void {
    let added = "";
    const isVoter = () => this.#administrator.membership.voters.some((voter) => voter.id === added);
    const isMember = () =>
      membersOf(this.#administrator.membership).some((member) => member.id === added);
    this.#insist(
      (done) =>
        added === ""
          ? this.#administrator.addLearner((id, isCommitted) => {
              added = id;
              done(isCommitted);
            })
          : this.#administrator.askToAdd(added, done),
      isMember,
      () =>
        this.#insist(
          (done) => this.#administrator.ask({ kind: "promote", id: added }, done),
          isVoter,
          () => {
            this.#world.coverage.hit("halted member replaced");
            this.#replaceBroken();
          },
        ),
    );
  }

  /** Asks again and again until it is so. */
  #insist(
    ask: (done: (isCommitted: boolean) => void) => void,
    isSo: () => boolean,
    next: () => void,
  ): void {
    if (isSo()) return next();
    ask(() => this.#afterTicks(10, () => this.#insist(ask, isSo, next)));
  }

  #afterTicks(ticks: number, run: () => void): void {
    const { queue, personality } = this.#world;
    queue.schedule(ticks * personality.tickUs, EVENT.healing, NOBODY, run);
  }
}
