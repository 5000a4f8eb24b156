/**
 * What a member does for its cluster unasked: it tells its links who the peers are and who was removed, a
 * leader promotes learners that have caught up, and one that is reached elsewhere than the membership says
 * moves, or is moved by whoever has found it there.
 */
import {
  isLearner,
  type Membership,
  type MembershipChange,
  membersOf,
  type NodeId,
  type RaftMember,
} from "../raft/mod.ts";
import type { Links } from "./links.ts";

/** What the links are told. */
interface Standing {
  readonly peers: ReadonlyMap<NodeId, string>;
  readonly membershipIndex: number;
  readonly committedIndex: number;
}

export class Keeper {
  readonly #member: RaftMember;
  readonly #links: Links;
  readonly #id: NodeId;
  readonly #address: string;
  #told: Standing | undefined;
  #toldRemovedIndex = -1;
  #isAsking = false;

  /** `address` is where this member is reached, `HOST:PORT`. */
  constructor(member: RaftMember, links: Links, id: NodeId, address: string) {
    this.#member = member;
    this.#links = links;
    this.#id = id;
    this.#address = address;
  }

  /** Looks after everything once; to be called a few times a second. */
  round(): void {
    this.#tellLinks();
    const change = this.#wantedChange();
    if (change === undefined || this.#isAsking) return;
    this.#isAsking = true;
    // What came of it shows in the membership; if nothing did, the next round asks again.
    this.#member.changeMembership(change, () => {
      this.#isAsking = false;
    });
  }

  #tellLinks(): void {
    const { membership, membershipIndex, ...status } = this.#member.status();
    const { committedMembership, committedMembershipIndex: committedIndex } = status;
    // First, so that whoever is no peer any more hears why. It concludes that it is for good: what is not committed is not.
    if (committedIndex !== this.#toldRemovedIndex) {
      this.#toldRemovedIndex = committedIndex;
      this.#links.setRemoved(committedMembership.removed ?? []);
    }
    // A leader that takes itself out leads until that is committed, so until then nobody may hang up on it.
    const settled = this.#othersIn(committedMembership);
    const peers = new Map([...settled, ...this.#othersIn(membership)]);
    const standing = { peers, membershipIndex, committedIndex };
    if (this.#told !== undefined && isSame(this.#told, standing)) return;
    this.#told = standing;
    this.#links.setPeers(peers, membershipIndex, committedIndex);
  }

  #othersIn(membership: Membership): readonly (readonly [NodeId, string])[] {
    const others = membersOf(membership).filter(({ id }) => id !== this.#id);
    return others.map(({ id, address }) => [id, address]);
  }

  #wantedChange(): MembershipChange | undefined {
    const { membership, leader, peers } = this.#member.status();
    if (leader === undefined) return undefined;
    const self = membersOf(membership).find(({ id }) => id === this.#id);
    if (self !== undefined && self.address !== this.#address) {
      return { kind: "move", member: { id: this.#id, address: this.#address } };
    }
    // How much it may lack is for Raft to say. All of the log it never has while others write.
    const ready = peers.find(
      ({ id, state, isActive }) => isLearner(membership, id) && isActive && state === "replicate",
    );
    if (ready !== undefined) return { kind: "promote", id: ready.id };
    return this.#moveOfAnother(membership);
  }

  /** Of two that have moved at the same time neither finds the other: they know only where each was. */
  #moveOfAnother(membership: Membership): MembershipChange | undefined {
    for (const { id, address: before } of membersOf(membership)) {
      const address = id === this.#id ? undefined : this.#links.movedTo(id);
      if (address === undefined || address === before) continue;
      return { kind: "move", member: { id, address } };
    }
    return undefined;
  }
}

function isSame(left: Standing, right: Standing): boolean {
  return (
    left.membershipIndex === right.membershipIndex &&
    left.committedIndex === right.committedIndex &&
    left.peers.size === right.peers.size &&
    [...left.peers].every(([id, address]) => right.peers.get(id) === address)
  );
}
