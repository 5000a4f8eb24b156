import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { AlertCommand, AlertContents } from "./alert_record.ts";
import { AlertState, ALERT_LIMITS, EMPTY_ALERTS } from "./alert_state.ts";
import {
  anyCommand,
  close,
  incident,
  notify,
  open,
  settle,
  silence,
} from "./_test_alert_commands.ts";

const limits = { ...ALERT_LIMITS, maxIncidents: 4, maxNotices: 2, maxSilences: 2 };

function after(...commands: AlertCommand[]): AlertState {
  const state = new AlertState(EMPTY_ALERTS, limits);
  for (const command of commands) state.apply(command);
  return state;
}

const told = (state: AlertState, number: number, receiver: string) =>
  state.contents().incidents.get(number)?.told.get(receiver);

describe("an incident", () => {
  test("is opened once for a target and a verdict, and again once it is closed", () => {
    const state = after(open("a", "a", "b"));
    expect(state.apply(open("a"))).toEqual({ ok: true, count: 0 });
    expect([...state.contents().incidents.keys()]).toEqual([1, 2]);
    const other = { kind: "open", wallMs: 1, incidents: [incident("a", { verdict: "partial" })] };
    expect(state.apply(other as AlertCommand)).toEqual({ ok: true, count: 1 });
    expect(state.apply(close(1, 9))).toEqual({ ok: true, count: 1 });
    expect(state.apply(open("a"))).toEqual({ ok: true, count: 1 });
    expect([...state.contents().incidents.keys()]).toEqual([1, 2, 3, 4]);
  });

  test("is closed once: who closes it again changes nothing", () => {
    const state = after(open("a"), close(1));
    const later = {
      kind: "close",
      incidents: [{ number: 1, wallMs: 9, reason: "", isSilenced: true }],
    };
    expect(state.apply(later as AlertCommand)).toEqual({ ok: true, count: 0 });
    expect(state.contents().incidents.get(1)?.closing).toEqual({
      wallMs: 2_000,
      reason: "up",
      isSilenced: false,
    });
  });

  test("is forgotten only when it is closed and in no notice", () => {
    const state = after(open("a", "b", "c"), notify("r", [2]), close(1, 2));
    expect(state.apply({ kind: "forget", numbers: [1, 2, 3, 7] })).toEqual({ ok: true, count: 1 });
    expect([...state.contents().incidents.keys()]).toEqual([2, 3]);
  });

  test("takes the room of the oldest that is over, else it is dropped, and both are counted", () => {
    const state = after(open("a", "b", "c", "d"), notify("r", [1]), close(1, 2));
    expect(state.apply(open("e"))).toEqual({ ok: true, count: 1 });
    // The first is in a notice.
    expect([...state.contents().incidents.keys()]).toEqual([1, 3, 4, 6]);
    expect(state.contents().droppedCount).toBe(1);
    expect(state.apply(open("f", "g"))).toEqual({ ok: true, count: 0 });
    expect(state.contents().droppedCount).toBe(3);
  });

  test("may not take more than its share of bytes", () => {
    const small = { ...limits, maxIncidentBytes: 1_000 };
    const state = new AlertState(EMPTY_ALERTS, small);
    const labels = { team: "x".repeat(800) };
    const large = { kind: "open", wallMs: 1, incidents: [incident("a", { labels })] } as const;
    expect(state.apply(large)).toEqual({ ok: true, count: 0 });
    expect(state.apply(open("b", "c", "d"))).toEqual({ ok: true, count: 3 });
    expect(state.apply(open("e"))).toEqual({ ok: true, count: 0 });
    state.apply(close(1));
    expect(state.apply(open("e"))).toEqual({ ok: true, count: 1 });
  });
});

