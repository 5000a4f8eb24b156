/**
 * Whom this monitor knows, and its links to them. The peers are those of the membership it goes by.
 * Beside them it lets in whoever goes by one that is later than the latest that is committed here: a member
 * that was away can hear of those who came meanwhile only from them, and what it wrote alone before it was
 * away may bear a later index than theirs, and be cut off. A monitor without a membership (it joins) lets everybody in. To be answered,
 * such a one has a link to the address in its hello, until a membership says where it is, or that it is
 * no member. A peer that cannot be reached where the membership says, and says in its hello that it is
 * elsewhere, has its link there: it has moved, and to tell the cluster so it must be answered. All others
 * are told that they are no members: a monitor that was removed hears nothing any more, and this is how it
 * and people learn why. That somebody was removed is said only where it is known for good.
 */
import type { NodeId } from "../raft/mod.ts";
import { parsePeerAddress } from "./address.ts";
import type { PeerContext } from "./dialler.ts";
import type { Hello } from "./hello.ts";
import { Link } from "./link.ts";
import type { Refusal } from "./refusal.ts";
import { noCounts, type PeerCounts, type PeerStats } from "./peer_stats.ts";

/** As many as a cluster has members. */
const MAX_PROVISIONAL = 64;

interface Known {
  readonly link: Link;
  readonly counts: PeerCounts;
  /** Where the membership says that it is. */
  readonly memberAddress: string | undefined;
  /** Where it has said itself that it is. */
  readonly saidAddress: string | undefined;
  /** The membership by which one who is no peer goes; undefined for a peer. */
  readonly provisionalIndex: number | undefined;
}

export interface PeerLinksEvents {
  /** Whether the connection that a peer opened to this monitor stands. */
  readonly isHeard: (peer: NodeId) => boolean;
  /** A dial failed, or the connection to a peer broke. */
  readonly onUnreachable: (peer: NodeId) => void;
  /** A peer, which has proved to be it, says that this monitor was removed from the cluster. */
  readonly onRemoved: (by: NodeId) => void;
  /** See `PeerTransportOptions`. */
  readonly onExchangeOpen: (peer: NodeId) => void;
}

export class PeerLinks {
  readonly #context: PeerContext;
  readonly #events: PeerLinksEvents;
  readonly #known = new Map<NodeId, Known>();
  #hasMembership = false;
  /** The log index that says who the peers are. */
  #membershipIndex = 0;
  /** That of the latest membership that is committed. */
  #committedIndex = 0;
  #removed: ReadonlySet<NodeId> = new Set();

  constructor(context: PeerContext, events: PeerLinksEvents) {
    this.#context = context;
    this.#events = events;
  }

  get membershipIndex(): number {
    return this.#membershipIndex;
  }

  get(peer: NodeId): Link | undefined {
    return this.#known.get(peer)?.link;
  }

  /** Undefined for somebody who is not known. */
  countsOf(peer: NodeId): PeerCounts | undefined {
    return this.#known.get(peer)?.counts;
  }

  all(): readonly Link[] {
    return [...this.#known.values()].map(({ link }) => link);
  }

  /** By id, in ascending order. */
  stats(): readonly PeerStats[] {
    return [...this.#known.keys()].toSorted().map((id) => {
      const { link, counts } = this.#known.get(id)!;
      return { id, address: link.address, isConnected: link.isConnected, ...counts };
    });
  }

