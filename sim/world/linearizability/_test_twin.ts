/**
 * Twins of the checker, which have to come to the same verdicts. The dumb one tries every order there
 * is, remembers nothing and sees nothing early: only for the shortest of histories. The other is the
 * checker itself with no hint from the model, for those a little longer.
 */
import type { Model } from "./model.ts";
import { isOutcomeUnknown, type Operation } from "./operation.ts";

export function isLinearizableByTrial<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): boolean {
  const tryAll = (state: State, left: readonly Operation<Input, Output>[]): boolean => {
    const answered = left.filter((operation) => !isOutcomeUnknown(operation));
    if (answered.length === 0) return true;
    const until = Math.min(...answered.map(({ returnedAt }) => returnedAt));
    return left.some((operation) => {
      if (operation.invokedAt > until) return false;
      const output = isOutcomeUnknown(operation) ? undefined : operation.output;
      const after = model.step(state, operation.input, output);
      return (
        after !== undefined &&
        tryAll(
          after,
          left.filter((other) => other !== operation),
        )
      );
    });
  };
  return tryAll(model.initial, history);
}

/** The same model, with no hint to make use of. */
export function withoutHints<State, Input, Output>(
  model: Model<State, Input, Output>,
): Model<State, Input, Output> {
  return {
    initial: model.initial,
    step: (state, input, output) => model.step(state, input, output),
    key: (state) => model.key(state),
  };
}
