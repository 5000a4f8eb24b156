/** A member of the cluster as the config store sees it, with every write's time told. */
import type { ClusterNode } from "../../cluster/mod.ts";
import type { ConfigMember } from "../../store/mod.ts";
import type { MemberGrants } from "./grants.ts";

export function configMember(
  node: ClusterNode,
  { clock, onCommit }: Pick<MemberGrants, "clock" | "onCommit">,
): ConfigMember {
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
