import { expect, test } from "bun:test";
import { mutantsOf, mutated } from "./mutants_of.ts";

const SOURCE = `/** Says a < b. */
import { assert } from "./assert.ts";

export function next(a: number, b: number, isNew: boolean): number {
  assert(a < b, "a < b");
  // a < b by now
  if (!isNew && a === b) return say("a < b");
  if (this.#isFull(a)) this.#count++;
  else this.#count--;
  this.#count++;
  const most = isNew ? a : b;
  return Math.min(most, b + 1); // a < b
}
function find(): { readonly ok: true } | undefined {
`;

const shown = mutantsOf(SOURCE).map(({ line, before, after }) => `${line}: ${before} -> ${after}`);

test("conditions are flipped, bounds moved and statements left out; comments, texts and assertions stay", () => {
  expect(shown).toEqual([
    "7:  ===  ->  !== ",
    "7:  &&  ->  || ",
    "7: ! -> ",
    '7: if (!isNew && a === b) return say("a < b"); -> ',
    "8: this.#isFull(a) -> !(this.#isFull(a))",
    "9: else this.#count--; -> ",
    "10: this.#count++; -> ",
    "11:  ?  ->  === false ? ",
    "12:  + 1 -> ",
    "12: Math.min( -> Math.max(",
  ]);
});

test("each is made in its own place alone", () => {
  for (const mutant of mutantsOf(SOURCE)) {
    const changed = mutated(SOURCE, mutant).split("\n");
    const lines = SOURCE.split("\n");
    const differing = lines.flatMap((line, index) => (changed[index] === line ? [] : [index + 1]));
    expect(differing).toEqual([mutant.line]);
  }
});

test("one that has no place any more is an error", () => {
  const [mutant] = mutantsOf(SOURCE);
  expect(() => mutated(SOURCE.slice(1), mutant!)).toThrow("is not at");
});
