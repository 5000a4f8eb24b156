import { expect, test } from "bun:test";
import { join } from "node:path";

const MODULE = join(import.meta.dir, "own_children.ts");
/** Starts a shell that starts another program, which holds the output that both were given. */
const PROGRAM = `
  import { endChildrenAtExit, endWithUs } from ${JSON.stringify(MODULE)};
  endChildrenAtExit();
  const cmd = ["sh", "-c", "sleep 300 & echo ready; wait"];
  endWithUs(Bun.spawn({ cmd, detached: true, stdout: "inherit" }));
  if (process.argv.at(-1) === "fails") setTimeout(() => { throw new Error("as wanted"); }, 300);
`;

async function endedBy(how: "SIGTERM" | "SIGINT" | "fails"): Promise<number> {
  const parent = Bun.spawn([process.execPath, "-e", PROGRAM, how], { stderr: "ignore" });
  let isAsked = false;
  // It ends when nobody is left who could write there.
  for await (const _ of parent.stdout) {
    if (how !== "fails" && !isAsked) parent.kill(how);
    isAsked = true;
  }
  return parent.exited;
}

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
  ["fails", 1],
] as const)("children, and theirs, end with a process that ends by %s", async (how, code) => {
  expect(await endedBy(how)).toBe(code);
});
