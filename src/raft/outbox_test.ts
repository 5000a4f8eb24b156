import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { entriesOf, snapshotOf } from "./_test_core.ts";
import { InvariantError } from "./assert.ts";
import type { HardState } from "./entry.ts";
import type { Message } from "./message.ts";
import { Outbox } from "./outbox.ts";
import type { Effect } from "./step.ts";

const hardState: HardState = { term: 3, vote: "b", commit: 5 };
const end = { index: 9, term: 3 };
const message = (to: string): Message => ({
  clusterId: "test",
  version: 1,
  from: "a",
  to,
  term: 3,
  kind: "timeoutNow",
});
const closed = (outbox: Outbox, state = hardState) => {
  outbox.closeWrite(state, end);
  return outbox.takeEffects();
};
const storeOf = (effects: readonly Effect[]) =>
  effects.filter((effect) => effect.kind === "store").at(-1);

describe("closeWrite()", () => {
  test("writes nothing where nothing has changed, a later commit index included", () => {
    const outbox = new Outbox(hardState);
    expect(closed(outbox, { ...hardState, commit: 8 })).toEqual([]);
    expect([outbox.issuedSequence, outbox.storedCommit]).toEqual([0, 5]);
  });

  test("writes a new term or vote without being told, and the commit index along with it", () => {
    const outbox = new Outbox(hardState);
    const changed: HardState = { term: 4, vote: undefined, commit: 6 };
    const store = storeOf(closed(outbox, changed));
    expect(store?.write).toEqual({ hardState: changed, entries: [] });
    expect(store?.token).toEqual({ sequence: 1, term: 4, lastIndex: 9, lastTerm: 3 });
    expect(outbox.storedCommit).toBe(6);
    expect(closed(outbox, changed)).toEqual([]);
    expect(storeOf(closed(outbox, { ...changed, vote: "c" }))?.write.hardState?.vote).toBe("c");
  });

  test("makes one write of all that a step wrote, in the order of the fields", () => {
    const outbox = new Outbox(hardState);
    const snapshot = snapshotOf(7, 3);
    const entries = entriesOf([3, 3], 8);
    outbox.writeSnapshot(snapshot, true);
    outbox.writeEntries(entries);
    outbox.writeCompaction(6);
    const effects = closed(outbox);
    expect(effects).toHaveLength(1);
    const write = storeOf(effects)?.write;
    expect(write).toEqual({ hardState, snapshot, discardsLog: true, entries, compactThrough: 6 });
    // Once.
    outbox.writeHardState();
    expect(storeOf(closed(outbox))?.write).toEqual({ hardState, entries: [] });
    expect(closed(outbox)).toEqual([]);
  });

  test("a snapshot of the log's own past discards nothing", () => {
    const outbox = new Outbox(hardState);
    outbox.writeSnapshot(snapshotOf(7, 3), false);
    expect(storeOf(closed(outbox))?.write).not.toHaveProperty("discardsLog");
  });

  test("writeHardState() writes a commit index that has nothing else to go with", () => {
    const outbox = new Outbox(hardState);
    outbox.writeHardState();
    const write = storeOf(closed(outbox, { ...hardState, commit: 8 }))?.write;
    expect(write).toEqual({ hardState: { ...hardState, commit: 8 }, entries: [] });
  });
});

describe("sendOnceStored()", () => {
  test("rides on the step's own write", () => {
    const outbox = new Outbox(hardState);
    outbox.writeEntries(entriesOf([3]));
    outbox.sendOnceStored(message("b"));
    outbox.sendNow(message("c"));
    const effects = closed(outbox);
    expect(effects.map(({ kind }) => kind)).toEqual(["send", "store"]);
    expect(storeOf(effects)?.messages).toEqual([message("b")]);
  });

  test("waits for an earlier write that is under way, by an empty write behind it", () => {
    const outbox = new Outbox(hardState);
    outbox.writeEntries(entriesOf([3]));
    const first = storeOf(closed(outbox))!;
    outbox.sendOnceStored(message("b"));
    const effects = closed(outbox, { ...hardState, commit: 8 });
    expect(outbox.storedCommit).toBe(5);
    expect(storeOf(effects)).toMatchObject({ write: { entries: [] }, messages: [message("b")] });
    expect(storeOf(effects)?.write).not.toHaveProperty("hardState");
    outbox.completed(first.token);
    outbox.sendOnceStored(message("c"));
    expect(storeOf(closed(outbox))?.messages).toEqual([message("c")]);
  });

  test("leaves at once where everything is durable", () => {
    const outbox = new Outbox(hardState);
    outbox.sendOnceStored(message("b"));
    expect(closed(outbox)).toEqual([{ kind: "send", message: message("b") }]);
    outbox.writeEntries(entriesOf([3]));
    outbox.completed(storeOf(closed(outbox))!.token);
    outbox.sendOnceStored(message("b"));
    expect(closed(outbox)).toEqual([{ kind: "send", message: message("b") }]);
  });
});

describe("completed()", () => {
  test("a store effect out of order, or one that was never issued, is an InvariantError", () => {
    const outbox = new Outbox(hardState);
    outbox.writeHardState();
    const first = storeOf(closed(outbox))!.token;
    outbox.writeHardState();
    const second = storeOf(closed(outbox))!.token;
    expect(() => outbox.completed(second)).toThrow(InvariantError);
    outbox.completed(first);
    expect(() => outbox.completed(first)).toThrow(InvariantError);
    outbox.completed(second);
    expect(() => outbox.completed({ ...second, sequence: 3 })).toThrow(InvariantError);
    expect([outbox.issuedSequence, outbox.storedSequence]).toEqual([2, 2]);
  });
});

test("no message that waits for the disk leaves before all that was written before it", () => {
  const arbitraryStep = fc.record({
    writes: fc.boolean(),
    says: fc.boolean(),
    completes: fc.nat({ max: 2 }),
  });
  fc.assert(
    fc.property(fc.array(arbitraryStep, { maxLength: 30 }), (steps) => {
      const outbox = new Outbox(hardState);
      let written = 0;
      const waiting: { needs: number; store: Effect & { kind: "store" } }[] = [];
      let durable = 0;
      for (const { writes, says, completes } of steps) {
        if (writes) {
          outbox.writeHardState();
          written++;
        }
        if (says) outbox.sendOnceStored(message(`${written}`));
        for (const effect of closed(outbox)) {
          // Sent at once: all that had been written is durable.
          if (effect.kind === "send") expect(Number(effect.message.to)).toBe(durable);
          if (effect.kind === "store") waiting.push({ needs: written, store: effect });
        }
        for (const { needs, store } of waiting.splice(0, completes)) {
          outbox.completed(store.token);
          durable = needs;
          for (const sent of store.messages) expect(Number(sent.to)).toBeLessThanOrEqual(durable);
        }
      }
    }),
  );
});
