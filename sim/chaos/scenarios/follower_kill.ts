/**
 * A monitor that does not lead dies by kill -9 while clients write, and a server with it. Nobody has to be
 * elected for it, nor when it is back, so writes hardly stop; and the others see the server. Meanwhile the two
 * that are left need each other: if the machine stops one of them for a second, somebody is elected after all.
 */
import { memberWithout } from "./member_without.ts";
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";

export const followerKill: Scenario = {
  name: "follower-kill",
  summary: "a monitor that does not lead is killed (kill -9) under writes, and a server with it",
  runners: ["docker", "processes"],
  minMonitors: 3,
  // Less than an election takes with what goes before it.
  limits: { ...USUAL_LIMITS, writeGapMs: 2_000 },

  async act(stage) {
    await stage.pass(3_000);
    const leader = await stage.leader();
    const follower = memberWithout(stage.monitors, [leader]);
    const restart = await stage.kill([follower]);
    const restartServer = await stage.kill(["server1"]);
    await stage.pass(6_000);
    const meanwhile = await stage.leader();
    await restart();
    await restartServer();
    await stage.pass(5_000);
    const after = await stage.leader();
    return [
      {
        claim: `${leader} leads before ${follower} is killed, meanwhile, and once it is back`,
        isMet: meanwhile === leader && after === leader,
        measured: `${meanwhile} meanwhile, ${after} after it`,
        needsProcessors: true,
      },
    ];
  },
};
