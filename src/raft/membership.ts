/**
 * Who belongs to the cluster, and how that changes: one server at a time, so that any majority of the
 * old membership and any majority of the new one share a member (thesis §4.1). Pure values; when a
 * change may be proposed is the leader's business (`membership_change.ts`).
 */
import { isNodeId, type NodeId } from "./entry.ts";

export interface Member {
  readonly id: NodeId;
  /** Where its peers reach it, `HOST:PORT`. Carried, never read, by this folder. */
  readonly address: string;
}

export interface Membership {
  /** Those whose votes and copies count, by id in ascending order. Empty before the first snapshot. */
  readonly voters: readonly Member[];
  /** Those who only receive, by id in ascending order. Invariant: none is a voter too. */
  readonly learners: readonly Member[];
  /**
   * Those who were members and will not be again, in the order in which they were removed, the latest
   * `MAX_REMOVED` of them; absent if there are none. Who comes back under such an id may have lost what it promised under it, or be two.
   */
  readonly removed?: readonly NodeId[];
}

export type MembershipChange =
  /** Members begin as learners: a new one has nothing yet, and would weigh on every quorum. */
  | { readonly kind: "addLearner"; readonly member: Member }
  | { readonly kind: "promote"; readonly id: NodeId }
  | { readonly kind: "remove"; readonly id: NodeId }
  /** Peers reach it elsewhere from now on. Its vote and its log stay what they are. */
  | { readonly kind: "move"; readonly member: Member };

/** The membership of one who has not been told of any. */
export const NO_MEMBERSHIP: Membership = { voters: [], learners: [] };

export type MembershipResult =
  | { readonly ok: true; readonly membership: Membership }
  | { readonly ok: false; readonly reason: MembershipRefusal };

/** How many members there may be: each costs the leader a share of every round of messages. */
export const MAX_MEMBERS = 64;

/** How many of those who were removed are remembered: each is in every entry that changes the membership. */
export const MAX_REMOVED = 1_024;

/** Why a change makes no sense for a membership, whoever leads. */
export type MembershipRefusal =
  | "its id is not one"
  | "its address is not one"
  | "too many members"
  | "already a member"
  | "already there"
  | "its id was a member's that was removed"
  | "not a member"
  | "not a learner"
  | "last voter";

/** What `change` makes of `membership`. */
export function changeMembership(
  membership: Membership,
  change: MembershipChange,
): MembershipResult {
  const { voters, learners, removed = [] } = membership;
  switch (change.kind) {
    case "addLearner": {
      const reason = refusalOf(membership, change.member);
      if (reason !== undefined) return { ok: false, reason };
      return ok(membership, { learners: sorted([...learners, change.member]) });
    }
    case "promote": {
      const learner = learners.find(({ id }) => id === change.id);
      if (learner === undefined) return { ok: false, reason: "not a learner" };
      const rest = without(learners, change.id);
      return ok(membership, { voters: sorted([...voters, learner]), learners: rest });
    }
    case "remove": {
      if (!isMember(membership, change.id)) return { ok: false, reason: "not a member" };
      const left = without(voters, change.id);
      if (left.length === 0) return { ok: false, reason: "last voter" };
      return ok(membership, {
        voters: left,
        learners: without(learners, change.id),
        removed: [...removed, change.id].slice(-MAX_REMOVED),
      });
    }
    case "move":
      return moved(membership, change.member);
  }
}

function ok(before: Membership, changed: Partial<Membership>): MembershipResult {
  return { ok: true, membership: { ...before, ...changed } };
}

function moved(membership: Membership, member: Member): MembershipResult {
  const { voters, learners } = membership;
  if (!isAddress(member.address)) return { ok: false, reason: "its address is not one" };
  const before = membersOf(membership).find(({ id }) => id === member.id);
  if (before === undefined) return { ok: false, reason: "not a member" };
  if (before.address === member.address) return { ok: false, reason: "already there" };
  const move = (members: readonly Member[]) =>
    members.map((each) => (each === before ? member : each));
  return ok(membership, { voters: move(voters), learners: move(learners) });
}

export function isVoter({ voters }: Membership, id: NodeId): boolean {
  return voters.some((voter) => voter.id === id);
}

export function isLearner({ learners }: Membership, id: NodeId): boolean {
  return learners.some((learner) => learner.id === id);
}

export function isMember(membership: Membership, id: NodeId): boolean {
  return isVoter(membership, id) || isLearner(membership, id);
}

/** Voters and learners. */
export function membersOf({ voters, learners }: Membership): readonly Member[] {
  return [...voters, ...learners];
}

/** A membership of voters only, as a new cluster begins. */
export function membershipOf(voters: readonly Member[]): Membership {
  return { voters: sorted(voters), learners: [] };
}

/** What followers would not take into their logs must not get into the leader's. */
function refusalOf(membership: Membership, { id, address }: Member): MembershipRefusal | undefined {
  if (!isNodeId(id)) return "its id is not one";
  if (!isAddress(address)) return "its address is not one";
  if (isMember(membership, id)) return "already a member";
  if (membership.removed?.includes(id)) return "its id was a member's that was removed";
  return membersOf(membership).length < MAX_MEMBERS ? undefined : "too many members";
}

/** At most the longest host name, and a port. */
function isAddress(text: string): boolean {
  return /^[\x21-\x7e]{1,259}$/u.test(text);
}

function sorted(members: readonly Member[]): readonly Member[] {
  return members.toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

function without(members: readonly Member[], id: NodeId): readonly Member[] {
  return members.filter((member) => member.id !== id);
}
