import { expect, test } from "bun:test";
import { makeTerminal } from "./_test_member.ts";
import { runProbe } from "./probe.ts";

test("runProbe() lets nothing that a server said move the cursor, and --json gives it as it was", async () => {
  const said = "no \u001B[2J\u009B1m such name";
  const grants = {
    clock: { monotonicMs: () => 0, wallMs: () => 0 },
    timers: { after: () => () => {}, yieldToLoop: () => Promise.resolve() },
    dial: () => {
      throw new Error("there is nobody to call");
    },
    resolve: async () => ({ ok: false as const, detail: said }),
    readTextFile: async () => "",
  };
  const flags = { timeout: 1_000, method: "GET", header: {}, status: [] };
  const output = makeTerminal();
  expect(await runProbe("http://a.test/", flags, { ...grants, output })).toBe(1);
  expect(output.stdout[0]).toBe("no heartbeat: resolve: no  [2J 1m such name");
  expect(output.stdout.join("")).not.toMatch(/\p{Cc}/u);
  const asJson = makeTerminal();
  await runProbe("http://a.test/", { ...flags, json: true }, { ...grants, output: asJson });
  expect(JSON.parse(asJson.stdout.join(""))).toMatchObject({ detail: said });
});
