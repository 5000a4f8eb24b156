/**
 * The shapes in which a network falls apart, as sets of one-way links that carry nothing. Members are
 * numbers here. A whole partition cuts both ways; a one-way one lets answers through but no questions
 * (or the other way round); a bridge leaves one member that both sides can reach; one cut link leaves
 * everybody a way around.
 */
import type { Random } from "./random.ts";

export type PartitionShape = "whole" | "one-way" | "bridge" | "isolated" | "one link";

export interface Partition {
  readonly shape: PartitionShape;
  /** What is cut, each as `[from, to]`. */
  readonly cut: readonly (readonly [number, number])[];
  /** For people: who is on which side. */
  readonly sides: readonly (readonly number[])[];
}

/**
 * Cuts `members` (two at least) apart at random. `target`, if given, is on the left side, which is
 * the one alone, or the one that is not heard.
 */
export function drawPartition(
  shape: PartitionShape,
  members: readonly number[],
  random: Random,
  target?: number,
): Partition {
  const others = random.shuffled(members.filter((member) => member !== target));
  const shuffled = target === undefined ? others : [target, ...others];
  const place = shape === "isolated" ? 1 : random.between(1, shuffled.length - 1);
  const [left, right] = [shuffled.slice(0, place), shuffled.slice(place)];
  switch (shape) {
    case "whole":
    case "isolated":
      return { shape, cut: [...links(left, right), ...links(right, left)], sides: [left, right] };
    case "one-way":
      return { shape, cut: links(left, right), sides: [left, right] };
    case "bridge": {
      const [middle, ...rest] = right;
      const cut = [...links(left, rest), ...links(rest, left)];
      return { shape, cut, sides: [left, [middle!], rest] };
    }
    case "one link": {
      const [one, other] = [left.slice(0, 1), right.slice(0, 1)];
      return { shape, cut: [...links(one, other), ...links(other, one)], sides: [one, other] };
    }
  }
}

/** Every link from one of `from` to one of `to`. */
function links(from: readonly number[], to: readonly number[]): [number, number][] {
  return from.flatMap((left) => to.map((right): [number, number] => [left, right]));
}
