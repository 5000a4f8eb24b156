/** Who in the cluster runs a version of phi that cannot read what this one would write. */
import type { OpenMember } from "./open_member.ts";

/** Who was not heard of for so long after the start is not waited for: it may be gone for good. */
const UNHEARD_MS = 60_000;

/** Members that cannot read a format of the replicated state, or that nobody has heard of yet. */
export function olderMembers(
  { node, links }: Pick<OpenMember, "node" | "links">,
  stateFormat: number,
  sinceStartMs: number,
): readonly string[] {
  const formats = new Map(links.stats().peers.map((peer) => [peer.id, peer.stateFormat]));
  const { members, id: self } = node.status();
  return members.flatMap(({ id }) => {
    const format = formats.get(id);
    const isOlder = format === undefined ? sinceStartMs < UNHEARD_MS : format < stateFormat;
    return id !== self && isOlder ? [id] : [];
  });
}
