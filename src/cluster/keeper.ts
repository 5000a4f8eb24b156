/**
 * What a member does for its cluster unasked: it tells its links who the peers are and who was removed, a
 * leader promotes learners that have caught up, and one that is reached elsewhere than the membership says
 * moves.
 */
import {
  isLearner,
  type MembershipChange,
  membersOf,
  type NodeId,
  type RaftMember,
} from "../raft/mod.ts";
import type { Links } from "./links.ts";

export class Keeper {
  readonly #member: RaftMember;
  readonly #links: Links;
  readonly #id: NodeId;
  readonly #address: string;
  #toldIndex = -1;
  #told: ReadonlyMap<NodeId, string> = new Map();
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
    const { membership, membershipIndex, commitIndex } = this.#member.status();
    const others = membersOf(membership).filter(({ id }) => id !== this.#id);
    const addresses = new Map(others.map(({ id, address }) => [id, address]));
    // A leader that takes itself out leads until that is committed, so until then nobody may hang up on it.
    const isCommitted = membershipIndex <= commitIndex;
    const peers = isCommitted ? addresses : new Map([...this.#told, ...addresses]);
    if (membershipIndex !== this.#toldIndex || peers.size !== this.#told.size) {
      this.#toldIndex = membershipIndex;
      this.#told = peers;
      this.#links.setPeers(peers, membershipIndex);
    }
    // Whoever is told so concludes that it is for good, and it is not before it is committed.
    if (membershipIndex === this.#toldRemovedIndex || membershipIndex > commitIndex) return;
    this.#toldRemovedIndex = membershipIndex;
    this.#links.setRemoved(membership.removed ?? []);
  }

  #wantedChange(): MembershipChange | undefined {
    const { membership, leader, role, peers } = this.#member.status();
    if (leader === undefined) return undefined;
    const self = membersOf(membership).find(({ id }) => id === this.#id);
    if (self !== undefined && self.address !== this.#address) {
      return { kind: "move", member: { id: this.#id, address: this.#address } };
    }
    if (role !== "leader") return undefined;
    // How much it may lack is for Raft to say. All of the log it never has while others write.
    const ready = peers.find(
      ({ id, state, isActive }) => isLearner(membership, id) && isActive && state === "replicate",
    );
    return ready && { kind: "promote", id: ready.id };
  }
}
