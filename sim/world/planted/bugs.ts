/**
 * The bugs that are planted: the faults that systems on Raft have had, such as a snapshot that failed
 * and lost what it was to hold, and the ones that the paper warns of. `make planted-bugs` plants each in turn and says after how many seeds it is found.
 */
import type { PlantedBug } from "./bug.ts";
import { DURABILITY_BUGS } from "./durability_bugs.ts";
import { ELECTION_BUGS } from "./election_bugs.ts";
import { GROUND_BUGS } from "./ground_bugs.ts";
import { MEMBER_BUGS } from "./membership_bugs.ts";
import { LOG_BUGS } from "./replication_bugs.ts";
import { STATE_BUGS } from "./state_bugs.ts";

/** Those that the simulator has to find. */
const CORE_BUGS: readonly PlantedBug[] = [
  ...DURABILITY_BUGS,
  ...ELECTION_BUGS,
  ...LOG_BUGS,
  ...MEMBER_BUGS,
  ...STATE_BUGS,
];

export const PLANTED_BUGS: readonly PlantedBug[] = [...CORE_BUGS, ...GROUND_BUGS];
