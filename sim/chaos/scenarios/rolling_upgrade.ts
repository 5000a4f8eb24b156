/**
 * Monitors of the release before this one are replaced by this one on their data, one after the other, while clients
 * write: both versions are one cluster meanwhile. A server dies while there are both.
 */
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { upAgain } from "./up_again.ts";

export const rollingUpgrade: Scenario = {
  name: "rolling-upgrade",
  summary: "monitors of the release before become this one, one after the other, under writes",
  runners: ["docker", "processes"],
  minMonitors: 3,
  limits: { ...USUAL_LIMITS, writeGapMs: 2_000 },
  setting: { startsAsPrevious: true },

  async act(stage) {
    await stage.pass(2_000);
    // The leader last, as docs/cluster.md has it.
    const leader = await stage.leader();
    const others = stage.monitors.map(({ name }) => name).filter((name) => name !== leader);
    const before = await programs(stage);
    for (const monitor of others) {
      await stage.restart(monitor, "monitor-upgrade");
      await stage.pass(2_000);
    }
    const restartServer = await stage.kill(["server1"]);
    await stage.pass(6_000);
    await restartServer();
    const back = await upAgain(stage, ["server1"]);
    await stage.restart(leader, "monitor-upgrade");
    await stage.pass(2_000);
    const after = await programs(stage);
    return [
      {
        claim: "every monitor runs another binary than before, and all the same",
        isMet: new Set(before).size === 1 && new Set(after).size === 1 && before[0] !== after[0],
        measured: `${before.join(", ")}; then ${after.join(", ")}`,
      },
      back,
    ];
  },
};

function programs(stage: Stage): Promise<string[]> {
  return Promise.all(stage.monitors.map(({ name }) => stage.programOf(name)));
}
