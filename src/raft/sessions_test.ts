import { describe, expect, test } from "bun:test";
import { expectGolden } from "./_test_golden.ts";
import { LedgerMachine } from "./_test_ledger_machine.ts";
import { SESSION_REFUSALS, sessionRefusalOf, SessionStateMachine } from "./sessions.ts";
import {
  decodeSessionId,
  encodeCloseSession,
  encodeOnce,
  encodeOpenSession,
  encodeRun,
  isLaterSessionCommand,
} from "./sessions_codec.ts";
import type { SessionLimits } from "./sessions_table.ts";
import type { ApplyResult } from "./state_machine.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

function textOf(result: ApplyResult): string {
  return result.ok ? new TextDecoder().decode(result.output) : result.error;
}

function createMachine(limits: Partial<SessionLimits> = {}) {
  const inner = new LedgerMachine();
  const machine = new SessionStateMachine(inner, limits);
  return {
    machine,
    inner,
    open: (index: number) => machine.apply({ index, data: encodeOpenSession() }),
    run: (index: number, session: number, sequence: number, command: string) =>
      machine.apply({ index, data: encodeRun(session, sequence, ascii(command)) }),
    close: (index: number, session: number) =>
      machine.apply({ index, data: encodeCloseSession(session) }),
    once: (index: number, command: string) =>
      machine.apply({ index, data: encodeOnce(ascii(command)) }),
  };
}

describe("SessionStateMachine.apply()", () => {
  test("answers an open with the session's id, which is the entry's index", () => {
    const { machine, open } = createMachine();
    const opened = open(300);
    expect(opened.ok && decodeSessionId(opened.output)).toEqual({ ok: true, value: 300 });
    expect(machine.sessionCount).toBe(1);
  });

  test("answers a retry as the first attempt, and applies it once", () => {
    const { inner, open, run } = createMachine();
    open(1);
    const first = run(2, 1, 1, "x");
    expect(textOf(first)).toBe("1 x");
    expect(run(3, 1, 1, "x")).toEqual(first);
    expect(run(9, 1, 1, "x")).toEqual(first);
    expect(textOf(run(10, 1, 2, "y"))).toBe("2 y");
    expect(inner.ledger).toEqual(["x", "y"]);
  });

  test("answers the retry of a command that was refused with the same refusal", () => {
    const { inner, open, run, once } = createMachine();
    open(1);
    const refusal = run(2, 1, 1, "!x");
    expect(refusal).toEqual({ ok: false, error: "refused !x" });
    once(3, "y");
    expect(run(4, 1, 1, "!x")).toEqual(refusal);
    expect(sessionRefusalOf(refusal)).toBeUndefined();
    expect(inner.ledger).toEqual(["y"]);
  });

  test("refuses a number lower than the last applied, and says that nothing was applied", () => {
    const { inner, open, run } = createMachine();
    open(1);
    run(2, 1, 5, "x");
    const late = run(3, 1, 4, "late");
    expect(late).toEqual({ ok: false, error: SESSION_REFUSALS.superseded });
    expect(sessionRefusalOf(late)).toBe("superseded");
    expect(textOf(late)).toContain("nothing was applied now");
    expect(inner.ledger).toEqual(["x"]);
  });

  test("refuses what is of no open session: never opened, or closed", () => {
    const { inner, open, run, close } = createMachine();
    expect(sessionRefusalOf(run(1, 7, 1, "x"))).toBe("expired");
    open(2);
    run(3, 2, 1, "x");
    expect(close(4, 2)).toEqual({ ok: true, output: new Uint8Array() });
    expect(close(5, 2).ok).toBe(true);
    const retry = run(6, 2, 1, "x");
    expect(sessionRefusalOf(retry)).toBe("expired");
    expect(textOf(retry)).toContain("nothing was applied now");
    expect(inner.ledger).toEqual(["x"]);
  });

  test("keeps the sessions apart", () => {
    const { inner, open, run } = createMachine();
    open(1);
    open(2);
    expect(textOf(run(3, 1, 1, "x"))).toBe("1 x");
    expect(textOf(run(4, 2, 1, "x"))).toBe("2 x");
    expect(inner.ledger).toEqual(["x", "x"]);
  });

  test("applies a command of no session each time", () => {
    const { inner, once } = createMachine();
    once(1, "x");
    once(2, "x");
    expect(inner.ledger).toEqual(["x", "x"]);
  });

  test("answers what it cannot read with an error", () => {
    const { machine, inner, open } = createMachine();
    open(1);
    const noSequence = Uint8Array.from([2, 1, 0, 120]);
    for (const data of [[], [99], [99, 7, 7], [2, 1], [1, 0], [2, 0x81, 0]].map((each) =>
      Uint8Array.from(each),
    )) {
      const result = machine.apply({ index: 2, data });
      expect(textOf(result)).toStartWith("session command unreadable: ");
      expect(result.ok).toBe(false);
      // A kind that is not known here: whoever wrote it may have carried it out.
      expect(!result.ok && result.isPassedOver === true).toBe(data[0] === 99);
    }
    expect(textOf(machine.apply({ index: 3, data: noSequence }))).toContain("a sequence is 0");
    expect(inner.ledger).toEqual([]);
  });

  test("what is of a kind that is known is no later version's", () => {
    const known = [encodeOpenSession(), encodeRun(1, 1, ascii("x")), encodeCloseSession(1)];
    expect([...known, encodeOnce(ascii("x"))].some(isLaterSessionCommand)).toBe(false);
    expect(() => encodeRun(1, 0, ascii("x"))).toThrow(RangeError);
  });

  test("gives back answers that nobody can change", () => {
    const output = ascii("answer");
    const echo = { apply: () => ({ ok: true, output }) as const };
    const machine = new SessionStateMachine(Object.assign(new LedgerMachine(), echo));
    machine.apply({ index: 1, data: encodeOpenSession() });
    const data = encodeRun(1, 1, ascii("x"));
    machine.apply({ index: 2, data });
    output.fill(0);
    expect(textOf(machine.apply({ index: 3, data }))).toBe("answer");
  });
});

