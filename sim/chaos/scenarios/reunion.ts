/** Whether a monitor that was cut off is one of the cluster again. */
import type { Finding } from "../judge/finding.ts";
import { readCluster } from "../monitor_api.ts";
import type { Stage } from "../stage.ts";

const ASK_MS = 2_000;

/** Once healed, the one that was cut off and the others follow the same leader. */
export async function reunionFinding(stage: Stage, cutOff: string): Promise<Finding> {
  const answers = await Promise.all(
    stage.monitors.map(async ({ name, url }) => {
      const cluster = await readCluster(url, ASK_MS);
      return { name, leader: typeof cluster === "string" ? null : cluster.leader };
    }),
  );
  const leaders = new Set(answers.map(({ leader }) => leader));
  return {
    claim: `${cutOff} and the others follow one leader again`,
    isMet: leaders.size === 1 && !leaders.has(null),
    measured: answers.map(({ name, leader }) => `${name}: ${leader ?? "none"}`).join(", "),
  };
}
