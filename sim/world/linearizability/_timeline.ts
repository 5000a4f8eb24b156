/**
 * A history in the order of time, made ready for the search. Operations that returned are numbered in
 * the order of their returns (the rank), so that "all that had to have happened by now" is all below
 * one rank, and each has a slot that no other has while it is under way, so that the rest of a
 * configuration is a few bits.
 */
import type { Model } from "./model.ts";
import { isOutcomeUnknown, type Operation } from "./operation.ts";

export interface ReturnedOperation<Input, Output> extends Operation<Input, Output> {
  readonly output: Output;
}

export interface Timeline<Input, Output> {
  /** By rank. */
  readonly returned: readonly ReturnedOperation<Input, Output>[];
  /** In the order of time: for a call the rank, for a return the rank + `returned.length`. */
  readonly events: Int32Array;
  /** By rank. */
  readonly slots: Int32Array;
  readonly slotCount: number;
  /** By rank: 1 for what changes nothing. */
  readonly readOnly: Uint8Array;
  /**
   * Of unknown outcome, in the order of the calls. What changes nothing is left out: nobody can tell
   * whether it took effect.
   */
  readonly unknown: readonly Operation<Input, Output>[];
}

export function timelineOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): Timeline<Input, Output> {
  const byCall = history.toSorted((a, b) => a.invokedAt - b.invokedAt);
  const calls = byCall.filter(hasReturned);
  const callsByReturn = [...calls.keys()].toSorted(
    (a, b) => calls[a]!.returnedAt - calls[b]!.returnedAt,
  );
  const returned = callsByReturn.map((call) => calls[call]!);
  const isReadOnly = (input: Input, output: Output | undefined) =>
    model.isReadOnly?.(input, output) ?? false;
  return {
    returned,
    ...eventsOf(calls, callsByReturn),
    readOnly: Uint8Array.from(returned, ({ input, output }) => Number(isReadOnly(input, output))),
    unknown: byCall.filter(
      (operation) => !hasReturned(operation) && !isReadOnly(operation.input, undefined),
    ),
  };
}

function hasReturned<Input, Output>(
  operation: Operation<Input, Output>,
): operation is ReturnedOperation<Input, Output> {
  return !isOutcomeUnknown(operation);
}

/** Where a call and a return are at the same time, the call comes first, so that both overlap. */
function eventsOf(
  calls: readonly Operation<unknown, unknown>[],
  callsByReturn: readonly number[],
): Pick<Timeline<unknown, unknown>, "events" | "slots" | "slotCount"> {
  const ranks = new Int32Array(calls.length);
  for (const [rank, call] of callsByReturn.entries()) ranks[call] = rank;
  const events = new Int32Array(2 * calls.length);
  const slots = new Int32Array(calls.length);
  const freeSlots: number[] = [];
  let slotCount = 0;
  let call = 0;
  for (const [rank, returning] of callsByReturn.entries()) {
    const { returnedAt } = calls[returning]!;
    for (; call < calls.length && calls[call]!.invokedAt <= returnedAt; call++) {
      events[call + rank] = ranks[call]!;
      slots[ranks[call]!] = freeSlots.pop() ?? slotCount++;
    }
    events[call + rank] = rank + calls.length;
    freeSlots.push(slots[rank]!);
  }
  return { events, slots, slotCount };
}
