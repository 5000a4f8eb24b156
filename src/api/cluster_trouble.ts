/** What is wrong with a monitor's part in its cluster, in sentences for people, and what goes on all the same. */
import type { ClusterStatus } from "../cluster/mod.ts";

/** The worst first; empty if all is well. */
export function troublesOf({
  halted,
  quorum,
  standing,
  unreadableEntries,
}: ClusterStatus): readonly string[] {
  const troubles: string[] = [];
  if (halted !== null) {
    troubles.push(
      `This monitor takes no part in the cluster any more (${halted}). Probing, phi and metrics go on ` +
        "with the config that it has. Mend what is wrong and start it again, or replace it under a new id.",
    );
  } else if (standing === "removed") {
    troubles.push(
      "This monitor was removed from its cluster, and its config will not change any more. Probing, phi and " +
        "metrics go on with the config that it has. Stop it, or start it with an empty data directory, a new " +
        "id and --join.",
    );
  } else if (!quorum) {
    troubles.push(
      "There is no quorum: the config cannot be changed here now. Probing, phi and metrics go on; " +
        "GET /config?stale=true shows the config that this monitor has.",
    );
  }
  if (unreadableEntries > 0) {
    const entries = unreadableEntries === 1 ? "A change was" : `${unreadableEntries} changes were`;
    troubles.push(
      `${entries} made by a later version of phi and passed over here. Run that version here too.`,
    );
  }
  return troubles;
}
