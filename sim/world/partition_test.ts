import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { drawPartition, type PartitionShape } from "./partition.ts";
import { Random } from "./random.ts";

const members = [0, 1, 2, 3, 4];
const many = fc.integer({ min: 0, max: 1_000_000 });

function drawCuts(shape: PartitionShape, seed: number, target?: number) {
  const { cut, sides } = drawPartition(shape, members, new Random(seed), target);
  const isCut = (from: number, to: number) => cut.some(([a, b]) => a === from && b === to);
  return { isCut, sides, links: cut.length };
}

test("a whole partition cuts all links between two sides, both ways", () => {
  fc.assert(
    fc.property(many, (seed) => {
      const { isCut, sides, links } = drawCuts("whole", seed);
      const [left, right] = sides;
      expect([...left!, ...right!].toSorted()).toEqual(members);
      expect(links).toBe(2 * left!.length * right!.length);
      expect(isCut(left![0]!, right![0]!) && isCut(right![0]!, left![0]!)).toBe(true);
    }),
  );
});

test("a one-way partition carries what comes from the right", () => {
  fc.assert(
    fc.property(many, (seed) => {
      const { isCut, sides } = drawCuts("one-way", seed);
      const [left, right] = sides;
      expect(isCut(left![0]!, right![0]!)).toBe(true);
      expect(isCut(right![0]!, left![0]!)).toBe(false);
    }),
  );
});

test("a bridge is one member that everybody reaches", () => {
  fc.assert(
    fc.property(many, (seed) => {
      const { isCut, sides } = drawCuts("bridge", seed);
      const middle = sides[1]![0]!;
      expect(members.some((member) => isCut(member, middle) || isCut(middle, member))).toBe(false);
      for (const one of sides[0]!)
        for (const other of sides[2]!) expect(isCut(one, other)).toBe(true);
    }),
  );
});

test("one is isolated, or one link is cut, and a target is on the left", () => {
  const isolated = drawCuts("isolated", 5, 3);
  expect(isolated.sides[0]).toEqual([3]);
  expect(isolated.links).toBe(8);
  const link = drawCuts("one link", 5, 3);
  expect([link.sides[0], link.links]).toEqual([[3], 2]);
});
