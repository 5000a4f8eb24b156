/**
 * docs/config.md has every setting as the schema has it. `PHI_WRITE_SETTINGS=1 make test
 * TEST=test/docs/settings_test.ts` writes its table anew; `make fmt` makes it even.
 */
import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HEADER, settingsRows } from "./_settings_table.ts";

const PAGE = join(import.meta.dir, "../../docs/config.md");
const [BEGIN, END] = ["<!-- settings -->", "<!-- end of settings -->"] as const;

/** The text before the table, its lines, and the text after it. */
function partsOf(page: string): [before: string, table: string, after: string] {
  const from = page.indexOf(BEGIN) + BEGIN.length;
  const until = page.indexOf(END);
  if (until < from) throw new Error(`docs/config.md has no table between ${BEGIN} and ${END}`);
  return [page.slice(0, from), page.slice(from, until), page.slice(until)];
}

function cellsOf(table: string): string[][] {
  const lines = table.split("\n").filter((line) => line.startsWith("|"));
  return lines
    .filter((line) => !/^[|\s-]+$/u.test(line))
    .map((line) => line.split(/(?<!\\)\|/u).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll(/\\([_*|])/gu, "$1")));
}

test("docs/config.md says of every setting what the schema says", () => {
  const page = readFileSync(PAGE, "utf8");
  const [before, table, after] = partsOf(page);
  const rows = [HEADER, ...settingsRows()];
  expect(rows.length).toBeGreaterThan(30);
  if (process.env["PHI_WRITE_SETTINGS"] === "1") {
    const cells = settingsRows().map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
    const lines = [HEADER, HEADER.map(() => "---"), ...cells];
    const written = lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
    writeFileSync(PAGE, `${before}\n\n${written}\n\n${after}`);
    return;
  }
  expect(cellsOf(table)).toEqual(rows);
});
