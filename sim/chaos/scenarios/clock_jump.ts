/**
 * The leader's wall clock jumps an hour ahead, back, an hour behind, and back, as when somebody sets it. What
 * is judged by time is judged by another clock: no verdict changes but that of a server that dies meanwhile.
 */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Finding } from "../judge/finding.ts";
import { parseJson } from "../monitor_api.ts";
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const HOUR_SECONDS = 3_600;
const TOLERANCE_SECONDS = 3;

export const clockJump: Scenario = {
  name: "clock-jump",
  summary: "the leader's wall clock jumps an hour ahead, then an hour behind, and a server dies",
  runners: ["processes"],
  minMonitors: 1,
  limits: USUAL_LIMITS,
  setting: { hasFakeClocks: true },

  async act(stage) {
    await stage.pass(3_000);
    const leader = await stage.leader();
    const ahead = await jump(stage, leader, HOUR_SECONDS);
    const behind = await jump(stage, leader, -HOUR_SECONDS);
    return [ahead, behind];
  },
};

async function jump(stage: Stage, monitor: string, seconds: number): Promise<Finding> {
  const putRight = await stage.setWallClock(monitor, seconds);
  await stage.pass(3_000);
  const shown = await shownOffsetSeconds(stage, monitor);
  const restartServer = await stage.kill(["server3"]);
  await stage.pass(6_000);
  await restartServer();
  await stage.pass(3_000);
  await putRight();
  await stage.pass(3_000);
  return {
    claim: `${monitor} shows times that are ${seconds} s off, so its clock has jumped`,
    isMet: Math.abs(shown - seconds) <= TOLERANCE_SECONDS,
    measured: `${shown.toFixed(1)} s off`,
  };
}

const Targets = Type.Array(Type.Object({ name: Type.String(), lastHeartbeat: Type.Unknown() }));

/** How far the time of a server's last heartbeat is from now. NaN if it shows none. */
async function shownOffsetSeconds(stage: Stage, monitor: string): Promise<number> {
  const answer = await stage.ask(monitor, "/targets");
  const targets = answer.ok ? parseJson(answer.text) : undefined;
  if (!Value.Check(Targets, targets)) return Number.NaN;
  const target = targets.find(({ name }) => name === stage.servers[0]!.name);
  return (Date.parse(String(target?.lastHeartbeat)) - Date.now()) / 1_000;
}
