/**
 * What the invariants see of a member: its disk's two images, which are the ground truth, and its
 * status, which is what it says of itself. Tests make these by hand.
 */
import type { MemberStatus } from "../../../src/raft/mod.ts";
import type { LogImage } from "../log_image.ts";

export interface Subject {
  readonly id: string;
  readonly number: number;
  /** What a crash cannot undo. */
  readonly synced: LogImage;
  /** What the member has written, durable or not. */
  readonly written: LogImage;
  /** Rises with each start of the member. */
  readonly life: number;
  /** What its status says, at little cost; undefined while no process runs. */
  readonly term: number | undefined;
  /** Undefined while no process runs. */
  status(): MemberStatus | undefined;
}

/** How many of `voterCount` are a majority. Its own, so that the core's may be wrong. */
export function majority(voterCount: number): number {
  return (voterCount >> 1) + 1;
}
