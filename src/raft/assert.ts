/**
 * Invariants of the core, checked where they are relied on. One that does not hold is a defect of
 * this program: going on could lose an acknowledged write, so it throws, and the driver that hosts
 * the core ends the member. What came from a peer is checked as input before it can get this far.
 */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws `InvariantError` unless `holds`. */
export function assert(holds: boolean, invariant: string): asserts holds {
  if (!holds) throw new InvariantError(`Raft invariant broken: ${invariant}`);
}
