/**
 * `make planted-bugs`: sees that nothing fails without a bug, plants each in turn, runs seeds from a fixed base or the
 * test that has to find it, and prints the table of `docs/raft.md`. Exit 1 if any is not found by what has to: then
 * nobody looks there, and the silence on the true code says nothing. Arguments name some of the bugs.
 */
import { endChildrenAtExit } from "../../own_children.ts";
import { atOnce } from "./at_once.ts";
import type { PlantedBug } from "./bug.ts";
import { PLANTED_BUGS } from "./bugs.ts";
import { failuresWithoutBug, type Found, search } from "./search.ts";

function told({ by, after, isExpected }: Found): string {
  if (by === undefined) return `NOT FOUND by ${after}`;
  return isExpected ? `${after}, ${by}` : `found by something else: ${by}`;
}

function tableRow({ name, breaks }: PlantedBug, found: Found): string {
  const { isExpected, after, by } = found;
  return `| ${name} | ${breaks} | ${isExpected ? `${after} | ${by}` : `**${told(found)}** |`} |`;
}

async function searchAll(bugs: readonly PlantedBug[]): Promise<readonly Found[]> {
  return await atOnce(bugs, async (bug) => {
    const beganMs = performance.now();
    const result = await search(bug);
    const seconds = Math.round((performance.now() - beganMs) / 1_000);
    console.error(`${bug.name}: ${told(result)} (${seconds} s)`);
    return result;
  });
}

async function main(wanted: readonly string[]): Promise<number> {
  const unknown = wanted.filter((name) => !PLANTED_BUGS.some((bug) => bug.name === name));
  if (unknown.length > 0) {
    console.error(`There is no planted bug ${unknown.join(", ")}. There are:`);
    for (const { name } of PLANTED_BUGS) console.error(`  ${name}`);
    return 2;
  }
  const bugs = PLANTED_BUGS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const tests = bugs.flatMap(({ foundBy }) => ("file" in foundBy ? [foundBy] : []));
  const failures = await failuresWithoutBug(tests);
  for (const failure of failures) console.error(`fails without any bug: ${failure}`);
  if (failures.length > 0) return 1;
  const results = await searchAll(bugs);
  console.log("| bug | what goes wrong | seeds until found | found by |\n|---|---|---|---|");
  for (const [place, bug] of bugs.entries()) console.log(tableRow(bug, results[place]!));
  return results.every(({ isExpected }) => isExpected) ? 0 : 1;
}

endChildrenAtExit();
process.exitCode = await main(process.argv.slice(2));
