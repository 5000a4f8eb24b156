/**
 * Which faults and which interesting paths a run really went through, as counts. A simulator that
 * never takes a path proves nothing about it, so these are summed up over many seeds and tested.
 */
export const PATHS = [
  // Faults.
  "crash",
  "crash of all members",
  "crash loses writes",
  "crash keeps unacknowledged writes",
  "restart",
  "pause",
  "partition whole",
  "partition one-way",
  "partition bridge",
  "partition isolated",
  "partition one link",
  "partition flaps",
  "links clogged",
  "disk slow",
  "disk low on space",
  "disk full",
  "disk broken",
  "write torn",
  "bit flipped",
  "damage refused at the start",
  "damage halts a member that runs",
  "damage gone before the start",
  "skewed clocks",
  "messages as bytes",
  "message doubled",
  "peer reported unreachable",
  "message late",
  "message echoed",
  "stray message refused",
  "damaged snapshot refused",
  // Elections.
  "election",
  "election of a second leader while another still leads",
  "leader steps down without a quorum",
  "campaign lost",
  "pre-vote refused",
  "leader crashes",
  // Replication.
  "conflicting suffix cut off",
  "append refused",
  "entry of an earlier term committed",
  "proposal dropped for too many uncommitted bytes",
  // Snapshots.
  "snapshot taken",
  "entries applied while a snapshot was made",
  "log compacted",
  "snapshot sent",
  "snapshot stream broken",
  "snapshot installed on a follower with a log",
  "snapshot installed on a new member",
  "restart from snapshot and log",
  // Clients.
  "read at the leader",
  "read at a follower",
  "read refused",
  "proposal forwarded",
  "commands forwarded together",
  "proposal dropped",
  "proposal of unknown outcome",
  "retry of a command that had taken effect",
  "client gave up",
  // Membership.
  "learner added",
  "learner promoted",
  "member removed",
  "member moved",
  "leader removed",
  "membership change refused",
  "membership change rolled back",
  "transfer asked",
  "transfer completed",
  "transfer given up",
  "halted member replaced",
  "quorum makes progress by itself",
] as const;

export type Path = (typeof PATHS)[number];

export class Coverage {
  readonly #counts = new Map<Path, number>();

  hit(path: Path, count = 1): void {
    this.#counts.set(path, (this.#counts.get(path) ?? 0) + count);
  }

  count(path: Path): number {
    return this.#counts.get(path) ?? 0;
  }

  add(other: Coverage): void {
    for (const [path, count] of other.#counts) this.hit(path, count);
  }

  /** Those that were never taken. */
  get missing(): readonly Path[] {
    return PATHS.filter((path) => this.count(path) === 0);
  }

  /** By place in `PATHS`, for sending between workers. */
  get counts(): readonly number[] {
    return PATHS.map((path) => this.count(path));
  }

  static of(counts: readonly number[]): Coverage {
    const coverage = new Coverage();
    PATHS.forEach((path, place) => coverage.hit(path, counts[place] ?? 0));
    return coverage;
  }
}
