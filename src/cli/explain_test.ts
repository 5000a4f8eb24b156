import { expect, test } from "bun:test";
import { makeReading } from "../../test/kit/watch_reading.ts";
import { MemoryConfigStore } from "../store/mod.ts";
import { connectionRefused, makeMember, makeTerminal } from "./_test_member.ts";
import { runExplain, type ExplainArguments } from "./explain.ts";

const API: ExplainArguments = { api: ["http://m0", "http://m1"] };

/** A cluster whose first member is down; the second watches `a b`, which failed in an ugly way. */
function makeCluster() {
  const lastError = { reason: "body", detail: "nothing matches \u001b[2J", atWallMs: 0 } as const;
  const watch = makeReading({ target: { name: "a:b" }, lastError });
  const member = makeMember({}, new MemoryConfigStore(), [watch]);
  const output = makeTerminal();
  const fetch = (request: Request) =>
    new URL(request.url).host === "m0" ? connectionRefused() : member.fetch(request);
  return { ...member, output, grants: { output, fetch } };
}

const hello = async () => new Response("hello");

test("it shows the sentences, a line each, from the first monitor that answers", async () => {
  const { grants, output } = makeCluster();
  expect(await runExplain("a:b", API, grants)).toBe(0);
  expect(output.stderr).toEqual([]);
  expect(output.stdout[0]).toMatch(/^a:b is up, since /u);
  expect(output.stdout.length).toBeGreaterThan(4);
  expect(output.stdout.join("\n")).toMatch(/body: nothing matches {2}?\[2J/u);
});

test("--json shows what the monitor answered", async () => {
  const { grants, output } = makeCluster();
  expect(await runExplain("a:b", { ...API, json: true }, grants)).toBe(0);
  expect(JSON.parse(output.stdout.join(""))).toMatchObject({ target: "a:b", verdict: "up" });
});

test("a target that is not watched is a failure that says what to do", async () => {
  const { grants, output } = makeCluster();
  expect(await runExplain("b", API, grants)).toBe(1);
  expect(output.stderr).toEqual(['phi: "b" is not watched; "phi targets list" shows what is']);
  expect(output.stdout).toEqual([]);
});

test("an address that is none is a misuse, and a server that is no monitor a failure", async () => {
  const { grants, output } = makeCluster();
  expect(await runExplain("a:b", { api: "m0" }, grants)).toBe(2);
  expect(await runExplain("a:b", { api: "http://m1" }, { ...grants, fetch: hello })).toBe(1);
  expect(await runExplain("a:b", { api: "http://m0" }, grants)).toBe(1);
  expect(output.stderr).toEqual([
    'phi: --api: "m0" is not a URL, as http://127.0.0.1:8000',
    "phi: http://m1 is not a phi monitor",
    "phi: no monitor answers at http://m0; name another with --api",
  ]);
});
