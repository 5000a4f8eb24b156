/** Thrown when the world sees something that no correct cluster does. Fails the seed. */
export class Violation extends Error {
  override readonly name = "Violation";
  /** Which invariant, in a few fixed words: the same for all seeds that break the same one. */
  readonly invariant: string;

  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
    first ??= this;
  }
}

/**
 * The first violation since it was last taken. A member that is hosted here halts on whatever is thrown
 * into it, so the throw alone would not reach whoever runs the world.
 */
let first: Violation | undefined;

export function takeViolation(): Violation | undefined {
  const taken = first;
  first = undefined;
  return taken;
}

/** Throws a `Violation` unless `holds`. The detail is only made up when it is needed. */
export function mustHold(holds: boolean, invariant: string, detail: () => string): asserts holds {
  if (!holds) throw new Violation(invariant, detail());
}
