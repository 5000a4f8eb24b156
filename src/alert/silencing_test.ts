import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Silence } from "../store/mod.ts";
import { isActive, isMatch, isSilencedBy } from "./silencing.ts";

const matcher = (text: string) => {
  const [, name, operator, pattern] = /^(\w+)(!?=)(.*)$/u.exec(text)!;
  return { name: name!, isEqual: operator === "=", pattern: pattern! };
};

/** The same by a regular expression, which a long text could hold up. */
function fitsByRegExp(pattern: string, text: string): boolean {
  const pieces = pattern.split("*").map((piece) => piece.replaceAll(/[^\w]/gu, String.raw`\$&`));
  return new RegExp(`^${pieces.join(".*")}$`, "su").test(text);
}

test("a pattern fits what it does by a regular expression", () => {
  const few = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, few, fc.boolean(), (text, value, isEqual) => {
      const matches = isMatch({ isEqual, pattern: text }, value);
      expect(matches).toBe(fitsByRegExp(text, value) === isEqual);
    }),
    { numRuns: 5_000 },
  );
});

test("a pattern of many stars takes no time", () => {
  const pattern = "*a".repeat(100);
  const value = "a".repeat(99) + "b".repeat(1_000);
  expect(isMatch({ isEqual: true, pattern }, value)).toBe(false);
});

test.each([
  ["team=payments", true],
  ["team=pay", false],
  ["team!=search", true],
  ["target=db-*", true],
  ["verdict=down", true],
  ["nothing=", true],
  ["nothing!=", false],
  ["nothing=*", true],
  ["constructor=", true],
])("%p of an incident is %p", (text, isHeld) => {
  const incident = { target: "db-1", verdict: "down", labels: { team: "payments" } };
  const silence: Silence = {
    id: "s",
    matchers: [matcher(text)],
    startsWallMs: 10,
    endsWallMs: 20,
    author: "me",
    comment: "why",
    createdWallMs: 0,
  };
  expect(isSilencedBy(incident, silence)).toBe(isHeld);
  const both = { ...silence, matchers: [matcher(text), matcher("target=web")] };
  expect(isSilencedBy(incident, both)).toBe(false);
  // From its start, and not at its end.
  expect([9, 10, 19, 20].map((wallMs) => isActive(silence, wallMs))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
