/**
 * One operation of a client on the config, as it saw it: what it asked, from when to when, and what came
 * of it. An operation may have been several attempts at several monitors under one idempotency key; it
 * lasts from the first question to the last answer.
 */

export type ConfigCall =
  | { readonly kind: "get"; readonly name: string }
  | { readonly kind: "put"; readonly name: string; readonly value: string }
  /** A put under the revision at which `expected` was found. No two writes have one value. */
  | {
      readonly kind: "compareAndSet";
      readonly name: string;
      readonly value: string;
      readonly expected: string;
      readonly ifRevision: number;
    }
  | { readonly kind: "delete"; readonly name: string }
  | { readonly kind: "readAll" }
  /** Puts back all that was read at `ifRevision`, and changes one target's value. */
  | {
      readonly kind: "replaceAll";
      readonly name: string;
      readonly value: string;
      readonly ifRevision: number;
    };

/** Values by target name; a target without a value is not in it. */
export type ConfigValues = Readonly<Record<string, string>>;

export type ConfigOutcome =
  /** A write was committed. The revision is the written target's, after a delete or a replace the config's. */
  | { readonly kind: "written"; readonly revision: number }
  /** A target was read, at its own revision. */
  | { readonly kind: "found"; readonly value: string; readonly revision: number }
  /** The config was read, at its revision. */
  | { readonly kind: "foundAll"; readonly values: ConfigValues; readonly revision: number }
  /** There is no such target: of a get and of a delete. */
  | { readonly kind: "absent" }
  /** The precondition did not hold. */
  | { readonly kind: "conflict" }
  /** It had no effect and never will, or it was a read without an answer. */
  | { readonly kind: "failed"; readonly detail: string }
  /** It may have had an effect, or may have one yet. */
  | { readonly kind: "unknown"; readonly detail: string };

export interface ConfigOperation {
  /** The client. It has one operation at a time. */
  readonly process: string;
  readonly call: ConfigCall;
  readonly invokedAtMs: number;
  readonly returnedAtMs: number;
  readonly outcome: ConfigOutcome;
  /** Whose answer it was, or who was asked last. */
  readonly monitor: string;
  /** >= 1. */
  readonly attempts: number;
}

export function isWrite({ kind }: ConfigCall): boolean {
  return kind !== "get" && kind !== "readAll";
}

/** A write that was answered with success. */
export function isAccepted({ call, outcome }: ConfigOperation): boolean {
  return isWrite(call) && outcome.kind === "written";
}
