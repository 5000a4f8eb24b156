/**
 * What the clients saw: each operation with the moments of its call and its return. At the end of a run
 * it is judged for linearizability, each register by itself.
 */
import { checkLinearizability, type Model } from "./linearizability/mod.ts";
import { fold, type RegisterKind, type RegisterResult, unfold } from "./register_machine.ts";

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

  inputKey: ({ kind, value, expected }) => `${kind} ${value} ${expected}`,

  isReadOnly: ({ kind }, output) => kind === "get" || output?.isApplied === false,

  needs({ kind, value, expected }, output) {
    if (!output.isApplied) return output.value;
    if (kind === "compareAndSet") return expected;
    return kind === "fold" ? unfold(output.value, value) : undefined;
  },

  leaves: ({ kind, value }) => (kind === "put" || kind === "compareAndSet" ? value : undefined),

  // A few folds may make anything of anything, as far as can be told cheaply.
  leads: () => true,
};

interface OpenOperation {
  readonly process: string;
  readonly input: RegisterInput;
  readonly invokedAt: number;
  /** What its command is called where the world counts effects. Undefined for what is not logged. */
  readonly command: string | undefined;
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
  invoked(process: string, input: RegisterInput, command: string | undefined): OpenOperation {
    const invokedAt = ++this.#moment;
    const open = { output: undefined, returnedAt: Infinity };
    const operation = { process, input, invokedAt, command, ...open };
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

  /**
   * `unknown` if the search would take too long. Of the operations without an answer only those count
   * that took effect, which the world knows: the others must not show, and leaving them out spares the
   * search all the ways in which they might have.
   */
  verdict(
    tookEffect: (command: string) => boolean,
    maxSteps: number,
  ): "linearizable" | "not-linearizable" | "unknown" {
    const counted = this.#operations.filter(
      ({ output, command }) =>
        output !== undefined || (command !== undefined && tookEffect(command)),
    );
    return checkLinearizability(registerHistoryModel, counted, { maxSteps });
  }
}

export type { OpenOperation };
