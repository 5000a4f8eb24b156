import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLines } from "../../test/kit/command_lines.ts";

const directory = mkdtempSync(join(tmpdir(), "phi-soak-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test.each([
  [["--minutes", "abc"], '--minutes must be a whole number >= 1, received "abc"'],
  [["--targets", "0"], '--targets must be a whole number >= 1, received "0"'],
  [["--hours", "1"], "Unknown option '--hours'"],
])("a soak of %p is misuse, in one line", (args, message) => {
  const { exitCode, stderr } = Bun.spawnSync(["bun", "sim/soak/main.ts", ...args]);
  expect(String(stderr)).toStartWith(`soak: ${message}`);
  expect(String(stderr).trim().split("\n")).toHaveLength(1);
  expect(exitCode).toBe(2);
});

test("a soak that is ended while it starts leaves nothing but what it saw, and fails", async () => {
  const out = join(directory, "soak.svg");
  const temporary = join(directory, "temporary");
  await Bun.write(join(temporary, "here"), "");
  const runner = Bun.spawn(["bun", "sim/soak/main.ts", "--targets=5", `--out=${out}`], {
    env: { ...process.env, TMPDIR: temporary },
    stdout: "ignore",
    stderr: "pipe",
  });
  const started = () => [...commandLines().values()].filter((line) => line.includes(temporary));
  try {
    while (!started().some((line) => line.includes("monitor3"))) await Bun.sleep(20);
  } finally {
    runner.kill("SIGTERM");
  }
  expect(await runner.exited).toBe(1);
  expect(await new Response(runner.stderr).text()).toContain("ended by SIGTERM");
  expect(started()).toEqual([]);
  expect(readdirSync(temporary)).toEqual(["here"]);
  expect(readdirSync(directory).toSorted()).toEqual(["soak.json", "soak.svg", "temporary"]);
});
