import { afterEach, expect, test } from "bun:test";
import { makeTerminal } from "./_test_member.ts";
import { type Commands, runProgram } from "./program.ts";

const NAMES = ["JOIN", "HISTORY_DAYS", "BOOTSTRAP", "PHI_API", "USER", "ALLOW_NET"];
const before = NAMES.map((name) => [name, process.env[name]] as const);

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

/** The flags that the command got which `argv` names. */
async function flagsOf(...argv: string[]): Promise<unknown> {
  let seen: unknown;
  const see = async (...given: unknown[]) => {
    seen = given.findLast((each) => !Array.isArray(each));
    return 0 as const;
  };
  const commands = { monitor: see, silenceAdd: see } as unknown as Commands;
  const output = makeTerminal();
  expect(await runProgram(argv, "1.2.3", output, commands)).toBe(0);
  expect(output.stderr).toEqual([]);
  return seen;
}

test("an empty variable counts as not given, whichever command it is for; but ALLOW_NET does not", async () => {
  for (const name of NAMES) process.env[name] = " ";
  const monitor = await flagsOf("monitor");
  expect(monitor).toMatchObject({ historyDays: 7, allowNet: [" "] });
  expect(monitor).not.toHaveProperty("join");
  expect(monitor).not.toHaveProperty("bootstrap");
  const silence = await flagsOf("silence", "add", "web", "--for=1h", "--comment=new disks");
  expect(silence).toMatchObject({ api: "http://127.0.0.1:8000" });
  expect(silence).not.toHaveProperty("author");
});

test("a variable that says something is taken", async () => {
  Object.assign(process.env, { JOIN: "m1:8000", HISTORY_DAYS: "1", BOOTSTRAP: "True" });
  const monitor = await flagsOf("monitor");
  expect(monitor).toMatchObject({ join: "m1:8000", historyDays: 1, bootstrap: true });
});
