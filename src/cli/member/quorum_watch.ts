/**
 * Says in the log when the config can no longer be changed here, why, and when it can again. An election is
 * no news: only what lasts longer is said. That this monitor was removed lasts.
 */
import type { ClusterStatus } from "../../cluster/mod.ts";
import type { Timers } from "../../port.ts";

export interface QuorumWatchGrants {
  readonly timers: Timers;
  readonly tell: (level: "info" | "warning", line: string) => void;
}

const LOOK_EVERY_MS = 500;
/** 3 s: three times what an election takes. */
const LOOKS_TO_TELL = 6;

const REMOVED_LINE =
  "this monitor was removed from its cluster: its config will not change any more; watching goes on. Stop " +
  "it, or start it with an empty data directory, a new --id and --join";

/** Looks twice a second; the result ends that. */
export function tellQuorum(
  status: () => Pick<ClusterStatus, "quorum" | "halted" | "standing">,
  { timers, tell }: QuorumWatchGrants,
): () => void {
  let looksWithout = 0;
  const look = () => {
    const { quorum, halted, standing } = status();
    if (standing === "removed" && halted === null) return tell("warning", REMOVED_LINE);
    if (quorum && looksWithout >= LOOKS_TO_TELL) tell("info", "the config can be changed again");
    looksWithout = quorum ? 0 : looksWithout + 1;
    // What halted it was said when it did.
    if (looksWithout === LOOKS_TO_TELL && halted === null) {
      tell(
        "warning",
        "no quorum: the config cannot be changed until a majority of the monitors is back; " +
          "watching goes on",
      );
    }
    cancel = timers.after(LOOK_EVERY_MS, look);
  };
  let cancel = timers.after(LOOK_EVERY_MS, look);
  return () => cancel();
}
