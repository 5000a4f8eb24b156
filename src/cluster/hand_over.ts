/**
 * How a leader goes without anybody missing it: it asks one voter after the other to take over, those with
 * most of the log first, and waits until one leads.
 */
import type { Clock, Timers } from "../port.ts";
import type { Effect, NodeId, RaftMember } from "../raft/mod.ts";

export interface HandOverGrants {
  readonly clock: Clock;
  readonly timers: Timers;
}

const WITHIN_MS = 1_000;
const LOOK_AGAIN_MS = 5;

export class HandOver {
  readonly #member: RaftMember;
  readonly #grants: HandOverGrants;
  /** Those who were asked, and did not take over in time. */
  readonly #failed = new Set<NodeId>();
  #asked: NodeId | undefined;
  #result: Promise<boolean> | undefined;

  constructor(member: RaftMember, grants: HandOverGrants) {
    this.#member = member;
    this.#grants = grants;
  }

  /** To be told of what the member does. */
  onEffect(effect: Effect): void {
    if (effect.kind !== "dropped" || effect.what !== "transfer") return;
    this.#failed.add(effect.to);
    this.#asked = undefined;
  }

  /**
   * Resolves with whether this member may go: true if it did not lead, or another does by now; false if nobody
   * took over within a second. Never rejects; done once, however often it is asked for.
   */
  run(): Promise<boolean> {
    return (this.#result ??= this.#run());
  }

  async #run(): Promise<boolean> {
    const { clock, timers } = this.#grants;
    const deadlineMs = clock.monotonicMs() + WITHIN_MS;
    if (!this.#isLeading()) return true;
    while (!this.#isMissedByNobody()) {
      if (!this.#askSuccessor() || clock.monotonicMs() >= deadlineMs) return false;
      await new Promise<void>((resolve) => {
        timers.after(LOOK_AGAIN_MS, resolve);
      });
    }
    return true;
  }

  #isLeading(): boolean {
    return this.#member.status().role === "leader";
  }

  /** Another leads, or this one is halted, which leads nobody any more. */
  #isMissedByNobody(): boolean {
    const { leader, id, halted } = this.#member.status();
    return halted !== undefined || (leader !== undefined && leader !== id);
  }

  /** False if there is nobody to ask. */
  #askSuccessor(): boolean {
    if (!this.#isLeading() || this.#asked !== undefined) return true;
    const successor = this.#successor();
    if (successor === undefined) return false;
    this.#asked = successor;
    this.#member.transferLeadership(successor);
    return true;
  }

  #successor(): NodeId | undefined {
    const { peers, membership } = this.#member.status();
    const isVoter = (id: NodeId) => membership.voters.some((voter) => voter.id === id);
    return peers
      .filter(({ id, isActive }) => isActive && isVoter(id) && !this.#failed.has(id))
      .toSorted((left, right) => right.matchIndex - left.matchIndex)[0]?.id;
  }
}
