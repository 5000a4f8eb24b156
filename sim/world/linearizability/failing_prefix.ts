/**
 * Why a history is not linearizable, for people: its shortest beginning that is not. All that was
 * called later has nothing to do with it, and the operation whose return ends it is the first that
 * does not fit.
 */
import { judgeHistory, type LinearizabilityOptions } from "./check.ts";
import type { Model } from "./model.ts";
import { isOutcomeUnknown, type Operation } from "./operation.ts";

export interface FailingPrefix<Input, Output> {
  /** In the order of their calls. What had not returned by then is of unknown outcome. */
  readonly operations: readonly Operation<Input, Output>[];
  /** The first that does not fit with those that returned before it. */
  readonly last: Operation<Input, Output>;
}

/**
 * Undefined for a history that is not known to fail. A beginning that is too much work to judge
 * (`maxSteps`, for each of them) counts as one that may do, so that what is found fails for certain.
 */
export function smallestFailingPrefix<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  options: LinearizabilityOptions = {},
): FailingPrefix<Input, Output> | undefined {
  const { culprit } = judgeHistory(model, history, options);
  if (culprit === undefined) return undefined;
  const byReturn = culprit
    .filter((operation) => !isOutcomeUnknown(operation))
    .toSorted((a, b) => a.returnedAt - b.returnedAt);
  // Once a beginning fails, so does each that is longer.
  let fails = byReturn.length - 1;
  for (let mayDo = -1; fails - mayDo > 1;) {
    const middle = (fails + mayDo) >>> 1;
    const beginning = beginningOf(culprit, byReturn[middle]!.returnedAt);
    const { verdict } = judgeHistory(model, beginning, options);
    if (verdict === "not-linearizable") fails = middle;
    else mayDo = middle;
  }
  const last = byReturn[fails]!;
  return { operations: beginningOf(culprit, last.returnedAt), last };
}

function beginningOf<Input, Output>(
  history: readonly Operation<Input, Output>[],
  until: number,
): Operation<Input, Output>[] {
  return history
    .filter(({ invokedAt }) => invokedAt <= until)
    .toSorted((a, b) => a.invokedAt - b.invokedAt)
    .map((operation) =>
      operation.returnedAt <= until
        ? operation
        : { ...operation, output: undefined, returnedAt: Infinity },
    );
}
