/**
 * A hundred servers die at once. Every monitor then suspects most of what it watches, which is what a monitor
 * that is cut off sees as well; as all of them do, it is an outage, and has to be said.
 */
import type { Finding } from "../judge/finding.ts";
import { readObservers } from "../monitor_api.ts";
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { upAgain } from "./up_again.ts";

const ASK_MS = 2_000;
/** Longer than usual: to watch a hundred, and to watch those who do, takes a processor by itself. */
const LIMIT_MS = 8_000;

export const hundredDie: Scenario = {
  name: "hundred-die",
  summary: "a hundred servers, watched beside the others, die at once for nine seconds",
  runners: ["docker", "processes"],
  minMonitors: 1,
  limits: { ...USUAL_LIMITS, detectionMs: LIMIT_MS, recoveryMs: LIMIT_MS },
  setting: { fleetServers: 100 },

  async act(stage) {
    await stage.pass(3_000);
    const restart = await stage.killFleet();
    await stage.pass(5_000);
    const doubts = await doubtFinding(stage);
    await stage.pass(4_000);
    await restart();
    const finding = await upAgain(stage, stage.fleet, LIMIT_MS);
    await stage.pass(3_000);
    return [doubts, finding];
  },
};

/** Each monitor says that it suspects many at once: so it was despite the doubt that they are held for down. */
async function doubtFinding(stage: Stage): Promise<Finding> {
  const observers = await readObservers(stage.monitors[0]!.url, ASK_MS);
  const doubting = observers.filter(({ doubts }) => doubts.includes("many_suspected"));
  return {
    claim: "meanwhile every monitor wonders at how many it suspects (many_suspected)",
    isMet: doubting.length === stage.monitors.length,
    measured: observers.map(({ id, doubts }) => `${id}: ${doubts.join(", ") || "none"}`).join("; "),
  };
}
