import { expect, test } from "bun:test";
import { readKeys } from "./screen.ts";

test("readKeys() knows keys however many arrive at once, and passes over the rest", () => {
  expect(readKeys("q")).toEqual(["q"]);
  expect(readKeys("\u001B[A\u001B[B\u001BOA\u001B[5~\u001B[6~")).toEqual([
    "up",
    "down",
    "up",
    "pageup",
    "pagedown",
  ]);
  expect(readKeys("/a\u007F\r")).toEqual(["/", "a", "backspace", "enter"]);
  expect(readKeys("\u001B")).toEqual(["escape"]);
  expect(readKeys("\u001B\u001B[A")).toEqual(["escape", "up"]);
  expect(readKeys("\u0003\u001A")).toEqual(["interrupt", "suspend"]);
  expect(readKeys("\u001B[1;5C\u001B[15~é\u0001")).toEqual([]);
});
