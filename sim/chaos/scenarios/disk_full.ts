/**
 * The disk of the leader is full, to the last block. It says so, takes no part in writes any more, and goes on
 * watching; the others go on writing. Once there is room and it is started again, it has what it missed.
 */
import { type Finding, within } from "../judge/finding.ts";
import { readCluster } from "../monitor_api.ts";
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { upAgain } from "./up_again.ts";

/** It notices when it writes, and clients make it write all the time. */
const SAYS_SO_WITHIN_MS = 10_000;
const ASK_MS = 2_000;

export const diskFull: Scenario = {
  name: "disk-full",
  summary: "the leader's disk is full, and a server dies meanwhile; then there is room again",
  runners: ["docker", "processes"],
  minMonitors: 3,
  limits: USUAL_LIMITS,
  setting: { hasSmallDisks: true },

  async act(stage) {
    await stage.pass(3_000);
    const leader = await stage.leader();
    const fromMs = stage.nowMs();
    const makeRoom = await stage.fillDisk(leader);
    const halted = await haltOf(stage, leader);
    const saidAfterMs = halted === null ? null : stage.nowMs() - fromMs;
    const restartServer = await stage.kill(["server2"]);
    await stage.pass(6_000);
    await restartServer();
    // What it could not save it does not remember: it would call the server down itself, if not together with others.
    const back = await upAgain(stage, ["server2"]);
    const next = await stage.leader([leader]);
    await makeRoom();
    await stage.pass(4_000);
    return [
      within(`${leader} says that it has halted`, saidAfterMs, SAYS_SO_WITHIN_MS),
      {
        claim: "what it says names the disk",
        isMet: /disk|full|space/iu.test(halted ?? ""),
        measured: halted ?? "nothing",
      },
      {
        claim: "another one leads",
        isMet: next !== leader,
        measured: next,
      },
      back,
      await wholeFinding(stage, leader),
    ];
  },
};

/** What `GET /cluster` says of it; null if it does not say anything in time. */
async function haltOf(stage: Stage, monitor: string): Promise<string | null> {
  const { url } = stage.monitors.find(({ name }) => name === monitor)!;
  return await stage
    .until(`${monitor} to halt`, SAYS_SO_WITHIN_MS, async () => {
      const cluster = await readCluster(url, ASK_MS);
      return typeof cluster === "string" ? undefined : (cluster.halted ?? undefined);
    })
    .catch(() => null);
}

async function wholeFinding(stage: Stage, monitor: string): Promise<Finding> {
  const { url } = stage.monitors.find(({ name }) => name === monitor)!;
  const cluster = await readCluster(url, ASK_MS);
  const isWhole = typeof cluster !== "string" && cluster.halted === null && cluster.quorum;
  return {
    claim: `${monitor}, started again with room, takes part again`,
    isMet: isWhole,
    measured:
      typeof cluster === "string"
        ? cluster
        : `halted: ${cluster.halted}, "quorum": ${cluster.quorum}`,
  };
}
