/** Picks a monitor to do something to, or not to. */
import type { Member } from "../cluster.ts";

/** The first that is none of `names`. Throws RangeError if there is none. */
export function memberWithout(members: readonly Member[], names: readonly string[]): string {
  const member = members.find(({ name }) => !names.includes(name));
  if (member === undefined) throw new RangeError(`Cannot pick: there are only ${names.join(", ")}`);
  return member.name;
}
