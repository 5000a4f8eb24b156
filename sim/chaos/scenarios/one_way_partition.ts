/**
 * The leader hears nothing from the other monitors, though they would hear it; then the next leader is
 * heard by nobody, though it hears. Each time the others go on under one of their own, and nobody takes the
 * silence of a monitor for that of a server.
 */
import type { Direction } from "../cluster.ts";
import { type Finding, within } from "../judge/finding.ts";
import { readCluster } from "../monitor_api.ts";
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { reunionFinding } from "./reunion.ts";

/** The time to notice, an election, and the time to ask who won it. */
const ELECTED_WITHIN_MS = 5_000;
const PARTED_MS = 12_000;
/** Longer than detection takes. */
const AWAY_MS = 6_000;
const ASK_MS = 2_000;

export const oneWayPartition: Scenario = {
  name: "one-way-partition",
  summary:
    "the leader hears no other monitor for twelve seconds, then the next is heard by none, and a server dies each time",
  runners: ["docker"],
  minMonitors: 3,
  limits: USUAL_LIMITS,

  async act(stage) {
    await stage.pass(3_000);
    const deaf = await part(stage, "in");
    await stage.pass(5_000);
    const mute = await part(stage, "out");
    await stage.pass(5_000);
    return [...deaf, ...mute];
  },
};

async function part(stage: Stage, direction: Direction): Promise<Finding[]> {
  const leader = await stage.leader();
  const fromMs = stage.nowMs();
  const heal = await stage.isolate([leader], direction);
  const next = await stage.leader([leader]);
  const electedMs = stage.nowMs() - fromMs;
  const what = direction === "in" ? `${leader} hears nobody` : `nobody hears ${leader}`;
  const restartServer = await stage.kill(["server1"]);
  await stage.pass(AWAY_MS);
  await restartServer();
  await stage.pass(fromMs + PARTED_MS - stage.nowMs());
  const { url } = stage.monitors.find(({ name }) => name === leader)!;
  const parted = await readCluster(url, ASK_MS);
  await heal();
  await stage.pass(3_000);
  return [
    within(`${what}: the others elect one of their own (${next})`, electedMs, ELECTED_WITHIN_MS),
    {
      claim: `${what}: it knows that it has no quorum`,
      isMet: typeof parted !== "string" && !parted.quorum,
      measured: typeof parted === "string" ? parted : `"quorum": ${parted.quorum}`,
    },
    await reunionFinding(stage, leader),
  ];
}
