/** All servers answer late at once, each answer in time: nothing is down, however much of it there is. */
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";

/** The answers before the first late one are 1.7 s ago when it comes, and one is down after 2.3 s. */
const DELAY_SECONDS = 1.2;

export const allSlow: Scenario = {
  name: "all-slow",
  summary: `all servers answer ${DELAY_SECONDS} s late at once, for ten seconds`,
  runners: ["docker", "processes"],
  minMonitors: 1,
  limits: USUAL_LIMITS,

  async act(stage) {
    await stage.pass(3_000);
    const names = stage.servers.map(({ name }) => name);
    const putBack = await stage.slow(names, DELAY_SECONDS);
    await stage.pass(10_000);
    await putBack();
    await stage.pass(5_000);
    return [];
  },
};
