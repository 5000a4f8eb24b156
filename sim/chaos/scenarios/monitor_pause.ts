/**
 * The leader is stopped for 30 s, as a suspended machine is. It has to wake up without blaming the servers
 * for what it did not see; the others go on, and see a server die.
 */
import type { Finding } from "../judge/finding.ts";
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const PAUSE_MS = 30_000;

export const monitorPause: Scenario = {
  name: "monitor-pause",
  summary: "the leader is paused for 30 s, and a server dies and comes back meanwhile",
  runners: ["docker", "processes"],
  minMonitors: 1,
  limits: USUAL_LIMITS,

  async act(stage) {
    await stage.pass(3_000);
    const leader = await stage.leader();
    const resume = await stage.pause(leader);
    await stage.pass(5_000);
    const restartServer = await stage.kill(["server3"]);
    await stage.pass(8_000);
    await restartServer();
    await stage.pass(PAUSE_MS - 13_000);
    await resume();
    await stage.pass(8_000);
    return [await awarenessFinding(stage, leader)];
  },
};

/** The monitor knows that it was paused, and says so. */
async function awarenessFinding(stage: Stage, monitor: string): Promise<Finding> {
  const ready = await stage.ask(monitor, "/readyz");
  const text = ready.ok ? ready.text : ready.detail;
  const pausedSeconds = Number(/"pausedSeconds": *(?<seconds>[\d.]+)/u.exec(text)?.[1] ?? 0);
  return {
    claim: `${monitor} knows that it was paused for about 30 s`,
    isMet: pausedSeconds >= PAUSE_MS / 1_000 - 2,
    measured: `${pausedSeconds} s`,
  };
}
