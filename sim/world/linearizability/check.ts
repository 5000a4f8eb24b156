/**
 * Is a history linearizable: could each operation have taken effect at one moment between its call and
 * its return, so that all outputs are those of a single copy? The parts that a model tells of are
 * searched one by one. To answer can take longer than anybody waits, so the work is bounded, and when
 * the bound is hit the answer is that it is not known: never a guess.
 */
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { type LinearizabilityVerdict, Search } from "./_search.ts";
import { timelineOf } from "./_timeline.ts";

export interface LinearizabilityOptions {
  /**
   * The bound of work, in operations looked at; >= 0, 10,000,000 if not given, which is some seconds
   * and some hundreds of megabytes. More decides more of the hard histories, and takes longer over the others.
   */
  readonly maxSteps?: number;
}

export interface Judgement<Input, Output> {
  readonly verdict: LinearizabilityVerdict;
  /** The work that was done, as `maxSteps` counts it. */
  readonly steps: number;
  /** The part that is not linearizable by itself; undefined with any other verdict. */
  readonly culprit: readonly Operation<Input, Output>[] | undefined;
}

const DEFAULT_MAX_STEPS = 10_000_000;

/**
 * `unknown` is only said when the bound of work is hit. An empty history is linearizable.
 *
 * ```ts
 * const write = { kind: "write", value: 1 } as const;
 * checkLinearizability(registerModel, [
 *   { process: 0, input: write, output: { isApplied: true }, invokedAt: 1, returnedAt: 2 },
 *   { process: 1, input: { kind: "read" }, output: { value: null }, invokedAt: 3, returnedAt: 4 },
 * ]); // "not-linearizable"
 * ```
 *
 * @throws {RangeError} If an operation returned before it was called, or was never called.
 */
export function checkLinearizability<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  options: LinearizabilityOptions = {},
): LinearizabilityVerdict {
  return judgeHistory(model, history, options).verdict;
}

/** The same, with what it cost, and with the part to look at when the answer is no. */
export function judgeHistory<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  { maxSteps = DEFAULT_MAX_STEPS }: LinearizabilityOptions = {},
): Judgement<Input, Output> {
  if (!(maxSteps >= 0)) {
    throw new RangeError(`Cannot judge a history: "maxSteps" must be >= 0, received ${maxSteps}`);
  }
  for (const operation of history) requireTimes(operation);
  // The short ones first: what they leave over is for the long ones, and one of them that is too hard
  // does not keep the others from being judged.
  const parts = [...(model.partition?.(history) ?? [history])].toSorted(
    (a, b) => a.length - b.length,
  );
  let steps = 0;
  let verdict: LinearizabilityVerdict = "linearizable";
  for (const [index, part] of parts.entries()) {
    const search = new Search(model, timelineOf(model, part));
    const found = search.run((maxSteps - steps) / (parts.length - index));
    steps += search.steps;
    if (found === "not-linearizable") return { verdict: found, steps, culprit: part };
    if (found === "unknown") verdict = found;
  }
  return { verdict, steps, culprit: undefined };
}

function requireTimes({ invokedAt, returnedAt }: Operation<unknown, unknown>): void {
  if (Number.isFinite(invokedAt) && returnedAt >= invokedAt) return;
  throw new RangeError(
    `Cannot judge a history: "returnedAt" must be >= "invokedAt", which must be finite, ` +
      `received ${returnedAt} and ${invokedAt}`,
  );
}
