/**
 * One call of a client, from the moment it was made to the moment its answer came, with no word on when
 * in between it took effect: that is what the checker finds out. A history is a list of these, in any
 * order, and its times are of any clock that only rises, such as the number of an event.
 */
export interface Operation<Input, Output> {
  /** Who called; for people, in messages. */
  readonly process: number | string;
  readonly input: Input;
  /** `undefined`: the outcome is unknown. It took effect at any time since `invokedAt`, or never. */
  readonly output: Output | undefined;
  readonly invokedAt: number;
  /**
   * >= `invokedAt`. `Infinity` when no answer came, which is an unknown outcome whatever `output`
   * says. Where a call and a return are at the same time, they overlap.
   */
  readonly returnedAt: number;
}

/** Whether it is not known that it took effect. */
export function isOutcomeUnknown(operation: Operation<unknown, unknown>): boolean {
  return operation.output === undefined || operation.returnedAt === Infinity;
}
