import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { memberOf, membershipWith } from "./_test_core.ts";
import {
  changeMembership,
  isLearner,
  isMember,
  isVoter,
  MAX_MEMBERS,
  MAX_REMOVED,
  type Membership,
  type MembershipChange,
  membershipOf,
  membersOf,
  NO_MEMBERSHIP,
} from "./membership.ts";
import { quorumSize } from "./quorum.ts";

const IDS = ["a", "b", "c", "d", "e", "f", "g"];

const add = (id: string, address = `${id}:7000`): MembershipChange => ({
  kind: "addLearner",
  member: { id, address },
});
const promote = (id: string): MembershipChange => ({ kind: "promote", id });
const remove = (id: string): MembershipChange => ({ kind: "remove", id });
const move = (id: string, address = `${id}:7001`): MembershipChange => ({
  kind: "move",
  member: { id, address },
});
const refusalOf = (membership: Membership, change: MembershipChange) => {
  const result = changeMembership(membership, change);
  return result.ok ? "taken" : result.reason;
};

describe("changeMembership()", () => {
  test("adds a learner, promotes it, and removes either", () => {
    const before = membershipWith(["a", "c"]);
    const added = changeMembership(before, add("b"));
    expect(added).toEqual({ ok: true, membership: membershipWith(["a", "c"], ["b"]) });
    const withLearner = membershipWith(["a", "c"], ["b"]);
    const promoted = changeMembership(withLearner, promote("b"));
    expect(promoted).toEqual({ ok: true, membership: membershipWith(["a", "b", "c"]) });
    expect(changeMembership(withLearner, remove("b"))).toEqual({
      ok: true,
      membership: { ...before, removed: ["b"] },
    });
    expect(changeMembership(before, remove("a"))).toEqual({
      ok: true,
      membership: { ...membershipWith(["c"]), removed: ["a"] },
    });
  });

  // Whoever comes back under the id of a member may have lost what that member promised.
  test("takes nobody back under the id of one that was removed, whatever changes meanwhile", () => {
    let membership: Membership = membershipWith(["a", "b"]);
    for (const change of [remove("b"), add("c"), promote("c"), move("c"), remove("a")]) {
      const result = changeMembership(membership, change);
      if (!result.ok) throw new Error(result.reason);
      ({ membership } = result);
      expect(refusalOf(membership, add("b"))).toBe("its id was a member's that was removed");
    }
    expect(membership.removed).toEqual(["b", "a"]);
  });

  test("remembers the latest MAX_REMOVED of those who were removed", () => {
    const removed = Array.from({ length: MAX_REMOVED }, (_, place) => `m${place}`);
    const result = changeMembership({ ...membershipWith(["a"], ["b"]), removed }, remove("b"));
    expect(result.ok && result.membership.removed).toEqual([...removed.slice(1), "b"]);
  });

  test("moves a voter or a learner to another address, and changes nothing else", () => {
    const before = membershipWith(["a", "b"], ["c"]);
    const { voters, learners } = before;
    expect(changeMembership(before, move("a"))).toEqual({
      ok: true,
      membership: { voters: [{ id: "a", address: "a:7001" }, voters[1]!], learners },
    });
    expect(changeMembership(before, move("c"))).toEqual({
      ok: true,
      membership: { voters, learners: [{ id: "c", address: "c:7001" }] },
    });
  });

  test("refuses what makes no sense, by name", () => {
    const membership = membershipWith(["a"], ["b"]);
    expect(refusalOf(membership, add("a"))).toBe("already a member");
    expect(refusalOf(membership, add("b"))).toBe("already a member");
    expect(refusalOf(membership, promote("a"))).toBe("not a learner");
    expect(refusalOf(membership, promote("z"))).toBe("not a learner");
    expect(refusalOf(membership, remove("z"))).toBe("not a member");
    expect(refusalOf(membership, remove("a"))).toBe("last voter");
    expect(refusalOf(NO_MEMBERSHIP, remove("a"))).toBe("not a member");
    expect(refusalOf(membership, move("z"))).toBe("not a member");
    expect(refusalOf(membership, move("a", memberOf("a").address))).toBe("already there");
    expect(refusalOf(membership, move("a", "a b"))).toBe("its address is not one");
  });

  // A leader that took one of these would have an entry in its log that no follower takes.
  test("refuses a member that followers would not take into their logs", () => {
    const membership = membershipWith(["a"]);
    for (const id of ["", "a b", "é", "x".repeat(65), "a\n"]) {
      expect(refusalOf(membership, add(id, "host:1"))).toBe("its id is not one");
    }
    for (const address of ["", "a b:1", "é:1", "x".repeat(260)]) {
      expect(refusalOf(membership, add("b", address))).toBe("its address is not one");
    }
    expect(refusalOf(membership, add("x".repeat(64), `${"x".repeat(253)}:65535`))).toBe("taken");
  });

  test("refuses a member more than MAX_MEMBERS", () => {
    const ids = Array.from({ length: MAX_MEMBERS - 1 }, (_, place) => `m${place + 10}`);
    const almostFull = membershipWith(ids.slice(0, 5), ids.slice(5));
    const result = changeMembership(almostFull, add("a"));
    expect(result.ok && refusalOf(result.membership, add("b"))).toBe("too many members");
    expect(result.ok && refusalOf(result.membership, promote(ids[6]!))).toBe("taken");
  });

  const arbitraryIds = fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 1 });
  const arbitraryMembership = fc.tuple(arbitraryIds, fc.nat({ max: 8 })).map(([ids, learners]) => {
    const voters = Math.max(1, ids.length - learners);
    return membershipWith(ids.slice(0, voters).toSorted(), ids.slice(voters).toSorted());
  });
  const arbitraryChange = fc
    .tuple(fc.constantFrom(add, promote, remove, move), fc.constantFrom(...IDS))
    .map(([make, id]) => make(id));

  test("keeps members in order, once each, with a voter, and changes one of them at most", () => {
    fc.assert(
      fc.property(arbitraryMembership, arbitraryChange, (before, change) => {
        const result = changeMembership(before, change);
        if (!result.ok) return;
        const { voters, learners } = result.membership;
        for (const members of [voters, learners]) {
          const ids = members.map(({ id }) => id);
          expect(ids).toEqual(ids.toSorted());
        }
        const ids = membersOf(result.membership).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(voters.length).toBeGreaterThan(0);
        const isVoterBefore = new Set(before.voters.map(({ id }) => id));
        const moved = [...isVoterBefore].filter((id) => !isVoter(result.membership, id)).length;
        const come = voters.filter(({ id }) => !isVoterBefore.has(id)).length;
        expect(moved + come).toBeLessThanOrEqual(1);
      }),
    );
  });

  // Thesis §4.1: "any majority of the old cluster overlaps with any majority of the new cluster".
  test("any majority of the old voters overlaps with any majority of the new ones", () => {
    fc.assert(
      fc.property(
        arbitraryMembership,
        arbitraryChange,
        fc.func(fc.nat()),
        (before, change, draw) => {
          const result = changeMembership(before, change);
          if (!result.ok) return;
          const majorityOf = ({ voters }: Membership, salt: number) =>
            voters
              .map(({ id }) => ({ id, place: draw(id, salt) }))
              .toSorted((left, right) => left.place - right.place)
              .slice(0, quorumSize(voters.length))
              .map(({ id }) => id);
          const old = majorityOf(before, 1);
          expect(majorityOf(result.membership, 2).some((id) => old.includes(id))).toBe(true);
        },
      ),
    );
  });
});

test("membershipOf() has voters only, by id in ascending order", () => {
  const members = ["c", "a", "b"].map(memberOf);
  expect(membershipOf(members)).toEqual(membershipWith(["a", "b", "c"]));
});

test("isVoter(), isLearner() and isMember() tell the parts apart", () => {
  const membership = membershipWith(["a"], ["b"]);
  expect(["a", "b", "c"].map((id) => isVoter(membership, id))).toEqual([true, false, false]);
  expect(["a", "b", "c"].map((id) => isLearner(membership, id))).toEqual([false, true, false]);
  expect(["a", "b", "c"].map((id) => isMember(membership, id))).toEqual([true, true, false]);
});
