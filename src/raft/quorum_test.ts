import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { memberOf } from "./_test_core.ts";
import { countVotes, isQuorum, quorumSize, reachedByQuorum } from "./quorum.ts";

const IDS = ["a", "b", "c", "d", "e", "f", "g"];
const votersOf = (count: number) => IDS.slice(0, count).map(memberOf);

/** All sets of more than half of the voters, the slow way. */
function majorities(count: number): readonly (readonly string[])[] {
  const ids = IDS.slice(0, count);
  return Array.from({ length: 2 ** count }, (_, mask) =>
    ids.filter((_id, place) => (mask >> place) & 1),
  ).filter((subset) => 2 * subset.length > count);
}

test("quorumSize() is the least that is more than half", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map(quorumSize)).toEqual([1, 2, 2, 3, 3, 4, 4]);
});

describe("isQuorum()", () => {
  test("holds exactly for majorities", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.uniqueArray(fc.constantFrom(...IDS)),
        (count, ids) => {
          const isMajority = majorities(count).some((subset) =>
            subset.every((id) => ids.includes(id)),
          );
          expect(isQuorum(votersOf(count), (id) => ids.includes(id))).toBe(isMajority);
        },
      ),
    );
  });

  test("never holds without voters", () => {
    expect(isQuorum([], () => true)).toBe(false);
  });
});

describe("reachedByQuorum()", () => {
  test("is the highest value that all of some majority have reached", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 7 }), (values) => {
        const valueOf = (id: string) => values[IDS.indexOf(id)]!;
        const reached = majorities(values.length).map((ids) => Math.min(...ids.map(valueOf)));
        expect(reachedByQuorum(votersOf(values.length), valueOf)).toBe(Math.max(...reached));
      }),
    );
  });

  test("is 0 without voters, and asks for voters only", () => {
    expect(reachedByQuorum([], () => 9)).toBe(0);
    const asked: string[] = [];
    reachedByQuorum(votersOf(2), (id) => asked.push(id));
    expect(asked).toEqual(["a", "b"]);
  });
});

describe("countVotes()", () => {
  test("is won by a majority's votes, lost once none is possible, and open in between", () => {
    const arbitraryVote = fc.option(fc.boolean(), { nil: undefined });
    fc.assert(
      fc.property(fc.array(arbitraryVote, { minLength: 1, maxLength: 7 }), (given) => {
        const votes = new Map<string, boolean>();
        for (const [place, vote] of given.entries()) {
          if (vote !== undefined) votes.set(IDS[place]!, vote);
        }
        const sets = majorities(given.length).map((ids) => ids.map((id) => votes.get(id)));
        const isWon = sets.some((set) => set.every((vote) => vote === true));
        const isOpen = sets.some((set) => set.every((vote) => vote !== false));
        const standing = isWon ? "won" : isOpen ? "open" : "lost";
        expect(countVotes(votersOf(given.length), votes)).toBe(standing);
      }),
    );
  });

  test("counts no vote of one who is no voter, and nothing without voters", () => {
    expect(
      countVotes(
        votersOf(3),
        new Map([
          ["x", true],
          ["y", true],
          ["a", true],
        ]),
      ),
    ).toBe("open");
    expect(
      countVotes(
        votersOf(3),
        new Map([
          ["x", false],
          ["y", false],
        ]),
      ),
    ).toBe("open");
    expect(countVotes([], new Map([["a", true]]))).toBe("lost");
  });
});
