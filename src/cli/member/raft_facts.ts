/** What a scrape shows of this monitor as a member of its cluster. */
import type { ClusterNode } from "../../cluster/mod.ts";
import type { RaftFacts } from "../../metrics/mod.ts";

export function raftFactsOf(node: ClusterNode): RaftFacts {
  const { role, term, commitIndex, appliedIndex, lastIndex, ...status } = node.status();
  const { compacted, refusedMessages } = node.member.status();
  const others = status.members.filter(({ id }) => id !== status.id);
  return {
    role,
    term,
    leaderChanges: node.leaderChanges,
    commitIndex,
    appliedIndex,
    logEntries: lastIndex - compacted.index,
    peers: others.map(({ id, isConnected, lagEntries }) => ({ id, isConnected, lagEntries })),
    snapshotAgeSeconds: node.snapshotAgeMs === undefined ? undefined : node.snapshotAgeMs / 1_000,
    hasQuorum: status.quorum,
    isHalted: status.halted !== null,
    unreadableEntries: status.unreadableEntries,
    refusedMessages,
  };
}
