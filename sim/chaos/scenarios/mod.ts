/** All scenarios, in the order in which they are listed and run. */
import type { Scenario } from "../scenario.ts";
import { allSlow } from "./all_slow.ts";
import { clockJump } from "./clock_jump.ts";
import { diskFull } from "./disk_full.ts";
import { flappingServer } from "./flapping_server.ts";
import { followerKill } from "./follower_kill.ts";
import { hundredDie } from "./hundred_die.ts";
import { joinAndLeave } from "./join_and_leave.ts";
import { leaderKill } from "./leader_kill.ts";
import { majorityLoss } from "./majority_loss.ts";
import { monitorPartition } from "./monitor_partition.ts";
import { monitorPause } from "./monitor_pause.ts";
import { oneWayPartition } from "./one_way_partition.ts";
import { rollingRestart } from "./rolling_restart.ts";
import { rollingUpgrade } from "./rolling_upgrade.ts";
import { serverDelay } from "./server_delay.ts";
import { serverKill } from "./server_kill.ts";
import { serverPacketLoss } from "./server_packet_loss.ts";

export const SCENARIOS: readonly Scenario[] = [
  // Servers.
  serverDelay,
  serverKill,
  flappingServer,
  hundredDie,
  allSlow,
  serverPacketLoss,
  // Monitors.
  leaderKill,
  followerKill,
  majorityLoss,
  monitorPause,
  diskFull,
  clockJump,
  // What is between them.
  monitorPartition,
  oneWayPartition,
  // What operators do.
  rollingRestart,
  rollingUpgrade,
  joinAndLeave,
];

/** Undefined if there is none of that name. */
export function scenarioOf(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name);
}
