import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { plant } from "./bug.ts";
import { PLANTED_BUGS } from "./bugs.ts";

const root = join(import.meta.dir, "../../..");
const transpiler = new Bun.Transpiler({ loader: "ts" });

test("plant() wants each place to be there exactly once", () => {
  const edit = { file: "a.ts", find: "1", replace: "2" };
  expect(plant("x = 1", "a.ts", [edit])).toBe("x = 2");
  expect(plant("x = 1", "b.ts", [edit])).toBe("x = 1");
  expect(() => plant("x = 1 + 1", "a.ts", [edit])).toThrow('2 places have "1"');
  expect(() => plant("x", "a.ts", [edit])).toThrow("0 places");
});

test("every planted bug has its place in the source of today, and a name of its own", () => {
  const names = PLANTED_BUGS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { edits } of PLANTED_BUGS) {
    for (const file of new Set(edits.map((edit) => edit.file))) {
      const source = readFileSync(join(root, file), "utf8");
      const planted = plant(source, file, edits);
      expect(planted).not.toBe(source);
      transpiler.transformSync(planted);
    }
  }
});
