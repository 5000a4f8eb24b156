/**
 * Packets from and to one server are lost by chance. TCP sends them again, so that answers come late and in
 * fits, but they come: nothing may be called down.
 */
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";

/**
 * Each way. With twice as much an answer is now and then two seconds late, which is all but down: one run in
 * some ten would fail by chance.
 */
const SHARE = 0.1;
/** Three monitors ask twice a second for 20 s, and each answer takes some packets. */
const FEWEST_LOST = 15;

export const serverPacketLoss: Scenario = {
  name: "server-packet-loss",
  summary: "a tenth of all packets to and from one server is lost, each by chance, for 20 s",
  runners: ["docker"],
  minMonitors: 1,
  limits: USUAL_LIMITS,

  async act(stage) {
    await stage.pass(3_000);
    const putBack = await stage.losePackets("server2", SHARE);
    await stage.pass(20_000);
    const lost = await putBack();
    await stage.pass(3_000);
    return [
      {
        claim: `packets were lost, ${FEWEST_LOST} at least`,
        isMet: lost >= FEWEST_LOST,
        measured: String(lost),
      },
    ];
  },
};
