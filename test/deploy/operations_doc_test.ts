/** docs/operations.md is read in a hurry: what it leads to is there. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { posix } from "node:path";
import { PROJECT } from "../kit/binary.ts";

const DOCUMENT = "docs/operations.md";
const read = (path: string) => Bun.file(`${PROJECT}${path}`).text();

/** Where a heading can be led to. */
function anchorOf(title: string): string {
  const letters = title.toLowerCase().replaceAll(/[^\w -]/gu, "");
  return letters.replaceAll(" ", "-");
}

function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#{1,6} (?<title>.+)$/gmu)];
  return new Set(headings.map(({ groups }) => anchorOf(groups!["title"]!)));
}

test("every link leads to a file that is there, and to a section of it", async () => {
  const text = await read(DOCUMENT);
  const links = [...text.matchAll(/\]\((?<path>[^)#]*)(?:#(?<anchor>[^)]+))?\)/gu)];
  expect(links.length).toBeGreaterThan(30);
  const dead: string[] = [];
  for (const { groups } of links) {
    const { path = "", anchor } = groups!;
    const file = path === "" ? DOCUMENT : posix.join("docs", path);
    const isThere = existsSync(`${PROJECT}${file}`);
    const leads = isThere && (anchor === undefined || anchorsOf(await read(file)).has(anchor));
    if (!leads) dead.push(`${path}#${anchor ?? ""}`);
  }
  expect(dead).toEqual([]);
});

test("a person at night reads short lists: no section of an alert is longer than a screen", async () => {
  const text = await read(DOCUMENT);
  const sections = text.split(/^#{2,3} /mu).filter((section) => section.startsWith("Phi"));
  expect(sections.length).toBeGreaterThan(20);
  expect(sections.filter((section) => section.split("\n").length > 25)).toEqual([]);
  // Each says what to do, in steps or by reason.
  expect(sections.filter((section) => !/^(?:1\. |- `|\| )/mu.test(section))).toEqual([]);
});
