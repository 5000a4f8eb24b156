/**
 * Operations that do the same, under one number (the kind). Of those of one kind that could be next,
 * only the one that returns first is worth a try; of unknown outcome only the one that was called
 * first, so these stand in a queue. Idle ones are alike whatever they write, but for what they tell.
 */
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import type { States } from "./_states.ts";
import { NONE, type Targets } from "./_targets.ts";
import type { Timeline } from "./_timeline.ts";

/** Operations of one kind and of unknown outcome, in the order of their calls. Never empty. */
export interface Queue<Input, Output> {
  readonly kind: number;
  readonly input: Input;
  /** The place of the state that it tells from others, or `NONE`. */
  readonly told: number;
  readonly operations: Operation<Input, Output>[];
}

export interface Kinds<Input, Output> {
  /** By rank; `NONE` for what changes nothing. */
  readonly kindOf: Int32Array;
  /** By kind: the input of one of them. */
  readonly inputs: readonly Input[];
  /** By kind: 1 where nothing that matters can come of it, and it is blind to the state. */
  readonly isIdle: readonly number[];
  /** By kind: 1 where the state before is gone, if the operation changes it. */
  readonly isOverwriting: readonly number[];
  /** By kind that overwrites: the places that what it leaves is on the way to, as far as is known. */
  readonly placesAfter: readonly (readonly number[])[];
  readonly queues: readonly Queue<Input, Output>[];
}

export function kindsOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  { returned, unknown, readOnly }: Timeline<Input, Output>,
  states: States<State>,
  targets: Targets<State, Input, Output>,
): Kinds<Input, Output> {
  const inputs: Input[] = [];
  const isIdle: number[] = [];
  const idleKinds = new Map<number, number>();
  const kinds = new Map<unknown, number>();

  const newKind = (input: Input, idle: boolean) => {
    isIdle.push(Number(idle));
    return inputs.push(input) - 1;
  };
  const kindFor = (input: Input, told: number) => {
    if (!targets.isIdle(input)) return newKind(input, false);
    const kind = idleKinds.get(told) ?? newKind(input, told === NONE);
    idleKinds.set(told, kind);
    return kind;
  };
  const kindOf = (operation: Operation<Input, Output>, told: number) => {
    const key = model.inputKey?.(operation.input) ?? operation;
    const kind = kinds.get(key) ?? kindFor(operation.input, told);
    kinds.set(key, kind);
    return kind;
  };

  const kindByRank = Int32Array.from(returned, (operation, rank) =>
    readOnly[rank] === 1 ? NONE : kindOf(operation, targets.toldBy[rank]!),
  );
  const queues = new Map<number, Queue<Input, Output>>();
  for (const [index, operation] of unknown.entries()) {
    const told = targets.toldBy[returned.length + index]!;
    const kind = kindOf(operation, told);
    const queue = queues.get(kind) ?? { kind, input: operation.input, told, operations: [] };
    queue.operations.push(operation);
    queues.set(kind, queue);
  }
  const left = inputs.map((input) => model.leaves?.(input));
  return {
    kindOf: kindByRank,
    inputs,
    isIdle,
    isOverwriting: left.map((state) => Number(state !== undefined)),
    placesAfter: left.map((state, kind) =>
      state === undefined ? [] : placesAfter(states.numberOf(state, kind), targets),
    ),
    queues: [...queues.values()],
  };
}

function placesAfter<State, Input, Output>(
  state: number,
  targets: Targets<State, Input, Output>,
): readonly number[] {
  if (targets.ways === "leads") {
    return [...targets.numbers.keys()].filter((place) => targets.isOnTheWay(state, place));
  }
  const place = targets.placeOf(state);
  return place === NONE ? [] : [place];
}
