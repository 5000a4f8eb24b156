/** Which members cannot read what this version of phi writes into the log: nothing they cannot read is written then. */
import type { ClusterNode } from "../../cluster/mod.ts";
import type { PeerTransport } from "../../peer/mod.ts";
import type { Clock } from "../../port.ts";

/** Who was not heard of for so long after the start is not waited for: it may be gone for good. */
const UNHEARD_MS = 60_000;

/** The result gives the members that cannot read a format version, or that nobody has heard of yet. */
export function olderMembers(
  node: Pick<ClusterNode, "status">,
  links: Pick<PeerTransport, "stats">,
  clock: Clock,
): (formatVersion: number) => readonly string[] {
  const startedMs = clock.monotonicMs();
  return (formatVersion) => {
    const isEarly = clock.monotonicMs() - startedMs < UNHEARD_MS;
    const formats = new Map(links.stats().peers.map(({ id, stateFormat }) => [id, stateFormat]));
    const { members, id: self } = node.status();
    return members.flatMap(({ id }) => {
      const format = formats.get(id);
      const isOlder = format === undefined ? isEarly : format < formatVersion;
      return id !== self && isOlder ? [id] : [];
    });
  };
}
