import { expect, test } from "bun:test";
import { skipsOf } from "./_skips.ts";

const OUTPUT = `
test/a_test.ts:
(pass) a > b [1.00ms]

test/e2e/b_test.ts:
skipped: "curl" is not installed
(skip) b > one
(skip) b > two

src/c_test.ts:
(skip) a disk (no mounts: not permitted) > is full
(skip) a disk > is full again (no disk)

3 tests skipped:
(skip) b > one

 1 pass
`;

test("skipsOf() counts by file, and gives the reasons that were said", () => {
  expect(skipsOf(OUTPUT)).toEqual([
    { file: "test/e2e/b_test.ts", testCount: 2, reasons: ['"curl" is not installed'] },
    { file: "src/c_test.ts", testCount: 2, reasons: ["no mounts: not permitted", "no disk"] },
  ]);
  expect(skipsOf("src/d_test.ts:\n(skip) x\n")).toEqual([
    { file: "src/d_test.ts", testCount: 1, reasons: [] },
  ]);
});