describe("a notice", () => {
  test("is one at a time for a receiver, and says only what the receiver does not know", () => {
    const state = after(open("a", "b"), notify("r", [2, 1, 1, 9], [1]));
    expect([...state.contents().notices.values()]).toEqual([
      { number: 3, receiver: "r", group: {}, firing: [1, 2], resolved: [], atWallMs: 1_500 },
    ]);
    expect(state.apply(notify("r", [1]))).toEqual({ ok: true, count: 0 });
    state.apply(settle(3));
    expect(told(state, 1, "r")).toBe("firing");
    expect(told(state, 1, "constructor")).toBeUndefined();
    expect(state.apply(notify("r", [1, 2]))).toEqual({ ok: true, count: 0 });
    expect(state.apply(notify("other", [1]))).toEqual({ ok: true, count: 1 });
  });

  test("tells the end of what began, once", () => {
    const state = after(open("a"), notify("r", [1]), settle(2), notify("r", [], [1]));
    expect(state.contents().notices.size).toBe(0);
    state.apply(close(1));
    state.apply(notify("r", [], [1]));
    state.apply(settle(3));
    expect(told(state, 1, "r")).toBe("resolved");
    expect(state.apply(notify("r", [], [1]))).toEqual({ ok: true, count: 0 });
  });

  test("that is given up is counted, and neither it nor an end is told to that receiver again", () => {
    const state = after(open("a", "b"), notify("r", [1, 2]), settle(3, false), close(1));
    expect(state.contents().droppedCount).toBe(2);
    expect(told(state, 1, "r")).toBe("dropped");
    expect(state.apply(notify("r", [2], [1]))).toEqual({ ok: true, count: 0 });
  });

  test("is settled once, and by its own number", () => {
    const state = after(open("a"), notify("r", [1]), settle(7));
    expect(told(state, 1, "r")).toBeUndefined();
    expect(state.apply(settle(2))).toEqual({ ok: true, count: 1 });
    expect(state.apply(settle(2, false))).toEqual({ ok: true, count: 0 });
    expect(told(state, 1, "r")).toBe("firing");
  });

  test("is refused beyond as many receivers as there may be", () => {
    const state = after(open("a"), notify("r", [1]), notify("s", [1]));
    expect(state.apply(notify("t", [1]))).toEqual({ ok: true, count: 0 });
  });
});

describe("a silence", () => {
  test("is made once under its id, ended by it, and another under it is refused", () => {
    const state = after(silence("x"));
    expect(state.apply(silence("x", { endsWallMs: 6_000 }))).toEqual({ ok: true, count: 0 });
    const other = silence("x", { comment: "another" });
    expect(state.apply(other)).toEqual({ ok: false, reason: "silence_exists" });
    expect(state.apply({ kind: "unsilence", id: "x" })).toEqual({ ok: true, count: 1 });
    const again: AlertCommand = { kind: "unsilence", id: "x" };
    expect(state.apply(again)).toEqual({ ok: false, reason: "unknown_silence" });
  });

  test("has the room of those that were over when it was made, else it is refused", () => {
    const state = after(silence("x"), silence("y", { endsWallMs: 9_000 }));
    expect(state.apply(silence("z"))).toEqual({
      ok: false,
      reason: "too_many_silences",
      limit: 2,
    });
    const later = silence("z", { createdWallMs: 5_000, endsWallMs: 9_000 });
    expect(state.apply(later)).toEqual({ ok: true, count: 1 });
    expect([...state.contents().silences.keys()]).toEqual(["y", "z"]);
  });
});

function checkInvariants(before: AlertContents, contents: AlertContents): void {
  const { incidents, notices, silences, nextNumber } = contents;
  const numbers = [...incidents.keys()];
  expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
  for (const { number } of [...incidents.values(), ...notices.values()]) {
    expect(number).toBeLessThan(nextNumber);
  }
  const opened = [...incidents.values()].filter(({ closing }) => closing === undefined);
  expect(new Set(opened.map(({ target }) => target)).size).toBe(opened.length);
  expect(incidents.size).toBeLessThanOrEqual(limits.maxIncidents);
  expect(silences.size).toBeLessThanOrEqual(limits.maxSilences);
  // What a notice tells of is there, and the receiver does not know it yet.
  for (const { receiver, firing, resolved } of notices.values()) {
    for (const number of firing) expect(incidents.get(number)!.told.has(receiver)).toBe(false);
    for (const number of resolved) {
      expect(["firing", undefined]).toContain(incidents.get(number)!.told.get(receiver));
      expect(incidents.get(number)!.closing).toBeDefined();
    }
  }
  // Nothing that was told is untold.
  for (const [number, { told: toldBefore }] of before.incidents) {
    for (const [receiver, telling] of toldBefore) {
      const now = incidents.get(number)?.told.get(receiver) ?? telling;
      expect(telling === "firing" || now === telling).toBe(true);
    }
  }
}

test("whatever comes in whatever order, the invariants of the record hold, and nothing shown changes", () => {
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 40 }), (commands) => {
      const state = new AlertState(EMPTY_ALERTS, limits);
      for (const command of commands) {
        const before = state.contents();
        const copy = structuredClone(before);
        state.apply(command);
        expect(before).toEqual(copy);
        checkInvariants(before, state.contents());
        // Whoever goes on from here goes on the same.
        const twin = new AlertState(state.contents(), limits);
        expect(twin.apply(open("a", "q"))).toEqual(
          new AlertState(structuredClone(state.contents()), limits).apply(open("a", "q")),
        );
      }
    }),
  );
});
