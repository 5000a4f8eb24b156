/**
 * Holds a model to what it promises (`model.ts`), by trying all of a small world: a hint that is not
 * true would make the checker wrong in ways that no one example shows.
 */
import { expect } from "bun:test";
import type { Model } from "./model.ts";

export interface SmallWorld<State, Input, Output> {
  readonly states: readonly State[];
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
}

/** Fails with the first state, input and output for which a hint is not true. */
export function expectTrueHints<State, Input, Output>(
  model: Model<State, Input, Output>,
  { states, inputs, outputs }: SmallWorld<State, Input, Output>,
): void {
  const isSame = (a: State, b: State) => model.key(a) === model.key(b);
  const leads = (from: State, to: State) => model.leads?.(from, to) ?? isSame(from, to);

  for (const a of inputs) {
    for (const b of inputs) {
      const isEqual = JSON.stringify(a) === JSON.stringify(b);
      hold("inputKey", (model.inputKey!(a) === model.inputKey!(b)) === isEqual, a, b);
    }
  }
  for (const a of states) {
    hold("leads to itself", leads(a, a), a);
    for (const b of states.filter((state) => leads(a, state))) {
      for (const c of states) hold("leads on", !leads(b, c) || leads(a, c), a, b, c);
      for (const input of inputs.filter((each) => model.serves?.(each, a))) {
        hold("serves on", model.serves!(input, b), input, a, b);
      }
    }
  }
  for (const input of inputs) {
    const left = model.leaves?.(input);
    for (const state of states) {
      const after = model.step(state, input, undefined);
      if (after === undefined) throw new Error("an unknown output has to fit");
      const isLeft = left === undefined ? leads(state, after) : isSame(after, left);
      hold("leaves or leads", isLeft || isSame(after, state), state, input, after);
      const fitting = outputs.filter((output) => model.step(state, input, output) !== undefined);
      hold("one output", fitting.length <= 1, state, input, fitting);
      if (isSame(after, state)) continue;
      for (const to of states.filter((each) => leads(after, each))) {
        hold("serves", model.serves?.(input, to) ?? true, state, input, to);
      }
    }
    for (const output of [...outputs, undefined]) holdFor(input, output);
  }

  function holdFor(input: Input, output: Output | undefined): void {
    const needed = output === undefined ? undefined : model.needs?.(input, output);
    const steps = states.map((state) => ({ state, after: model.step(state, input, output) }));
    for (const { state, after } of steps) {
      if (after === undefined) continue;
      const isKept = isSame(after, state) || model.isReadOnly?.(input, output) !== true;
      hold("isReadOnly", isKept, state, input, output);
      hold("needs", needed === undefined || isSame(state, needed), state, input, output);
    }
    if (model.tells === undefined) return;
    const told = model.tells(input, output);
    const left = model.leaves?.(input);
    const others = steps.filter(({ state }) => told === undefined || !isSame(state, told));
    const isAlike =
      others.every(({ after }) => after === undefined) ||
      others.every(({ state, after }) => after !== undefined && isSame(after, state)) ||
      others.every(
        ({ after }) => after !== undefined && (left === undefined || isSame(after, left)),
      );
    hold("tells", isAlike, input, output);
  }
}

function hold(hint: string, isTrue: boolean, ...where: readonly unknown[]): void {
  if (!isTrue) expect.unreachable(`${hint}: ${JSON.stringify(where)}`);
}
