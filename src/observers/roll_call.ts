/**
 * Who is there, and whose word counts: the members, who of them is heard and who doubts itself in, the quorum
 * and the speakers out. It is the same for all targets.
 */
import { majorityOf, quorumOf, type Quorum } from "../verdict/mod.ts";
import { bitsOfDoubts } from "./doubt_bits.ts";

/** One observer as far as it matters here. */
export interface Present {
  readonly isMember: boolean;
  readonly isHeard: boolean;
  /** See `doubt_bits.ts`. */
  readonly doubtBits: number;
  /** It began to doubt itself only a moment ago. */
  readonly isNewlyInDoubt: boolean;
}

export interface Roll<Observer extends Present> {
  readonly quorum: Quorum;
  /** Members that are heard, in the order given. */
  readonly present: readonly Observer[];
  /** Those of them whose votes count. */
  readonly counted: readonly Observer[];
  /** Those of them whose votes have just ceased to count: a doubt that soon passes is to change nothing. */
  readonly wavering: readonly Observer[];
}

const MANY_SUSPECTED_ALONE = bitsOfDoubts(["many_suspected"]);

/**
 * Who doubts itself is not counted, but in two cases. Where fewer than a majority are sound, nobody could
 * contradict those who only wonder at how many they suspect: then it is an outage of many, and has to be said.
 * And where there is one member, there is nobody else to ask: its verdict is what there is.
 */
export function callRoll<Observer extends Present>(
  memberCount: number,
  observers: Iterable<Observer>,
): Roll<Observer> {
  const present = Array.from(observers).filter(({ isMember, isHeard }) => isMember && isHeard);
  const soundCount = present.filter(({ doubtBits }) => doubtBits === 0).length;
  const isContested = soundCount >= majorityOf(memberCount);
  const counted = present.filter(
    ({ doubtBits }) =>
      doubtBits === 0 || memberCount === 1 || (!isContested && doubtBits === MANY_SUSPECTED_ALONE),
  );
  const wavering = present.filter(
    (observer) => observer.isNewlyInDoubt && !counted.includes(observer),
  );
  return { quorum: quorumOf(memberCount, present.length), present, counted, wavering };
}
