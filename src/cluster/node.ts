/**
 * One member of the cluster at work: hosts the Raft member on its storage and links, gives it its ticks,
 * looks after the membership, and hands leadership over before it goes.
 */
import type { Clock, Random, Timers } from "../port.ts";
import {
  type BriefStatus,
  type LogStorage,
  type MemberStatus,
  type Message,
  type NodeId,
  RaftMember,
  type Role,
  type StateMachine,
  type StoredState,
} from "../raft/mod.ts";
import { catchUp } from "./catch_up.ts";
import { changeMembers } from "./change_members.ts";
import { HandOver } from "./hand_over.ts";
import { Keeper } from "./keeper.ts";
import type { Links } from "./links.ts";
import {
  type ClusterStanding,
  type ClusterStatus,
  type ClusterView,
  type JoinRequest,
  type JoinResult,
  REMOVED_DETAIL,
  type RemoveResult,
} from "./status.ts";
import { clusterStatusOf, mayBeMember, standingOf } from "./view.ts";

export interface NodeOptions {
  readonly clusterId: string;
  readonly id: NodeId;
  /** Where this member is reached by its peers, `HOST:PORT`. */
  readonly address: string;
  readonly stored: StoredState;
}

export interface NodeWorld {
  readonly storage: LogStorage;
  readonly links: Links;
  readonly stateMachine: StateMachine;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Takes no further part; the process goes on. Called once. */
  readonly onHalt?: (reason: string) => void;
  /** A member said what no correct one says: it, or this one, has lost what it had, or is defective. */
  readonly onRefused?: (from: NodeId, reason: string) => void;
  /** The role or the leader has changed. */
  readonly onRole?: (role: Role, term: number, leader: NodeId | undefined) => void;
}

/**
 * A leader that dies is missed after 500 to 1,000 ms: long enough for a loop that stalls or a slow disk,
 * short enough for whoever waits to write. Fine ticks make two elections at once rare.
 */
export const TICK_MS = 20;
const ELECTION_TICKS = 25;
const HEARTBEAT_TICKS = 5;
/** An attempt is given up sooner than a client's patience ends, so that it can be repeated. */
const REQUEST_TIMEOUT_TICKS = 25;
const ROUND_TICKS = 5;
const CHANGE_WITHIN_MS = 1_500;

export class ClusterNode implements ClusterView {
  readonly member: RaftMember;
  readonly #options: NodeOptions;
  readonly #world: NodeWorld;
  readonly #keeper: Keeper;
  readonly #handOver: HandOver;
  #tickCount = 0;
  /** The last leader that was known, and how often that was another one than before. */
  #lastLeader: NodeId | undefined;
  #leaderChanges = 0;
  #knownSnapshotIndex: number;
  #snapshotSinceMs: number | undefined;
  #cancelTick: () => void = () => {};
  #isStopped = false;
  #isToldRemoved = false;

  /** Begins to take part at once. Throws what `RaftMember` throws. */
  constructor(options: NodeOptions, world: NodeWorld) {
    const { clusterId, id, address, stored } = options;
    const { storage, links, stateMachine, random, timers, onHalt, onRole, onRefused } = world;
    this.#options = options;
    this.#world = world;
    this.member = new RaftMember(
      {
        clusterId,
        id,
        random,
        electionTicks: ELECTION_TICKS,
        heartbeatTicks: HEARTBEAT_TICKS,
        requestTimeoutTicks: REQUEST_TIMEOUT_TICKS,
      },
      stored,
      {
        storage,
        transport: links,
        stateMachine,
        soon: (run) => void timers.yieldToLoop().then(run),
        betweenParts: (run) => void timers.yieldToLoop().then(run),
        // That nothing can be stored any more is no news to whoever has stopped it.
        onHalt: (reason) => this.#isStopped || onHalt?.(reason),
        onEffect: (effect) => {
          this.#handOver?.onEffect(effect);
          if (effect.kind === "dropped" && effect.what === "message") {
            onRefused?.(effect.message.from, effect.reason);
          }
          if (effect.kind !== "role") return;
          this.#onLeader(effect.leader);
          onRole?.(effect.role, effect.term, effect.leader);
        },
      },
    );
    this.#knownSnapshotIndex = stored.snapshot?.index ?? 0;
    this.#keeper = new Keeper(this.member, links, id, address);
    this.#handOver = new HandOver(this.member, world);
    this.#tick();
  }

