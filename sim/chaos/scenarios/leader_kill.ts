/**
 * The leader dies by kill -9 while clients write, and comes back; then the next one does. A server dies
 * with the first, which has to be noticed all the same.
 */
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";

export const leaderKill: Scenario = {
  name: "leader-kill",
  summary:
    "the leader is killed (kill -9) under a stream of config writes, twice, the first time with a server",
  runners: ["docker", "processes"],
  minMonitors: 3,
  limits: USUAL_LIMITS,

  async act(stage) {
    await stage.pass(4_000);
    const first = await stage.leader();
    const restartFirst = await stage.kill([first]);
    const restartServer = await stage.kill(["server4"]);
    await stage.pass(6_000);
    await restartFirst();
    await restartServer();
    await stage.pass(5_000);
    const restartSecond = await stage.kill([await stage.leader()]);
    await stage.pass(4_000);
    await restartSecond();
    await stage.pass(4_000);
    return [];
  },
};
