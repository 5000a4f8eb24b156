import { expect, test } from "bun:test";
import { nameOf } from "./journal.ts";
import { mutantsOf } from "./mutants_of.ts";

const SOURCE = `function a() {
  return x < 1 && y < 1;
}
function b() {
  return x < 1 && y < 1;
}
`;
const namesOf = (source: string) =>
  mutantsOf(source).map((mutant) => nameOf({ file: "a.ts", ...mutant }, source));

test("each change has a name of its own, also where lines are alike", () => {
  expect(new Set(namesOf(SOURCE)).size).toBe(6);
});

test("a change keeps its name while other lines come and go, and loses it with its own", () => {
  expect(namesOf(`// One more.\n\n${SOURCE}`)).toEqual(namesOf(SOURCE));
  expect(namesOf(SOURCE)).not.toContain(namesOf(SOURCE.replace("x < 1", "x < 2"))[0]);
});
