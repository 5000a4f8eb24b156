/**
 * The leader is cut off from the other monitors, and from nothing else: the others elect one of their own
 * and go on, it goes on watching, and nobody takes the silence of a monitor for that of a server.
 */
import { within } from "../judge/finding.ts";
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";
import { reunionFinding } from "./reunion.ts";

/** An election, and the time to ask who won it. */
const ELECTED_WITHIN_MS = 5_000;

export const monitorPartition: Scenario = {
  name: "monitor-partition",
  summary:
    "the leader is cut off from the other monitors for twelve seconds, and a server dies meanwhile",
  runners: ["docker"],
  minMonitors: 3,
  limits: USUAL_LIMITS,

  async act(stage) {
    await stage.pass(3_000);
    const leader = await stage.leader();
    const fromMs = stage.nowMs();
    const heal = await stage.isolate([leader]);
    const next = await stage.leader([leader]);
    const electedMs = stage.nowMs() - fromMs;
    const restartServer = await stage.kill(["server2"]);
    await stage.pass(12_000 - electedMs);
    await heal();
    await restartServer();
    await stage.pass(5_000);
    return [
      within(`the others elect one of their own (${next})`, electedMs, ELECTED_WITHIN_MS),
      await reunionFinding(stage, leader),
    ];
  },
};