describe("the bounds of the table", () => {
  test("close a session when so many entries have come after its last use", () => {
    const { inner, open, run, machine } = createMachine({ expireAfterEntries: 10 });
    open(1);
    expect(textOf(run(11, 1, 1, "x"))).toBe("1 x");
    expect(textOf(run(21, 1, 1, "x"))).toBe("1 x"); // A retry is a use.
    expect(textOf(run(31, 1, 1, "x"))).toBe("1 x");
    expect(sessionRefusalOf(run(42, 1, 1, "x"))).toBe("expired");
    expect(machine.sessionCount).toBe(0);
    expect(inner.ledger).toEqual(["x"]);
  });

  test("count every entry, of whatever kind, and no use that was refused", () => {
    const { open, run, once, machine } = createMachine({ expireAfterEntries: 10 });
    open(1);
    run(2, 1, 5, "x");
    expect(sessionRefusalOf(run(12, 1, 4, "late"))).toBe("superseded");
    once(13, "y");
    expect(machine.sessionCount).toBe(0);
  });

  test("close the least recently used session when there are too many", () => {
    const { open, run, machine } = createMachine({ maxSessions: 2 });
    open(1);
    open(2);
    run(3, 1, 1, "x");
    open(4);
    expect(machine.sessionCount).toBe(2);
    expect(sessionRefusalOf(run(5, 2, 1, "y"))).toBe("expired");
    expect(textOf(run(6, 1, 1, "x"))).toBe("1 x");
  });

  test("forget answers, oldest first, but not that the commands were applied", () => {
    // An answer of four bytes counts for 20.
    const { inner, open, run, machine } = createMachine({ maxAnswerBytes: 40 });
    for (const index of [1, 2, 3]) open(index);
    run(4, 1, 1, "aa");
    run(5, 2, 1, "bb");
    run(6, 1, 1, "aa");
    run(7, 3, 1, "cc");
    expect(machine.answerBytes).toBe(40);
    const forgotten = run(8, 2, 1, "bb");
    expect(sessionRefusalOf(forgotten)).toBe("answerForgotten");
    expect(textOf(forgotten)).toContain("was applied before");
    expect(textOf(run(9, 1, 1, "aa"))).toBe("1 aa");
    expect(textOf(run(10, 3, 1, "cc"))).toBe("3 cc");
    expect(inner.ledger).toEqual(["aa", "bb", "cc"]);
    expect(textOf(run(11, 2, 2, "dd"))).toBe("4 dd");
  });

  test("let one answer that is too large cost no other", () => {
    const { open, run } = createMachine({ maxAnswerBytes: 40 });
    open(1);
    open(2);
    run(3, 1, 1, "aa");
    expect(textOf(run(4, 2, 1, "b".repeat(100)))).toBe(`2 ${"b".repeat(100)}`);
    expect(sessionRefusalOf(run(5, 2, 1, "b".repeat(100)))).toBe("answerForgotten");
    expect(textOf(run(6, 1, 1, "aa"))).toBe("1 aa");
  });

  test("are whole numbers in their range", () => {
    const inner = new LedgerMachine();
    for (const limits of [
      { maxSessions: 0 },
      { expireAfterEntries: 0.5 },
      { maxAnswerBytes: -1 },
    ]) {
      expect(() => new SessionStateMachine(inner, limits)).toThrow(
        `Cannot create SessionStateMachine: "${Object.keys(limits)[0]}" must be`,
      );
    }
  });
});

