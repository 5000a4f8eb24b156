/** A server that comes and goes: each time that it is away it is called down, each time it is back up. */
import type { Finding } from "../judge/finding.ts";
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";
import { upAgain } from "./up_again.ts";

const TIMES = 3;
/** Longer than detection takes. */
const AWAY_MS = 6_000;
const BACK_MS = 2_000;

export const flappingServer: Scenario = {
  name: "flapping-server",
  summary: `one server is killed for six seconds, ${TIMES} times, and back for a few in between`,
  runners: ["docker", "processes"],
  minMonitors: 1,
  limits: USUAL_LIMITS,

  async act(stage) {
    const findings: Finding[] = [];
    await stage.pass(3_000);
    for (let time = 1; time <= TIMES; time++) {
      const restart = await stage.kill(["server1"]);
      await stage.pass(AWAY_MS);
      await restart();
      findings.push(await upAgain(stage, ["server1"]));
      await stage.pass(BACK_MS);
    }
    return findings;
  },
};
