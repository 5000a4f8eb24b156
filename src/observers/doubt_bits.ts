/** An observer's doubts in a byte: a bit each, the first of DOUBTS the lowest. */
import { type Doubt, DOUBTS } from "../verdict/mod.ts";

const ALL_BITS = 2 ** DOUBTS.length - 1;

/** By the bits, so that the same doubts are the same array. */
const DOUBTS_OF: readonly (readonly Doubt[])[] = Array.from({ length: ALL_BITS + 1 }, (_, bits) =>
  DOUBTS.filter((_doubt, place) => (bits & (1 << place)) !== 0),
);

export function bitsOfDoubts(doubts: readonly Doubt[]): number {
  return doubts.reduce((bits, doubt) => bits | (1 << DOUBTS.indexOf(doubt)), 0);
}

/** Undefined for bits that stand for nothing known here. */
export function doubtsOfBits(bits: number): readonly Doubt[] | undefined {
  return DOUBTS_OF[bits];
}
