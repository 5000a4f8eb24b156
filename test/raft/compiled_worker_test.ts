/**
 * The Workers are further programs in the compiled binary, found by their names in it. That holds for
 * whatever is compiled with the flags that the Makefile has.
 */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "phi-compiled-worker-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** A variable of the Makefile, as words. */
async function makeVariable(name: string): Promise<string[]> {
  const text = (await Bun.file(`${PROJECT}Makefile`).text()).replaceAll("\\\n", " ");
  const value = new RegExp(`^${name} := (.*)$`, "mu").exec(text)?.[1];
  if (value === undefined) throw new Error(`the Makefile has no ${name}`);
  return value.trim().split(/\s+/u);
}

async function run(command: readonly string[], cwd: string): Promise<string> {
  const child = Bun.spawn([...command], { cwd, stdout: "pipe", stderr: "pipe" });
  const [output, problems, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${command[0]} ended with ${code}: ${problems}${output}`);
  return output;
}

test("a compiled binary keeps its store and its history in Workers, wherever it is started", async () => {
  const binary = join(directory, "probe");
  const flags = await makeVariable("COMPILE");
  const workers = await makeVariable("WORKERS");
  const probe = "test/raft/_compiled_probe.ts";
  await run([process.execPath, ...flags, `--outfile=${binary}`, probe, ...workers], PROJECT);
  for (const found of [0, 1]) {
    const output = await run([binary, join(directory, "data")], "/");
    const main = expect.stringMatching(/^\/\$bunfs\//u);
    const ok = { ok: true };
    const expected = { main, found, written: ok, remembered: found, kept: ok };
    expect(JSON.parse(output)).toEqual(expected);
  }
}, 60_000);

test("make build puts the Workers into the binary", async () => {
  const makefile = await Bun.file(`${PROJECT}Makefile`).text();
  expect(makefile).toContain("src/main.ts $(WORKERS)");
});
