/**
 * `make planted-bugs`: sees that nothing fails without a bug, plants each in turn, runs seeds from a fixed base or the
 * test that has to find it, and prints the table of `docs/raft.md`. Exit 1 if any is not found by what has to: then
 * nobody looks there, and the silence on the true code says nothing. Arguments name some of the bugs.
 */
import { availableParallelism } from "node:os";
import { endChildrenAtExit } from "../../own_children.ts";
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

/** Runs the searches, as many at once as there are cores, and gives their results in order. */
async function searchAll(bugs: readonly PlantedBug[]): Promise<readonly Found[]> {
  const results: Found[] = [];
  const waiting = [...bugs.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, bug] = next;
      const result = await search(bug);
      results[place] = result;
      console.error(`${bug.name}: ${told(result)}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
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
