/**
 * Judges the clients' history: each target is a register by itself, whose value is a label that no two
 * writes share, and the checker of sim/world finds out whether one copy could have given these answers.
 */
import {
  judgeHistory,
  type Operation,
  type RegisterInput,
  registerModel,
  type RegisterOutput,
} from "../../world/linearizability/mod.ts";
import type { ConfigOperation } from "../operation.ts";
import type { Finding } from "./finding.ts";

export type RegisterOperation = Operation<RegisterInput, RegisterOutput>;

/**
 * The operations on single targets, by name, as the checker takes them. What failed is left out, as it
 * had no effect. Operations on the whole config are not among them: a replace guarded by its revision
 * changes none of these targets.
 */
export function registerHistories(
  operations: readonly ConfigOperation[],
): Map<string, RegisterOperation[]> {
  const histories = new Map<string, RegisterOperation[]>();
  for (const operation of operations) {
    const { call } = operation;
    if (call.kind === "readAll" || call.kind === "replaceAll") continue;
    const judged = registerOperation(operation);
    if (judged === undefined) continue;
    const history = histories.get(call.name) ?? [];
    history.push(judged);
    histories.set(call.name, history);
  }
  return histories;
}

/** Undefined for what tells nothing. */
function registerOperation(operation: ConfigOperation): RegisterOperation | undefined {
  const { call, outcome, process, invokedAtMs: invokedAt, returnedAtMs } = operation;
  const input = inputOf(operation);
  if (input === undefined || outcome.kind === "failed") return undefined;
  if (outcome.kind === "unknown") {
    if (call.kind === "get") return undefined;
    return { process, input, output: undefined, invokedAt, returnedAt: Infinity };
  }
  const output = outputOf(operation);
  return { process, input, output, invokedAt, returnedAt: returnedAtMs };
}

function inputOf({ call, outcome }: ConfigOperation): RegisterInput | undefined {
  switch (call.kind) {
    case "get":
      return { kind: "read" };
    case "put":
      return { kind: "write", value: call.value };
    case "compareAndSet":
      // Values are written once only, so a revision stands for one value.
      return { kind: "compareAndSet", expected: call.expected, replacement: call.value };
    case "delete":
      // A delete of what is not there has found just that.
      return outcome.kind === "absent" ? { kind: "read" } : { kind: "write", value: null };
    case "readAll":
    case "replaceAll":
      return undefined;
  }
}

function outputOf({ outcome }: ConfigOperation): RegisterOutput | undefined {
  switch (outcome.kind) {
    case "written":
      return { isApplied: true };
    case "conflict":
      return { isApplied: false };
    case "found":
      return { value: outcome.value };
    case "absent":
      return { value: null };
    case "foundAll":
    case "failed":
    case "unknown":
      return undefined;
  }
}

/** Met only if every target's history is linearizable, and the search came to an end. */
export function linearizabilityFinding(operations: readonly ConfigOperation[]): Finding {
  const histories = registerHistories(operations);
  let count = 0;
  const doubtful: string[] = [];
  for (const [name, history] of histories) {
    count += history.length;
    const { verdict } = judgeHistory(registerModel, history);
    if (verdict !== "linearizable") doubtful.push(`${name}: ${verdict}`);
  }
  const measured = doubtful.length === 0 ? "linearizable" : doubtful.join(", ");
  return {
    claim: "what the clients saw of each target is linearizable",
    isMet: doubtful.length === 0,
    measured: `${measured}; ${count} operations on ${histories.size} targets`,
  };
}

/** Operations whose outcome is known, failed ones not among them. */
export function knownCount(operations: readonly ConfigOperation[]): number {
  return operations.filter(({ outcome: { kind } }) => kind !== "failed" && kind !== "unknown")
    .length;
}

/** At least `wanted` operations with a known outcome went into the judgement. */
export function enoughOperationsFinding(
  operations: readonly ConfigOperation[],
  wanted: number,
): Finding {
  const known = knownCount(operations);
  return {
    claim: `clients had answers to at least ${wanted} operations`,
    isMet: known >= wanted,
    measured: `${known} of ${operations.length}`,
  };
}