  /** Messages that came together. */
  receive(messages: readonly Message[]): void {
    if (!this.#isStopped) this.member.receiveAll(messages);
  }

  unreachable(peer: NodeId): void {
    if (!this.#isStopped) this.member.unreachable(peer);
  }

  /** A member, which has proved to be one, says that this monitor was removed from the cluster for good. */
  removed(): void {
    this.#isToldRemoved = true;
  }

  status(): ClusterStatus {
    const { clusterId } = this.#options;
    const status = this.member.status();
    const [standing, isConnected] = [this.#standingOf(status), this.#isConnected];
    return clusterStatusOf(status, { clusterId, standing, isConnected });
  }

  /** The member's, whose `halted` says it too where this monitor was removed: it decides as little. */
  briefStatus(): BriefStatus & Pick<MemberStatus, "halted"> {
    const status = this.member.briefStatus();
    const isOver = status.halted === undefined && this.#standingOf(status) === "removed";
    return isOver ? { ...status, halted: REMOVED_DETAIL } : status;
  }

  /** How often another leader was seen than before, since the start. The first is no change. */
  get leaderChanges(): number {
    return this.#leaderChanges;
  }

  /** Since the latest snapshot was taken or received; undefined if none has been since the start. */
  get snapshotAgeMs(): number | undefined {
    const sinceMs = this.#snapshotSinceMs;
    return sinceMs === undefined ? undefined : this.#world.clock.monotonicMs() - sinceMs;
  }

  async join({ id, address }: JoinRequest): Promise<JoinResult> {
    const { clusterId } = this.#options;
    const { standing, members, membersCommitted } = this.status();
    if (standing === "removed") return { ok: false, reason: "refused", detail: REMOVED_DETAIL };
    // What may be undone is nothing to go by: then it is asked for, and waited for.
    const known = membersCommitted ? members.find((member) => member.id === id) : undefined;
    if (known !== undefined && known.address !== address) {
      const detail = `"${id}" is a member already, at ${known.address}: take another id, or remove it first`;
      return { ok: false, reason: "conflict", detail };
    }
    if (known === undefined) {
      const added = await this.#add({ id, address });
      if (!added.ok) return added;
    }
    return { ok: true, clusterId, members: this.status().members };
  }

  async remove(id: NodeId): Promise<RemoveResult> {
    const status = this.member.briefStatus();
    if (this.#standingOf(status) === "removed") {
      return { ok: false, reason: "refused", detail: REMOVED_DETAIL };
    }
    // Who asks again is not to take a removal for done that may be undone: then it is waited for.
    if (!mayBeMember(status, id)) {
      const caughtUp = await catchUp(this.member, CHANGE_WITHIN_MS, this.#world);
      if (!caughtUp.ok) return caughtUp;
    }
    if (!mayBeMember(this.member.briefStatus(), id)) {
      return { ok: false, reason: "unknown_member", detail: `"${id}" is not a member` };
    }
    const change = { kind: "remove", id } as const;
    const result = await changeMembers(this.member, change, CHANGE_WITHIN_MS, this.#world);
    // Its own removal may have been committed by the others, who then have nothing to do with it but to say so.
    const isGone = id === this.#options.id && this.status().standing === "removed";
    return isGone ? { ok: true } : result;
  }

  /** Lets another voter lead, if this one does: see `HandOver.run`. */
  handOver(): Promise<boolean> {
    return this.#handOver.run();
  }

  /** No more ticks, and nothing more is received. Storage and links are their owner's to close. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTick();
  }

  readonly #isConnected = (peer: NodeId): boolean => this.#world.links.isConnected(peer);

  #standingOf(status: BriefStatus): ClusterStanding {
    return this.#isToldRemoved ? "removed" : standingOf(status);
  }

  #tick(): void {
    if (this.#isStopped) return;
    this.member.tick();
    if (this.#tickCount++ % ROUND_TICKS === 0) {
      this.#keeper.round();
      this.#watchSnapshot();
    }
    // What a pause of the process swallowed is not made up for: nobody was silent in it but this member.
    this.#cancelTick = this.#world.timers.after(TICK_MS, () => this.#tick());
  }

  #onLeader(leader: NodeId | undefined): void {
    if (leader === undefined || leader === this.#lastLeader) return;
    if (this.#lastLeader !== undefined) this.#leaderChanges++;
    this.#lastLeader = leader;
  }

  #watchSnapshot(): void {
    const { snapshotIndex } = this.member.core;
    if (snapshotIndex === this.#knownSnapshotIndex) return;
    this.#knownSnapshotIndex = snapshotIndex;
    this.#snapshotSinceMs = this.#world.clock.monotonicMs();
  }

  async #add(request: JoinRequest): Promise<JoinResult | { readonly ok: true }> {
    const { id, address } = request;
    const verified = await this.#world.links.verify(id, address);
    if (!verified.ok) {
      const detail = `"${id}" at ${address} could not be verified: ${verified.detail}`;
      return { ok: false, reason: "not_verified", detail };
    }
    const change = { kind: "addLearner", member: { id, address } } as const;
    const added = await changeMembers(this.member, change, CHANGE_WITHIN_MS, this.#world);
    if (added.ok) return added;
    const reason = added.reason === "refused" ? "conflict" : "unavailable";
    return { ok: false, reason, detail: added.detail };
  }
}
