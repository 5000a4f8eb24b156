/** A server that dies, and comes back. */
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";
import { upAgain } from "./up_again.ts";

export const serverKill: Scenario = {
  name: "server-kill",
  summary: "one server is killed, and started again seven seconds later",
  runners: ["docker", "processes"],
  minMonitors: 1,
  limits: USUAL_LIMITS,

  async act(stage) {
    await stage.pass(3_000);
    const restart = await stage.kill(["server3"]);
    await stage.pass(7_000);
    await restart();
    const finding = await upAgain(stage, ["server3"]);
    await stage.pass(3_000);
    return [finding];
  },
};
