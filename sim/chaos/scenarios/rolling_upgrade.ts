/**
 * Monitors of the release before this one are replaced by this one on their data, one after the other, while clients
 * write: both versions are one cluster meanwhile. A server dies while there are both. What only the new version can
 * read is refused as long as there are both, so that it never stands in a log that the old one has to read.
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
    const early = await addLaterTarget(stage, others[0]!);
    await stage.restart(leader, "monitor-upgrade");
    await stage.pass(2_000);
    const after = await programs(stage);
    const late = await addLaterTarget(stage, others[0]!);
    return [
      {
        claim: "every monitor runs another binary than before, and all the same",
        isMet: new Set(before).size === 1 && new Set(after).size === 1 && before[0] !== after[0],
        measured: `${before.join(", ")}; then ${after.join(", ")}`,
      },
      back,
      {
        claim: `a target that only the new version can read is refused as long as ${leader} is the old one`,
        isMet: early.startsWith("503") && early.includes(`on ${leader}, cannot read`),
        measured: early,
      },
      {
        claim: "it is accepted afterwards",
        isMet: late.startsWith("200"),
        measured: late,
      },
    ];
  },
};

/** A target with a model, which came with format version 3 of the config: what is answered to it, the beginning. */
async function addLaterTarget(stage: Stage, monitor: string): Promise<string> {
  const answer = await stage.ask(monitor, "/config", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    // Without a value, so that it is none of the clients' business.
    body: JSON.stringify({
      name: "later",
      url: "push:",
      intervalMillis: 86_400_000,
      monitor: { model: "normal" },
    }),
  });
  if (!answer.ok) return answer.detail;
  return `${answer.status}: ${answer.text.replaceAll(/\s+/gu, " ").slice(0, 300)}`;
}

function programs(stage: Stage): Promise<string[]> {
  return Promise.all(stage.monitors.map(({ name }) => stage.programOf(name)));
}
