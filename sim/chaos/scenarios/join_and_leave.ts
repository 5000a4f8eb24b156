/**
 * A fourth monitor joins while clients write; then the leader is removed from the cluster and stopped. A
 * server dies before and after it: first four see it, then three.
 */
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";

export const joinAndLeave: Scenario = {
  name: "join-and-leave",
  summary: "a fourth monitor joins under writes, then the leader is removed and stopped",
  runners: ["docker", "processes"],
  minMonitors: 3,
  limits: USUAL_LIMITS,
  setting: { spareMonitors: 1 },

  async act(stage) {
    await stage.pass(2_000);
    const joiner = `monitor${stage.monitors.length + 1}`;
    await stage.join(joiner);
    await stage.pass(3_000);
    const restartFirst = await stage.kill(["server1"]);
    await stage.pass(6_000);
    await restartFirst();
    const leader = await stage.leader();
    const answer = await stage.leave(leader);
    await stage.pass(2_000);
    const restartSecond = await stage.kill(["server2"]);
    await stage.pass(6_000);
    await restartSecond();
    await stage.pass(2_000);
    return [
      {
        claim: `DELETE /cluster/members/${leader} is answered with 200`,
        isMet: answer.ok && answer.status === 200,
        measured: answer.ok ? String(answer.status) : answer.detail,
      },
    ];
  },
};
