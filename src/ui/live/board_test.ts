import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  COMBINED_VERDICTS,
  VERDICTS,
  type CombinedVerdict,
  type Verdict,
} from "../../verdict/mod.ts";
import { BADNESS } from "../words.ts";
import { NO_FILTER, TargetBoard } from "./board.ts";

const AT = "2026-01-31T12:00:00.000Z";
const LATER = "2026-01-31T12:00:07.000Z";

function snapshot(...targets: [string, Verdict, CombinedVerdict?][]) {
  return {
    at: AT,
    targets: targets.map(([target, verdict, combined]) => ({
      target,
      verdict,
      since: AT,
      ...(combined !== undefined && { combined }),
    })),
  };
}

function ownEvent(target: string, from: Verdict, to: Verdict) {
  return { target, from, to, phi: 8, silenceSeconds: 4, reason: "silence", at: LATER };
}

function jointEvent(target: string, from: CombinedVerdict, to: CombinedVerdict) {
  return { target, from, to, at: LATER, dissenters: [], reason: "m1 says so" };
}

const names = (board: TargetBoard, filter = NO_FILTER) =>
  board.rows(filter).map(({ name }) => name);

describe("TargetBoard", () => {
  test("has bad news first, and the order of the config within each verdict", () => {
    const board = new TargetBoard();
    board.replace(
      snapshot(
        ["u1", "up"],
        ["d1", "down"],
        ["n1", "unknown"],
        ["s1", "suspect"],
        ["u2", "up"],
        ["p1", "down", "partial"],
        ["d2", "down"],
      ),
    );
    expect(names(board)).toEqual(["d1", "d2", "p1", "s1", "n1", "u1", "u2"]);
    expect(board.counts()).toEqual({ down: 2, partial: 1, suspect: 1, unknown: 1, up: 2 });
  });

  test("shows the combined verdict where there is one, and keeps the monitor's own beside it", () => {
    const board = new TargetBoard();
    board.replace(snapshot(["a", "down", "partial"], ["b", "up"]));
    expect(board.row("a")).toMatchObject({
      verdict: "down",
      combined: "partial",
      shown: "partial",
    });
    expect(board.row("b")).toMatchObject({ verdict: "up", combined: null, shown: "up" });
  });

  test("dates what is shown: an own verdict that does not change it leaves the time as it is", () => {
    const board = new TargetBoard();
    board.replace(snapshot(["a", "up", "up"]));
    board.applyVerdict(ownEvent("a", "up", "suspect"));
    expect(board.row("a")).toMatchObject({
      verdict: "suspect",
      shown: "up",
      sinceMs: Date.parse(AT),
    });
    board.applyCombined(jointEvent("a", "up", "suspect"));
    expect(board.row("a")).toMatchObject({ shown: "suspect", sinceMs: Date.parse(LATER) });
    board.replace(snapshot(["a", "suspect", "suspect"]));
    expect(board.row("a")?.sinceMs).toBe(Date.parse(LATER));
  });

  test("learns of a target by its first event, and forgets one by a snapshot or by remove()", () => {
    const board = new TargetBoard();
    board.replace(snapshot(["a", "up"], ["b", "up"]));
    board.applyVerdict(ownEvent("c", "unknown", "up"));
    expect(names(board)).toEqual(["a", "b", "c"]);
    board.remove("b");
    expect(names(board)).toEqual(["a", "c"]);
    board.replace(snapshot(["c", "up"]));
    expect(names(board)).toEqual(["c"]);
    expect(board.size).toBe(1);
  });

  test("finds by words in any order and case, and by verdict", () => {
    const board = new TargetBoard();
    board.replace(
      snapshot(["Payments-eu-1", "up"], ["payments-us-1", "down"], ["search-eu-1", "up"]),
    );
    const by = (search: string, ...verdicts: CombinedVerdict[]) =>
      names(board, { search, verdicts: new Set(verdicts) });
    expect(by("EU payments")).toEqual(["Payments-eu-1"]);
    expect(by(" 1 ", "up")).toEqual(["Payments-eu-1", "search-eu-1"]);
    expect(by("", "down", "suspect")).toEqual(["payments-us-1"]);
    expect(by("nobody")).toEqual([]);
  });

  test("rows() is the same array until something changes, and correct() alone with news is a change", () => {
    const board = new TargetBoard();
    board.replace(snapshot(["a", "up"]));
    const rows = board.rows();
    board.correct("a", "up", null, AT);
    expect(board.rows()).toBe(rows);
    board.correct("a", "up", null, LATER);
    expect(board.rows()).not.toBe(rows);
    expect(board.row("a")?.sinceMs).toBe(Date.parse(LATER));
  });
});

const anyName = fc.constantFrom("a", "b", "c", "d", "e", "f");
const anyEvent = fc.oneof(
  fc.record({
    name: anyName,
    to: fc.constantFrom(...VERDICTS),
  }),
  fc.record({
    name: anyName,
    joint: fc.constantFrom(...COMBINED_VERDICTS),
  }),
  fc.record({ name: anyName, gone: fc.constant(true) }),
);

test("TargetBoard agrees with a twin that sorts everything each time", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      const board = new TargetBoard();
      let twin: { name: string; own: Verdict; joint: CombinedVerdict | null }[] = [];
      for (const event of events) {
        if ("gone" in event) {
          board.remove(event.name);
          twin = twin.filter(({ name }) => name !== event.name);
          continue;
        }
        let row = twin.find(({ name }) => name === event.name);
        if (row === undefined) twin.push((row = { name: event.name, own: "unknown", joint: null }));
        if ("to" in event) {
          row.own = event.to;
          board.applyVerdict(ownEvent(event.name, "up", event.to));
        } else {
          row.joint = event.joint;
          board.applyCombined(jointEvent(event.name, "up", event.joint));
        }
        const shown = ({ own, joint }: (typeof twin)[number]) => joint ?? own;
        const sorted = twin.toSorted((left, right) => BADNESS[shown(left)] - BADNESS[shown(right)]);
        expect(board.rows().map((each) => [each.name, each.shown])).toEqual(
          sorted.map((each) => [each.name, shown(each)]),
        );
      }
    }),
  );
});
