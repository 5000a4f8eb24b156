import { expect, test } from "bun:test";
import type { Happening } from "../live/happenings.ts";
import type { CombinedVerdict } from "../../verdict/mod.ts";
import { announce } from "./announcer.ts";

let number = 0;
function happening(
  kind: Happening["kind"],
  subject: string,
  verdict: CombinedVerdict | null,
): Happening {
  const rest = { from: null, atMs: 0, isPast: false, detail: "doubts itself" };
  return { number: ++number, kind, subject, verdict, ...rest };
}

test("announce() names few targets, each once with what it is now, the worst first", () => {
  const said = announce([
    happening("combined", "a", "suspect"),
    happening("combined", "b", "down"),
    happening("combined", "a", "up"),
  ]);
  expect(said).toBe("b is down. a is up.");
});

test("announce() says many changes as numbers", () => {
  const many = ["a", "b", "c", "d", "e"].map((name) => happening("combined", name, "down"));
  expect(announce([...many, happening("combined", "f", "up")])).toBe(
    "6 targets changed: 5 are down and 1 is up.",
  );
});

test("announce() leaves out what this monitor alone holds where all of them have been heard", () => {
  const own = happening("own", "b", "down");
  expect(announce([happening("combined", "a", "partial"), own])).toBe("a is partial.");
  expect(announce([own])).toBe("b is down.");
});

test("announce() tells of observers", () => {
  expect(announce([happening("observer", "m2", null)])).toBe("m2 doubts itself.");
});
