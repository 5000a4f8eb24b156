/** What a member's Raft does that people should hear of, as lines of the log. */
import type { NodeWorld } from "../../cluster/mod.ts";
import type { Tell } from "./grants.ts";

const MOST_REFUSALS_TOLD = 20;

export function raftNews(tell: Tell): Required<Pick<NodeWorld, "onHalt" | "onRole" | "onRefused">> {
  return {
    onHalt: (reason) => tell("error", haltLine(reason)),
    // Who is not known to lead is no news by itself: elections take a moment.
    onRole: (_, term, leader) => {
      if (leader !== undefined) tell("info", `raft: ${leader} leads in term ${term}`);
    },
    onRefused: onceEach((from, reason) => tell("error", refusedLine(from, reason))),
  };
}

/** Tells each pair once, and not more of them than anybody would read. */
function onceEach(tell: (from: string, reason: string) => void) {
  const told = new Set<string>();
  return (from: string, reason: string) => {
    const key = `${from} ${reason}`;
    if (told.has(key) || told.size >= MOST_REFUSALS_TOLD) return;
    told.add(key);
    tell(from, reason);
  };
}

function refusedLine(from: string, reason: string): string {
  return (
    `raft: what ${from} sent was refused: ${reason}. No correct member sends it: one of the two has ` +
    "lost data that it had promised to keep, or runs a version with a defect"
  );
}

function haltLine(reason: string): string {
  return (
    `raft: this monitor takes no further part in agreeing on the config: ${reason}. It goes on ` +
    "watching. Mend the disk and start it again, or replace it by a monitor with another --id"
  );
}
