import { describe, expect, test } from "bun:test";
import { bytes, entryOf, membershipEntry, membershipWith, snapshotOf } from "./_test_core.ts";
import { LedgerMachine } from "./_test_ledger_machine.ts";
import { Applier } from "./applier.ts";
import type { Entry } from "./entry.ts";
import type { MadeSnapshot } from "./snapshot_work.ts";
import type { AppliedCommand, ApplyResult } from "./state_machine.ts";

/** Refuses what begins with "!", throws at "throw", and takes "later" for a later version's. */
class ThrowingMachine extends LedgerMachine {
  override apply(command: AppliedCommand): ApplyResult {
    const text = new TextDecoder().decode(command.data);
    if (text === "throw") throw new Error("it has a defect");
    if (text === "later") return { ok: false, error: "it is of version 2", isPassedOver: true };
    return super.apply(command);
  }
}

const setUp = () => {
  const machine = new ThrowingMachine();
  const committed: [number, ApplyResult][] = [];
  const applier = new Applier(machine, (_, index, result) => committed.push([index, result]));
  return { machine, applier, committed };
};
const unreadable = (index: number): Entry => ({
  index,
  term: 1,
  body: { kind: "unreadable", code: 77, bytes: bytes("?") },
});
const ledgerAt = (index: number, ledger: readonly string[]) =>
  snapshotOf(index, 1, membershipWith(["a"]), JSON.stringify(ledger));

/** Makes a snapshot to its end. */
function take(applier: Applier): MadeSnapshot {
  applier.beginSnapshot();
  for (;;) {
    const step = applier.stepSnapshot();
    if (step === "none") throw new Error("nothing is being made");
    if (step !== "more") return step;
  }
}

describe("apply()", () => {
  test("applies what it can and tells each proposal's result, in order", () => {
    const { machine, applier, committed } = setUp();
    const membership = membershipEntry(4, 1, membershipWith(["a"]));
    const noop: Entry = { index: 2, term: 1, body: { kind: "noop" } };
    applier.apply([noop, entryOf(3, 1, "x"), membership, entryOf(5, 1, "!no"), entryOf(6, 1, "y")]);
    expect(machine.ledger).toEqual(["x", "y"]);
    expect(committed.map(([index, { ok }]) => [index, ok])).toEqual([
      [3, true],
      [4, true],
      [5, false],
      [6, true],
    ]);
    expect([applier.unreadableEntries, applier.firstUnreadable]).toEqual([0, undefined]);
  });

  test("passes over an unreadable entry, and over one at which the state machine throws", () => {
    const { machine, applier, committed } = setUp();
    applier.apply([entryOf(2, 1, "x"), unreadable(3), entryOf(4, 1, "throw"), entryOf(5, 1, "y")]);
    expect(machine.ledger).toEqual(["x", "y"]);
    expect([applier.unreadableEntries, applier.firstUnreadable]).toEqual([2, 3]);
    const error = "the state machine failed at entry 4: it has a defect";
    expect(committed[1]).toEqual([4, { ok: false, error, isPassedOver: true }]);
  });

  test("passes over a command that the state machine says is of a later version, and tells the result", () => {
    const { machine, applier, committed } = setUp();
    applier.apply([entryOf(2, 1, "x"), entryOf(3, 1, "later"), entryOf(4, 1, "y")]);
    expect(machine.ledger).toEqual(["x", "y"]);
    expect([applier.unreadableEntries, applier.firstUnreadable]).toEqual([1, 3]);
    expect(committed[1]).toEqual([
      3,
      { ok: false, error: "it is of version 2", isPassedOver: true },
    ]);
  });

  test("a command that the state machine refuses is not passed over", () => {
    const { applier } = setUp();
    applier.apply([entryOf(2, 1, "!no")]);
    expect(applier.firstUnreadable).toBeUndefined();
    expect(applier.isSnapshotDue(1)).toBe(true);
  });
});

