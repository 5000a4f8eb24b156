/** What the log is for: the same commands in the same order give the same state on every member. */

export interface AppliedCommand {
  readonly index: number;
  readonly data: Uint8Array;
}

export type ApplyResult =
  | { readonly ok: true; readonly output: Uint8Array }
  /** The command had no effect, on any member, and this is why. */
  | { readonly ok: false; readonly error: string; readonly isPassedOver?: undefined }
  /**
   * It had no effect here and may have had one on others: it is of a later version than this one, or
   * this one has a defect. It stays in the log for a version that can carry it out, and until then this
   * member takes no snapshot and answers no read past it.
   */
  | { readonly ok: false; readonly error: string; readonly isPassedOver: true };

export interface StateMachine {
  /**
   * Applies one command. Deterministic. Never throws: a command that cannot be read is an error in
   * the result, since a throw would stop every member at the same entry. One of a later version has to
   * say so by `isPassedOver`.
   */
  apply(command: AppliedCommand): ApplyResult;
  /** All of the state, as bytes that `restore` takes. */
  snapshot(): Uint8Array;
  /**
   * The same bytes, of the state as it is at the call, in parts that take a millisecond or so each: whoever
   * takes them lets others have their turn in between. What is applied meanwhile is not in them. Without it a
   * large state holds everything up while its snapshot is made.
   */
  snapshotParts?(): Iterable<Uint8Array>;
  /** Replaces the state. Changes nothing if the bytes cannot be read. */
  restore(data: Uint8Array): { readonly ok: true } | { readonly ok: false; readonly error: string };
}
