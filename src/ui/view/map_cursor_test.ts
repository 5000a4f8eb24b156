import { expect, test } from "bun:test";
import type { Verdict } from "../../verdict/mod.ts";
import type { BoardRow } from "../live/board.ts";
import { MapCursor } from "./map_cursor.ts";

function row(name: string, verdict: Verdict): BoardRow {
  return { name, verdict, combined: null, shown: verdict, sinceMs: 0 };
}

test("MapCursor stays on its target, as that is by now, while others come before it", () => {
  const cursor = new MapCursor();
  cursor.update([row("a", "up"), row("b", "up"), row("c", "up")]);
  cursor.moveTo(0);
  cursor.update([row("c", "down"), row("a", "suspect"), row("b", "up")]);
  expect([cursor.index, cursor.row?.name, cursor.row?.shown]).toEqual([1, "a", "suspect"]);
  cursor.update([row("a", "down"), row("c", "down"), row("b", "up")]);
  expect([cursor.index, cursor.row?.shown]).toEqual([0, "down"]);
});

test("MapCursor is on nobody once its target is not shown, and where it is moved to nobody", () => {
  const cursor = new MapCursor();
  expect([cursor.index, cursor.row]).toEqual([undefined, undefined]);
  cursor.update([row("a", "up"), row("b", "up")]);
  cursor.moveTo(1);
  cursor.update([row("a", "up")]);
  expect([cursor.index, cursor.row]).toEqual([undefined, undefined]);
  cursor.moveTo(0);
  cursor.moveTo(undefined);
  expect(cursor.row).toBeUndefined();
});
