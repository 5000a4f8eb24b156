import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { keyValueModel } from "./key_value.ts";
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { registerModel, type RegisterInput, type RegisterOutput } from "./register.ts";
import { SpentCounts } from "./_spent.ts";
import { NONE } from "./_targets.ts";
import { keyValueHistory, registerHistory, spoiled } from "./_test_histories.ts";
import { timelineOf } from "./_timeline.ts";
import { Walk, type Waypoint } from "./_walk.ts";

/** All that the search ever asks. */
function seenOf<State, Input, Output>(walk: Walk<State, Input, Output>): unknown {
  const next: number[] = [];
  for (let rank = walk.position.first(); rank !== NONE; rank = walk.position.after(rank)) {
    next.push(rank);
  }
  const states = [...new Set([walk.state, ...walk.targets.numbers])];
  return {
    waypoint: walk.waypoint,
    rank: walk.position.rank,
    doneSlots: [...walk.position.doneSlots],
    next,
    hopeless: states.filter((state) => walk.isHopeless(state)),
    moot: states.filter((state) => walk.isMootState(state)),
  };
}

/** Walks as `choices` say, and back again, and looks on the way back at what it saw on the way there. */
function thereAndBack<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  choices: readonly number[],
): void {
  const walk = new Walk(model, timelineOf(model, history));
  const counts = new SpentCounts(walk.kinds.queues.length);
  const way: { readonly waypoint: Waypoint; readonly seen: unknown; readonly queue: number }[] = [];
  for (const choice of choices) {
    walk.settle();
    const [waypoint, seen] = [walk.waypoint, seenOf(walk)];
    const moves: (() => number)[] = [];
    for (let rank = walk.position.first(); rank !== NONE; rank = walk.position.after(rank)) {
      const state = walk.stateAfter(rank);
      if (state === NONE) continue;
      moves.push(() => {
        walk.take(rank, state);
        return NONE;
      });
    }
    for (const [queue, { operations }] of walk.kinds.queues.entries()) {
      const state = walk.stateAfterUnknown(queue);
      if (state === NONE || counts.count(walk.spent, queue) === operations.length) continue;
      moves.push(() => {
        walk.spend({ queue, state, spent: counts.oneMore(walk.spent, queue) });
        return queue;
      });
    }
    const move = moves[choice % Math.max(1, moves.length)];
    if (move === undefined) break;
    way.push({ waypoint, seen, queue: move() });
  }
  for (const { waypoint, seen, queue } of way.toReversed()) {
    walk.backTo(waypoint, queue);
    expect(seenOf(walk)).toEqual(seen);
  }
}

describe("Walk", () => {
  const choices = fc.array(fc.nat(), { maxLength: 12 });

  test("what is taken back is as if it had never been", () => {
    fc.assert(
      fc.property(spoiled(registerHistory(10)), choices, (history, all) =>
        thereAndBack(registerModel, history, all),
      ),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(spoiled(keyValueHistory(10)), choices, (history, all) =>
        thereAndBack(keyValueModel, history, all),
      ),
      { numRuns: 1_000 },
    );
  });
});

const at = (input: RegisterInput, output: RegisterOutput, moment: number, length = 1) => ({
  process: 0,
  input,
  output,
  invokedAt: moment,
  returnedAt: moment + length,
});
const write = (value: number, moment: number, length?: number) =>
  at({ kind: "write", value }, { isApplied: true }, moment, length);
const read = (value: number, moment: number) => at({ kind: "read" }, { value }, moment);
const walkOf = (...history: Operation<RegisterInput, RegisterOutput>[]) =>
  new Walk(registerModel, timelineOf(registerModel, history));

/** The number of the state that a read finds. */
const numberOf = (walk: ReturnType<typeof walkOf>, rank: number) =>
  walk.targets.numbers[walk.targets.neededBy[rank]!]!;

describe("Walk.isHopeless()", () => {
  test("a read that nobody wrote for is lost", () => {
    expect(walkOf(write(1, 1), read(2, 3)).isHopeless(NONE)).toBe(true);
    expect(walkOf(write(2, 1), read(2, 3)).isHopeless(NONE)).toBe(false);
  });

  test("a write that is called only after the read returned does not count", () => {
    expect(walkOf(read(2, 1), write(2, 3)).isHopeless(NONE)).toBe(true);
    expect(walkOf(read(2, 1), write(2, 2)).isHopeless(NONE)).toBe(false);
  });

  test("once the only write is done, the state has to stay until the read", () => {
    const walk = walkOf(write(1, 1), write(2, 3, 10), read(1, 5));
    walk.take(0, walk.stateAfter(0));
    expect(walk.isHopeless(walk.state)).toBe(false);
    expect(walk.isHopeless(walk.stateAfter(2))).toBe(true);
  });

  test("of two states that have to stay, one is lost", () => {
    const walk = walkOf(write(1, 1), write(2, 3), read(1, 5), read(2, 7));
    walk.take(0, walk.stateAfter(0));
    walk.take(1, walk.stateAfter(1));
    expect(walk.isHopeless(numberOf(walk, 2))).toBe(true);
    expect(walk.isHopeless(numberOf(walk, 3))).toBe(true);
  });
});
