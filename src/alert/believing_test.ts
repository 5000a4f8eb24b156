/** What a monitor knows of the verdicts before, while and after it hears no majority. */
import { expect, test } from "bun:test";
import type { CombinedVerdict } from "../verdict/mod.ts";
import { Believing } from "./believing.ts";
import { isOtherSinceMs, VerdictWatch } from "./verdict_watch.ts";

function setUp() {
  const verdicts = new VerdictWatch();
  const believing = new Believing(verdicts);
  const say = (to: CombinedVerdict, isMinority: boolean, nowMs: number) => {
    const change = {
      isNews: true,
      target: "x",
      from: "unknown",
      to,
      dissenters: [],
      reason: "",
      atWallMs: 0,
    };
    believing.onChange(change as Parameters<Believing["onChange"]>[0], isMinority, nowMs);
  };
  const known = () => {
    const lasting = verdicts.of("x");
    return lasting && [lasting.verdict, lasting.isKnown, lasting.sinceMs];
  };
  return { verdicts, believing, say, known };
}

test("what did not change is known again three seconds after a majority is heard, and since when it was", () => {
  const { believing, say, known } = setUp();
  say("down", false, 100);
  expect(believing.look(true, 200)).toBe(true);
  expect(known()).toEqual(["down", false, 100]);
  expect(believing.look(true, 300)).toBe(false);
  expect(believing.look(false, 1_000)).toBe(false);
  expect(believing.look(false, 3_999)).toBe(false);
  expect(known()).toEqual(["down", false, 100]);
  expect(believing.look(false, 4_000)).toBe(true);
  expect(known()).toEqual(["down", true, 100]);
});

test("what it held alone begins only then, unless the others say otherwise before", () => {
  const { verdicts, believing, say, known } = setUp();
  say("down", false, 100);
  say("up", true, 200);
  expect(known()).toEqual(["down", false, 100]);
  believing.look(false, 1_000);
  believing.look(false, 4_000);
  expect(known()).toEqual(["up", true, 4_000]);
  expect(isOtherSinceMs(verdicts.of("x")!, "down")).toBe(4_000);
  say("down", true, 5_000);
  say("suspect", false, 6_000);
  expect(known()).toEqual(["suspect", true, 6_000]);
  believing.look(false, 9_000);
  expect(known()).toEqual(["suspect", true, 6_000]);
});

test("a majority that is gone again before that was none, whatever it said", () => {
  const { believing, say, known } = setUp();
  say("down", false, 100);
  say("unknown", true, 200);
  say("up", false, 1_000);
  expect(known()).toEqual(["up", true, 1_000]);
  expect(believing.look(true, 2_000)).toBe(true);
  believing.look(false, 3_000);
  believing.look(false, 5_999);
  expect(known()).toEqual(["up", false, 1_000]);
  believing.look(false, 6_000);
  expect(known()).toEqual(["up", true, 1_000]);
});

test("nothing is left of a target that is not watched any more", () => {
  const { verdicts, believing, say, known } = setUp();
  say("down", false, 100);
  say("up", true, 200);
  verdicts.forget("x");
  believing.forget("x");
  believing.look(false, 1_000);
  believing.look(false, 4_000);
  expect(known()).toBeUndefined();
});
