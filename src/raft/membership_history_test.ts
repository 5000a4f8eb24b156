import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { entryOf, membershipEntry, membershipWith } from "./_test_core.ts";
import { InvariantError } from "./assert.ts";
import { type Membership, NO_MEMBERSHIP } from "./membership.ts";
import { MembershipHistory } from "./membership_history.ts";

const [one, two, three] = [["a"], ["a", "b"], ["a", "b", "c"]].map((ids) => membershipWith(ids));

describe("MembershipHistory", () => {
  test("begins with nobody", () => {
    const history = new MembershipHistory();
    expect([history.latest, history.latestIndex]).toEqual([NO_MEMBERSHIP, 0]);
    expect(history.at(9)).toBe(NO_MEMBERSHIP);
  });

  test("falls back to the one before where an entry is cut off, and never beyond its start", () => {
    const history = new MembershipHistory();
    history.restore(4, one!);
    history.add(membershipEntry(6, 1, two!));
    history.add(entryOf(7, 1));
    history.add(membershipEntry(8, 1, three!));
    expect(history.latest).toBe(three!);
    history.truncateFrom(8);
    expect([history.latest, history.latestIndex]).toEqual([two!, 6]);
    history.truncateFrom(1);
    expect([history.latest, history.latestIndex]).toEqual([one!, 4]);
  });

  test("a membership out of order, or asked for before it is known, is an InvariantError", () => {
    const history = new MembershipHistory();
    history.restore(4, one!);
    expect(() => history.add(membershipEntry(4, 1, two!))).toThrow(InvariantError);
    expect(() => history.at(3)).toThrow(InvariantError);
  });

  test("is its twin, which looks through all entries each time, after any steps", () => {
    const arbitraryStep = fc.tuple(
      fc.constantFrom("add", "add", "plain", "truncate", "compact", "restore"),
      fc.nat({ max: 20 }),
    );
    fc.assert(
      fc.property(fc.array(arbitraryStep, { maxLength: 40, size: "max" }), (steps) => {
        const history = new MembershipHistory();
        let twin: { index: number; membership?: Membership }[] = [];
        let base = { index: 0, membership: NO_MEMBERSHIP };
        /** What is before it may be forgotten. */
        let known = 0;
        const last = () => twin.at(-1)?.index ?? base.index;
        const twinAt = (index: number) =>
          twin.findLast((of) => of.index <= index && of.membership !== undefined) ?? base;
        for (const [what, drawn] of steps) {
          const index = last() + 1;
          const membership = membershipWith([`m${drawn}`]);
          const place = known + (drawn % (last() - known + 1));
          if (what === "add") {
            history.add(membershipEntry(index, 1, membership));
            twin.push({ index, membership });
          } else if (what === "plain") {
            history.add(entryOf(index, 1));
            twin.push({ index });
          } else if (what === "truncate") {
            history.truncateFrom(place + 1);
            twin = twin.filter((of) => of.index <= place);
          } else if (what === "compact") {
            history.compact(place);
            known = place;
          } else {
            base = { index: last() + drawn, membership };
            history.restore(base.index, membership);
            twin = [];
            known = base.index;
          }
          expect(history.latestIndex).toBe(twinAt(last()).index);
          for (let at = known; at <= last(); at++) {
            expect(history.at(at)).toBe(twinAt(at).membership!);
            expect(history.indexAt(at)).toBe(twinAt(at).index);
          }
        }
      }),
    );
  });
});
