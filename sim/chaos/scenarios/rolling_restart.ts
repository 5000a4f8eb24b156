/**
 * Each monitor is asked to end (SIGTERM) and started again, one after the other, while clients write. One
 * that leads hands over first, so writes stop for less than an election takes.
 */
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";

const BETWEEN_MS = 2_000;

export const rollingRestart: Scenario = {
  name: "rolling-restart",
  summary: "each monitor is stopped (SIGTERM) and started again, one after the other, under writes",
  runners: ["docker", "processes"],
  minMonitors: 3,
  limits: { ...USUAL_LIMITS, writeGapMs: 2_000 },

  async act(stage) {
    await stage.pass(2_000);
    for (const { name } of stage.monitors) {
      await stage.restart(name);
      await stage.pass(BETWEEN_MS);
    }
    return [];
  },
};
