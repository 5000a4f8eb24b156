/**
 * What the clients saw: each operation with the moments of its call and its return. At the end of a run
 * it is judged for linearizability, each register by itself.
 */
import { checkLinearizability } from "./linearizability/check.ts";
import type { Model } from "./linearizability/model.ts";
import type { Operation } from "./linearizability/operation.ts";
import { fold, type RegisterKind, type RegisterResult } from "./register_machine.ts";

export interface RegisterInput {
  readonly kind: RegisterKind;
  readonly key: number;
  readonly value: number;
  readonly expected: number;
}

/** The model of one register. */
export const registerHistoryModel: Model<number, RegisterInput, RegisterResult> = {
  initial: 0,

  step(state, { kind, value, expected }, output) {
    const isApplied = kind !== "get" && (kind !== "compareAndSet" || state === expected);
    const next = isApplied ? (kind === "fold" ? fold(state, value) : value) : state;
    if (output === undefined) return next;
    return output.isApplied === isApplied && output.value === next ? next : undefined;
  },

  key: (state) => state,

  partition: (history) => Map.groupBy(history, ({ input }) => input.key).values(),

  isReadOnly: ({ kind }, output) => kind === "get" || output?.isApplied === false,
};

interface OpenOperation {
  readonly process: string;
  readonly input: RegisterInput;
  readonly invokedAt: number;
  output: RegisterResult | undefined;
  returnedAt: number;
}

export class History {
  readonly #operations: OpenOperation[] = [];
  /** Rises with each call and return, so that no two are at the same moment. */
  #moment = 0;
  #unknown = 0;

  get size(): number {
    return this.#operations.length;
  }

  /** Operations whose outcome no client knows. */
  get unknownOutcomes(): number {
    return this.#unknown;
  }

  /** A call; what it gives is handed to `returned` or `forgotten`. */
  invoked(process: string, input: RegisterInput): OpenOperation {
    const invokedAt = ++this.#moment;
    const operation = { process, input, invokedAt, output: undefined, returnedAt: Infinity };
    this.#operations.push(operation);
    return operation;
  }

  returned(operation: OpenOperation, output: RegisterResult): void {
    operation.output = output;
    operation.returnedAt = ++this.#moment;
  }

  /** The client gave up: it may take effect yet. */
  forgotten(operation: OpenOperation): void {
    if (operation.input.kind !== "get") this.#unknown++;
  }

  get operations(): readonly Operation<RegisterInput, RegisterResult>[] {
    return this.#operations;
  }

  /** `unknown` if the search would take too long. */
  verdict(maxSteps: number): "linearizable" | "not-linearizable" | "unknown" {
    // A get without an answer says nothing and changes nothing.
    const told = this.#operations.filter(
      ({ input, output }) => input.kind !== "get" || output !== undefined,
    );
    return checkLinearizability(registerHistoryModel, told, { maxSteps });
  }
}

export type { OpenOperation };