/** A state with these sessions, however little sense they make: [id, used index, sequence, answer]. */
function stateOf(limits: readonly number[], sessions: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([1, ...limits, sessions.length, ...sessions.flat(), ...ascii("[]")]);
}

describe("SessionStateMachine.restore()", () => {
  test("brings the table, so that a retry after it is applied no second time", () => {
    const before = createMachine();
    before.open(1);
    const first = before.run(2, 1, 1, "x");
    const after = createMachine();
    expect(after.machine.restore(before.machine.snapshot())).toEqual({ ok: true });
    expect(after.run(3, 1, 1, "x")).toEqual(first);
    expect(after.inner.ledger).toEqual(["x"]);
  });

  test("snapshotParts() are the snapshot of when they were asked for", () => {
    const before = createMachine();
    before.open(1);
    before.run(2, 1, 1, "x");
    const parts = before.machine.snapshotParts();
    const snapshot = before.machine.snapshot();
    before.run(3, 1, 2, "y");
    before.open(4);
    const list = [...parts];
    expect(list.length).toBeGreaterThan(2);
    expect(Buffer.concat(list).equals(snapshot)).toBe(true);
  });

  test("brings the cluster's limits, whatever the member was given", () => {
    const before = createMachine({ maxSessions: 2, expireAfterEntries: 7, maxAnswerBytes: 30 });
    const after = createMachine();
    after.machine.restore(before.machine.snapshot());
    expect(after.machine.limits).toEqual(before.machine.limits);
  });

  test("refuses a table whose invariants do not hold", () => {
    const { machine } = createMachine();
    const ten = [10, 10, 100];
    const noAnswer = [1, 0];
    const answer = [1, 1, 1, 120];
    expect(
      machine.restore(
        stateOf(ten, [
          [1, 2, ...answer],
          [2, 3, ...answer],
        ]),
      ),
    ).toEqual({
      ok: true,
    });
    const wrong: [string, Uint8Array][] = [
      ["a limit on sessions is 0", stateOf([0, 10, 100], [])],
      ["a limit on sessions is 0", stateOf([10, 0, 100], [])],
      [
        "too many sessions",
        stateOf(
          [1, 10, 100],
          [
            [1, 1, ...noAnswer],
            [2, 2, ...noAnswer],
          ],
        ),
      ],
      [
        "answers take too much",
        stateOf(
          [10, 10, 33],
          [
            [1, 2, ...answer],
            [2, 3, ...answer],
          ],
        ),
      ],
      [
        "not in the order of use",
        stateOf(ten, [
          [1, 3, ...noAnswer],
          [2, 3, ...noAnswer],
        ]),
      ],
      ["used before it was opened", stateOf(ten, [[3, 2, ...noAnswer]])],
      ["used before it was opened", stateOf(ten, [[0, 2, ...noAnswer]])],
      [
        "the same id",
        stateOf(ten, [
          [1, 2, ...noAnswer],
          [1, 3, ...noAnswer],
        ]),
      ],
      ["an answer to no command", stateOf(ten, [[1, 2, 0, 1, 1, 120]])],
      ["an answer is of the unknown kind 9", stateOf(ten, [[1, 2, 1, 9]])],
    ];
    for (const [fault, state] of wrong) {
      expect(machine.restore(state)).toEqual({ ok: false, error: expect.stringContaining(fault) });
      expect(machine.sessionCount).toBe(2);
    }
  });

  test("changes nothing if the table or the state inside cannot be read", () => {
    const { machine, open, run } = createMachine();
    open(1);
    run(2, 1, 1, "x");
    const state = machine.snapshot();
    const unreadable = [
      new Uint8Array(),
      Uint8Array.from([2]),
      state.subarray(0, 8),
      state.subarray(0, -1),
      Uint8Array.from([...state, 0]),
    ];
    for (const data of unreadable) {
      expect(machine.restore(data).ok).toBe(false);
      expect(machine.snapshot()).toEqual(state);
    }
    expect(machine.restore(Uint8Array.from([2]))).toEqual({
      ok: false,
      error: expect.stringMatching(/table unreadable: .* version 2, and only 1 /),
    });
  });
});

test("the format of this version is that of testdata/sessions.txt", () => {
  const { machine, open, run } = createMachine({ expireAfterEntries: 1000, maxAnswerBytes: 54 });
  for (const index of [1, 2, 3, 300]) open(index);
  run(301, 2, 1, "forgotten");
  run(302, 1, 7, "x");
  run(303, 3, 1, "!y");
  expectGolden("testdata/sessions.txt", [
    ["open", encodeOpenSession()],
    ["run", encodeRun(300, 7, ascii("put"))],
    ["close", encodeCloseSession(300)],
    ["once", encodeOnce(ascii("put"))],
    ["state", machine.snapshot()],
  ]);
});
