/**
 * Which versions two monitors can talk in. Each tells the range that it can read and write; the highest
 * that both have is used, so that a cluster is rolled to a new version one monitor at a time.
 */
import { RAFT_FORMAT_VERSION } from "../raft/mod.ts";

/** Whole numbers in 0..65535, `min` <= `max`. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** Of the two formats that a connection carries. */
export interface PeerVersions {
  /** The frames of this folder. */
  readonly wire: VersionRange;
  /** The Raft messages in them. */
  readonly raft: VersionRange;
}

/** What this version of phi can do. */
export const PEER_VERSIONS: PeerVersions = {
  wire: { min: 1, max: 1 },
  raft: { min: RAFT_FORMAT_VERSION, max: RAFT_FORMAT_VERSION },
};

/** The highest version in both; undefined if there is none. */
export function highestCommon(left: VersionRange, right: VersionRange): number | undefined {
  const highest = Math.min(left.max, right.max);
  return highest >= Math.max(left.min, right.min) ? highest : undefined;
}

/** Throws `RangeError` for what is not a range of versions. */
export function checkVersions({ wire, raft }: PeerVersions): void {
  for (const [name, { min, max }] of Object.entries({ wire, raft })) {
    if (Number.isInteger(min) && Number.isInteger(max) && 0 <= min && min <= max && max <= 0xffff) {
      continue;
    }
    throw new RangeError(
      `Cannot create PeerTransport: "versions.${name}" must be 0 <= min <= max <= 65535, ` +
        `received ${min} to ${max}`,
    );
  }
}

/** A sentence for people: who can read what, and what to do. */
export function noCommonVersion(
  format: string,
  [leftName, left]: readonly [string, VersionRange],
  [rightName, right]: readonly [string, VersionRange],
): string {
  const older = left.max < right.min ? leftName : rightName;
  return (
    `no common version of the ${format}: ${leftName} has ${rangeText(left)}, ` +
    `${rightName} has ${rangeText(right)}. Update ${older} to a version of phi that has one of the other's`
  );
}

function rangeText({ min, max }: VersionRange): string {
  return min === max ? `version ${min}` : `versions ${min} to ${max}`;
}