  /** The addresses of the members by id; this monitor may be among them. Gives who has no link any more. */
  setPeers(
    members: ReadonlyMap<NodeId, string>,
    membershipIndex: number,
    committedIndex: number,
  ): readonly NodeId[] {
    // A cluster of one has no others, but somebody has told it so.
    this.#hasMembership = members.size > 0 || membershipIndex > 0;
    this.#membershipIndex = membershipIndex;
    this.#committedIndex = committedIndex;
    const { id } = this.#context.self();
    const lost = [...this.#known].filter(([peer, known]) => !this.#stays(known, members.get(peer)));
    for (const [peer, { link }] of lost) {
      link.close();
      this.#known.delete(peer);
    }
    const said = new Map(lost.map(([peer, { saidAddress }]) => [peer, saidAddress]));
    for (const [peer, address] of members) {
      if (peer === id) continue;
      // It says where it is when it connects here, and has no reason to do so again while that connection stands.
      this.#keep(peer, address, this.#events.isHeard(peer) ? said.get(peer) : undefined);
    }
    return lost.map(([peer]) => peer);
  }

  /** Who was a member and never will be again. Replaces what was said before. */
  setRemoved(removed: readonly NodeId[]): void {
    this.#removed = new Set(removed);
  }

  /** Where a peer is that is not where the membership says: it says so itself, and was reached there. */
  movedTo(peer: NodeId): string | undefined {
    const known = this.#known.get(peer);
    if (known?.memberAddress === undefined || !known.link.isConnected) return undefined;
    const { link, saidAddress, memberAddress } = known;
    return saidAddress === link.address && saidAddress !== memberAddress ? saidAddress : undefined;
  }

  /** Why the sender of a hello is not let in; undefined if it is. */
  admit({ from, purpose, membershipIndex }: Hello): Refusal | undefined {
    const isPeer = this.#known.get(from)?.provisionalIndex === undefined && this.#known.has(from);
    const isRemoval = this.#removed.has(from);
    const knowsMore = !this.#hasMembership || membershipIndex > this.#committedIndex;
    // Who only verifies wants to know who this is, and gets nothing else.
    if (isPeer || (knowsMore && !isRemoval) || purpose === "verify") return undefined;
    const what = isRemoval ? "was removed from this cluster" : "is not a member of this cluster";
    return { detail: `${from} ${what}, says ${this.#context.self().id}`, isRemoval };
  }

  /** Somebody who was let in has opened a connection. */
  onHello({ from, purpose, address, membershipIndex }: Hello): void {
    if (purpose === "verify") return;
    const known = this.#known.get(from);
    if (known === undefined) this.#addProvisional(from, address, membershipIndex);
    else this.#known.set(from, { ...known, saidAddress: address });
    this.#follow(from);
    this.#known.get(from)?.link.wake();
  }

  tick(elapsedMs: number): void {
    for (const link of this.all()) link.tick(elapsedMs);
  }

  /** What waits for the end of this turn leaves now. */
  flush(): void {
    for (const { link } of this.#known.values()) link.flush();
  }

  close(): void {
    for (const link of this.all()) link.close();
    this.#known.clear();
  }

  #stays(
    { link, memberAddress, provisionalIndex = 0 }: Known,
    address: string | undefined,
  ): boolean {
    if (address !== undefined) return address === memberAddress || address === link.address;
    return provisionalIndex > this.#committedIndex;
  }

  /** It has proved to be who it is, and knows best where it is, if nobody is where it should be. */
  #follow(peer: NodeId): void {
    const known = this.#known.get(peer);
    const address = known?.saidAddress;
    if (address === undefined || address === known!.link.address) return;
    if (!known!.link.hasDialFailed || parsePeerAddress(address) === undefined) return;
    known!.link.close();
    this.#known.set(peer, { ...known!, link: this.#linkTo(peer, address, known!.counts) });
  }

  /** A peer from now on, whatever it was. `saidAddress` is of one that has lost its link. */
  #keep(peer: NodeId, address: string, saidAddress: string | undefined): void {
    const known = this.#known.get(peer);
    const isPeer = { memberAddress: address, provisionalIndex: undefined };
    if (known === undefined) this.#add(peer, address, { ...isPeer, saidAddress });
    else this.#known.set(peer, { ...known, ...isPeer });
  }

  #addProvisional(peer: NodeId, address: string, membershipIndex: number): void {
    const others = [...this.#known.values()].filter(
      (known) => known.provisionalIndex !== undefined,
    );
    if (others.length >= MAX_PROVISIONAL || parsePeerAddress(address) === undefined) return;
    const isStranger = { memberAddress: undefined, provisionalIndex: membershipIndex };
    this.#add(peer, address, { ...isStranger, saidAddress: address });
  }

  #add(
    peer: NodeId,
    address: string,
    standing: Pick<Known, "memberAddress" | "saidAddress" | "provisionalIndex">,
  ): void {
    const counts = noCounts();
    const link = this.#linkTo(peer, address, counts);
    this.#known.set(peer, { link, counts, ...standing });
  }

  #linkTo(peer: NodeId, address: string, counts: PeerCounts): Link {
    const onUnreachable = () => {
      this.#follow(peer);
      this.#events.onUnreachable(peer);
    };
    const onRemoved = () => this.#events.onRemoved(peer);
    const onExchangeOpen = () => this.#events.onExchangeOpen(peer);
    const events = { onUnreachable, onRemoved, onExchangeOpen };
    return new Link(this.#context, { peer, address, counts, ...events });
  }
}
