/** A server that answers, but ten seconds late: it is down for everybody, and up again afterwards. */
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";
import { upAgain } from "./up_again.ts";

export const serverDelay: Scenario = {
  name: "server-delay",
  summary: "one server answers ten seconds late, for seven seconds",
  runners: ["docker", "processes"],
  minMonitors: 1,
  limits: USUAL_LIMITS,

  async act(stage) {
    await stage.pass(3_000);
    const putBack = await stage.delay("server2", 10);
    await stage.pass(7_000);
    await putBack();
    const finding = await upAgain(stage, ["server2"]);
    await stage.pass(3_000);
    return [finding];
  },
};
