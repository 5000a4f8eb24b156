/**
 * What the checker has to know of a thing to judge its histories: the state it begins in, and what an
 * operation does to a state. All that follows `partition` is a hint and may be left out: it spares the
 * checker work, and changes no verdict as long as it is true.
 */
import type { Operation } from "./operation.ts";

export interface Model<State, Input, Output> {
  readonly initial: State;
  /**
   * The state after the operation, or `undefined` when in `state` it cannot have had that output. An
   * `output` of `undefined` is an unknown one, which fits always. The input and the state alone decide
   * what happens: with the same two there are never two outputs that fit, nor two next states.
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined;
  /** Equal states have equal keys, and others do not. */
  key(state: State): string | number;
  /** Parts that do not touch one another, such as one for each key; each is checked for itself. */
  partition?(
    history: readonly Operation<Input, Output>[],
  ): Iterable<readonly Operation<Input, Output>[]>;

  /** Equal inputs have equal keys, and others do not. Without it no two operations are alike. */
  inputKey?(input: Input): string | number;
  /** Whether it leaves every state that it fits in as it is: a read, or a refusal. */
  isReadOnly?(input: Input, output: Output | undefined): boolean;
  /** The only state that it fits in, if there is only one: what a read found. */
  needs?(input: Input, output: Output): State | undefined;
  /** The only state that it can change another into, if there is only one: what a write wrote. */
  leaves?(input: Input): State | undefined;
  /**
   * Whether operations for which `leaves` has no answer can get from one state to another, in any
   * number, none too. Without it they may get from anywhere to anywhere.
   */
  leads?(from: State, to: State): boolean;
  /**
   * The one state in which it does or answers something else than in all others: what a read found,
   * what a compare-and-set expects. `undefined` when it is blind to the state, as a write is. A model
   * with operations that tell more than one state apart has to go without this and without `serves`.
   */
  tells?(input: Input, output: Output | undefined): State | undefined;
  /**
   * Whether it can have a part in bringing a state about, whatever the state before. What serves a
   * state serves all that this one leads to.
   */
  serves?(input: Input, to: State): boolean;
}