describe("isSnapshotDue()", () => {
  test("once afterBytes were applied since the last snapshot, each entry counted with its flat sum", () => {
    const { applier } = setUp();
    applier.apply([entryOf(2, 1, "12345678")]);
    expect([applier.isSnapshotDue(40), applier.isSnapshotDue(41)]).toEqual([true, false]);
    applier.apply([entryOf(3, 1, "12345678")]);
    expect([applier.isSnapshotDue(80), applier.isSnapshotDue(81)]).toEqual([true, false]);
    take(applier);
    expect(applier.isSnapshotDue(1)).toBe(false);
  });

  test("not while one is being made; what was applied meanwhile counts for the next", () => {
    const { applier } = setUp();
    applier.apply([entryOf(2, 1, "12345678")]);
    applier.beginSnapshot();
    applier.apply([entryOf(3, 1, "12345678")]);
    expect(applier.isSnapshotDue(1)).toBe(false);
    let step = applier.stepSnapshot();
    while (step === "more") step = applier.stepSnapshot();
    expect(step).toMatchObject({ index: 2, data: bytes('["12345678"]') });
    expect([applier.isSnapshotDue(40), applier.isSnapshotDue(41)]).toEqual([true, false]);
    expect(applier.stepSnapshot()).toBe("none");
  });

  test("one that is being made is of no use any more once a later one has come", () => {
    const { applier } = setUp();
    applier.apply([entryOf(2, 1, "x")]);
    applier.beginSnapshot();
    applier.restore(ledgerAt(9, ["x", "y"]));
    expect(applier.stepSnapshot()).toBe("none");
    applier.apply([entryOf(10, 1, "12345678")]);
    expect(applier.isSnapshotDue(40)).toBe(true);
    applier.beginSnapshot();
    expect(applier.stepSnapshot()).toBe("more");
  });

  test("and as many as the last one had, taken here or restored", () => {
    for (const isRestored of [false, true]) {
      const { applier } = setUp();
      if (isRestored) applier.restore(ledgerAt(2, ["x".repeat(96)]));
      else {
        applier.apply([entryOf(2, 1, "x".repeat(96))]);
        expect(take(applier).data).toHaveLength(100);
      }
      applier.apply([entryOf(3, 1, "y".repeat(67))]);
      expect(applier.isSnapshotDue(1)).toBe(false);
      applier.apply([{ index: 4, term: 1, body: { kind: "noop" } }]);
      expect(applier.isSnapshotDue(1)).toBe(true);
      expect(applier.isSnapshotDue(132)).toBe(false);
    }
  });

  test.each([
    ["one that cannot be read", unreadable(3)],
    ["one that the state machine throws at", entryOf(3, 1, "throw")],
    ["a command of a later version", entryOf(3, 1, "later")],
  ])("never past %s", (_, entry) => {
    const { applier } = setUp();
    applier.apply([entryOf(2, 1, "x")]);
    expect(applier.isSnapshotDue(1)).toBe(true);
    applier.apply([entry, entryOf(4, 1, "y")]);
    expect(applier.isSnapshotDue(1)).toBe(false);
    applier.restore(ledgerAt(9, ["x", "z", "y"]));
    expect(applier.firstUnreadable).toBeUndefined();
    applier.apply([entryOf(10, 1, "y")]);
    expect(applier.isSnapshotDue(1)).toBe(true);
    expect(applier.unreadableEntries).toBe(1);
  });
});

test("restore() is where the next snapshot is counted from, and what it is of until an entry follows", () => {
  const { applier } = setUp();
  applier.apply([entryOf(2, 1, "12345678")]);
  applier.restore(ledgerAt(9, []));
  expect(applier.isSnapshotDue(1)).toBe(false);
  expect(take(applier)).toMatchObject({ index: 9, data: bytes("[]") });
});

test("restore() throws where the state machine cannot read it, and forgives nothing then", () => {
  const { machine, applier } = setUp();
  applier.apply([entryOf(2, 1, "x"), unreadable(3)]);
  expect(() => applier.restore(snapshotOf(9, 1))).toThrow(
    "The snapshot at index 9 cannot be restored: no ledger",
  );
  expect(machine.ledger).toEqual(["x"]);
  expect(applier.firstUnreadable).toBe(3);
});
