import { describe, expect, test } from "bun:test";
import { SpentCounts } from "./_spent.ts";
import { Visited } from "./_visited.ts";

const none = new Int32Array(0);

describe("Visited.add()", () => {
  test("tells configurations apart by rank, slots and state", () => {
    const visited = new Visited(new SpentCounts(0));
    const all = [0, 1].flatMap((rank) =>
      [0, -1, 1, 2 ** 21, 2 ** 21 + 1].flatMap((state) =>
        [[0], [1], [-1], [0, 1], [1, 0]].map((slots) => ({ rank, state, slots })),
      ),
    );
    for (const isNew of [true, false]) {
      for (const { rank, state, slots } of all) {
        const added = visited.add(rank, Int32Array.from(slots), state, 0);
        expect({ rank, state, slots, added }).toEqual({ rank, state, slots, added: isNew });
      }
    }
  });

  test("what spent more of anything and less of nothing is known", () => {
    const spent = new SpentCounts(2);
    const one = spent.oneMore(0, 0);
    const other = spent.oneMore(0, 1);
    const both = spent.oneMore(one, 1);
    const twice = spent.oneMore(one, 0);
    expect(spent.oneMore(other, 0)).toBe(both);
    expect([spent.count(both, 0), spent.count(both, 1), spent.count(twice, 0)]).toEqual([1, 1, 2]);

    const visited = new Visited(spent);
    expect(visited.add(0, none, 0, both)).toBe(true);
    expect(visited.add(0, none, 0, twice)).toBe(true);
    expect(visited.add(0, none, 0, one)).toBe(true);
    expect(visited.add(0, none, 0, both)).toBe(false);
    expect(visited.add(0, none, 0, twice)).toBe(false);
    expect(visited.add(0, none, 0, other)).toBe(true);
    expect(visited.add(0, none, 0, 0)).toBe(true);
    expect(visited.add(0, none, 0, other)).toBe(false);
    expect(visited.add(0, none, 1, other)).toBe(true);
  });
});
