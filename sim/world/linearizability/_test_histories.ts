/**
 * Histories for tests. A store of one copy is run for real: each operation has a moment at which it
 * takes effect, so that the history is linearizable because there is an order, and not because a
 * checker said so. Others are changed after that, or made up from nothing.
 */
import * as fc from "fast-check";
import type { KeyValueInput, KeyValueOutput } from "./key_value.ts";
import type { Operation } from "./operation.ts";
import type { RegisterInput, RegisterOutput, RegisterValue } from "./register.ts";

/** A store of one copy: does it, and says what came out. */
export type Store<Input, Output> = (input: Input) => Output;

export function oneRegister(): Store<RegisterInput, RegisterOutput> {
  let held: RegisterValue = null;
  return (input) => {
    if (input.kind === "read") return { value: held };
    const isApplied = input.kind === "write" || input.expected === held;
    if (isApplied) held = input.kind === "write" ? input.value : input.replacement;
    return { isApplied };
  };
}

export function oneKeyValueStore(): Store<KeyValueInput, KeyValueOutput> {
  const texts = new Map<string, string>();
  return (input) => {
    const found = texts.get(input.key) ?? "";
    if (input.kind === "get") return { value: found };
    texts.set(input.key, input.kind === "put" ? input.value : found + input.value);
    return { isApplied: true };
  };
}

/** One call of a client, as it is meant to go. */
export interface Plan<Input> {
  readonly input: Input;
  readonly invokedAt: number;
  readonly effectAfter: number;
  readonly returnAfter: number;
  /** `lost`: it takes effect, and no answer comes. `dropped`: it does not even do that. */
  readonly fate: "answered" | "lost" | "dropped";
}

/** Runs the plans against a store: what comes out is linearizable. */
export function run<Input, Output>(
  store: Store<Input, Output>,
  calls: readonly Plan<Input>[],
): Operation<Input, Output>[] {
  const effectAt = ({ invokedAt, effectAfter }: Plan<Input>) => invokedAt + effectAfter;
  const order = [...calls.keys()].toSorted((a, b) => effectAt(calls[a]!) - effectAt(calls[b]!));
  const outputs = new Map<number, Output>();
  for (const index of order) {
    if (calls[index]!.fate !== "dropped") outputs.set(index, store(calls[index]!.input));
  }
  return calls.map((plan, process) => {
    const { input, invokedAt, returnAfter, fate } = plan;
    return fate === "answered"
      ? {
          process,
          input,
          output: outputs.get(process),
          invokedAt,
          returnedAt: effectAt(plan) + returnAfter,
        }
      : { process, input, output: undefined, invokedAt, returnedAt: Infinity };
  });
}

const smallValue = fc.constantFrom(null, 1, 2, 3);

export const registerInput: fc.Arbitrary<RegisterInput> = fc.oneof(
  { arbitrary: fc.constant({ kind: "read" } as const), weight: 2 },
  fc.record({ kind: fc.constant("write" as const), value: smallValue }),
  fc.record({
    kind: fc.constant("compareAndSet" as const),
    expected: smallValue,
    replacement: smallValue,
  }),
);

const smallText = fc.constantFrom("a", "b", "c", "ab", "bc", "");
const key = fc.constant("k");

export const keyValueInput: fc.Arbitrary<KeyValueInput> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant("get" as const), key }), weight: 4 },
  {
    arbitrary: fc.record({ kind: fc.constant("append" as const), key, value: smallText }),
    weight: 2,
  },
  fc.record({ kind: fc.constant("put" as const), key, value: smallText }),
);

function plans<Input>(input: fc.Arbitrary<Input>, maxLength: number): fc.Arbitrary<Plan<Input>[]> {
  const plan = fc.record({
    input,
    invokedAt: fc.nat(3 * maxLength),
    effectAfter: fc.nat(6),
    returnAfter: fc.nat(3),
    fate: fc.constantFrom("answered", "answered", "answered", "lost", "dropped"),
  });
  return fc.array(plan, { minLength: maxLength - 3, maxLength });
}

/** What clients of a real register saw. */
export const registerHistory = (maxLength: number) =>
  plans(registerInput, maxLength).map((all) => run(oneRegister(), all));

/** What clients of a real store saw of one key. */
export const keyValueHistory = (maxLength: number) =>
  plans(keyValueInput, maxLength).map((all) => run(oneKeyValueStore(), all));

/**
 * The same with a few answers changed for others that were given, or times moved, of which nobody
 * knows whether it is for the worse.
 */
export function spoiled<Input, Output extends RegisterOutput | KeyValueOutput>(
  history: fc.Arbitrary<Operation<Input, Output>[]>,
): fc.Arbitrary<Operation<Input, Output>[]> {
  const change = fc.record({
    which: fc.nat(),
    whose: fc.nat(),
    later: fc.integer({ min: -6, max: 3 }),
  });
  return fc
    .tuple(history, fc.array(change, { minLength: 2, maxLength: 5 }))
    .map(([all, changes]) => {
      const changed = [...all];
      const answered = [...all.keys()].filter((index) => all[index]!.output !== undefined);
      for (const { which, whose, later } of answered.length === 0 ? [] : changes) {
        const index = answered[which % answered.length]!;
        const operation = changed[index]!;
        const others = answered
          .map((other) => all[other]!.output)
          .filter((output) => isOfSameKind(output, operation.output));
        const output = others[whose % others.length];
        const returnedAt = Math.max(operation.invokedAt, operation.returnedAt + later);
        changed[index] = { ...operation, output, returnedAt };
      }
      return changed;
    });
}

function isOfSameKind(a: object | undefined, b: object | undefined): boolean {
  return a !== undefined && b !== undefined && "value" in a === "value" in b;
}

/** Numbers in 0..1 that a seed gives again. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Load<Input> {
  readonly seed: number;
  readonly operations: number;
  /** Clients; each has one call under way at a time, and a new name after a lost one. */
  readonly clients: number;
  /** The share of calls that get no answer, half of which take effect. */
  readonly lostShare: number;
  readonly input: (random: () => number, count: number) => Input;
}

/** As much load as wanted, of clients that call again as soon as they have an answer. */
export function plansOf<Input>(load: Load<Input>): Plan<Input>[] {
  const random = seededRandom(load.seed);
  const freeAt = Array.from({ length: load.clients }, () => random() * 10);
  return Array.from({ length: load.operations }, (_, count) => {
    const client = freeAt.indexOf(Math.min(...freeAt));
    const invokedAt = freeAt[client]!;
    const [effectAfter, returnAfter] = [random() * 10, random() * 10];
    freeAt[client] = invokedAt + effectAfter + returnAfter + 0.001;
    const isLost = random() < load.lostShare;
    const fate = isLost ? (random() < 0.5 ? "lost" : "dropped") : "answered";
    return { input: load.input(random, count), invokedAt, effectAfter, returnAfter, fate };
  });
}
