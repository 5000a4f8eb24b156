/** A member of the cluster as the stores on its log see it, with every write's time told. */
import type { ClusterNode } from "../../cluster/mod.ts";
import type { LogMember } from "../../store/mod.ts";
import type { MemberGrants } from "./grants.ts";

export function logMember(
  node: ClusterNode,
  { clock, onCommit }: Pick<MemberGrants, "clock" | "onCommit">,
): LogMember {
  const { member } = node;
  return {
    propose(data, done) {
      const startedMs = clock.monotonicMs();
      member.propose(data, (outcome) => {
        onCommit((clock.monotonicMs() - startedMs) / 1_000);
        done(outcome);
      });
    },
    read: (done) => member.read(done),
    briefStatus: () => node.briefStatus(),
  };
}
