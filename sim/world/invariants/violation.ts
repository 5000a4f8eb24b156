/** Thrown when the world sees something that no correct cluster does. Fails the seed. */
export class Violation extends Error {
  override readonly name = "Violation";
  /** Which invariant, in a few fixed words: the same for all seeds that break the same one. */
  readonly invariant: string;

  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
  }
}

/** The first violation since it was last taken. */
let first: Violation | undefined;

/**
 * Throws a `Violation`, and keeps it: a member that is hosted here halts on whatever is thrown into it,
 * so the throw alone would not reach whoever runs the world.
 */
export function violate(invariant: string, detail: string): never {
  const violation = new Violation(invariant, detail);
  first ??= violation;
  throw violation;
}

/** Gives up the violation that is kept, if there is one. */
export function takeViolation(): Violation | undefined {
  const taken = first;
  first = undefined;
  return taken;
}

/** Throws a `Violation` unless `holds`. The detail is only made up when it is needed. */
export function mustHold(holds: boolean, invariant: string, detail: () => string): asserts holds {
  if (!holds) violate(invariant, detail());
}
