import { expect, test } from "bun:test";
import { addTarget, listTargets, removeTarget, type TargetsArguments } from "./targets.ts";
import { connectionRefused, makeMember, makeTerminal, namesIn } from "./_test_member.ts";

const API: TargetsArguments = { api: ["http://m0", "http://m1"] };

/** A cluster whose first member is down, and that wants a token for writes. */
function makeCluster() {
  const member = makeMember({ writeToken: "t0ken" });
  const output = makeTerminal();
  const grants = {
    output,
    fetch: (request: Request) =>
      new URL(request.url).host === "m0" ? connectionRefused() : member.fetch(request),
    readTextFile: async () => "t0ken\n",
  };
  return { ...member, grants, output };
}

const hello = async () => new Response("hello");

test("targets are added and removed through any member, with the token", async () => {
  const { grants, output, store } = makeCluster();
  const flags = { ...API, tokenFile: "F" };
  expect(await addTarget("a", "http://10.1.0.101/", { ...flags, threshold: 8 }, grants)).toBe(0);
  expect(store.readLocal().targets.get("a")?.target.monitor.threshold).toBe(8);
  expect(await addTarget("b", "push:", { ...flags, json: true }, grants)).toBe(0);
  expect(await removeTarget("a", flags, grants)).toBe(0);
  expect(namesIn(store)).toEqual(["b"]);
  expect(output.stderr).toEqual([]);
  const [added, json, removed] = output.stdout;
  expect([added, removed]).toEqual(["watching a", "no longer watching a"]);
  expect(JSON.parse(json!)).toMatchObject({ revision: 2, created: true });
});

test("what is refused is a failure with one line", async () => {
  const { grants, output, store } = makeCluster();
  expect(await addTarget("a", "push:", API, grants)).toBe(1);
  expect(await removeTarget("a", { ...API, tokenFile: "F" }, grants)).toBe(1);
  expect(output.stderr).toEqual([
    "phi: 401: Writes need the header Authorization: Bearer TOKEN. Name the file that holds it with --token-file, or PHI_TOKEN_FILE.",
    'phi: 404: "a" is not watched; GET /config lists the targets.',
  ]);
  expect(store.readLocal().revision).toBe(0);
});

test("a list is a table, or what the monitor answered", async () => {
  const { grants, output } = makeCluster();
  expect(await listTargets(API, grants)).toBe(0);
  expect(await listTargets({ ...API, json: true }, grants)).toBe(0);
  expect(output.stdout).toEqual([expect.stringMatching(/^NAME +VERDICT/), "[\n\n]\n"]);
});

test("an address that is none is a misuse, and a server that is no monitor a failure", async () => {
  const { grants, output } = makeCluster();
  expect(await listTargets({ api: "m0" }, grants)).toBe(2);
  expect(await listTargets({ api: "http://m1" }, { ...grants, fetch: hello })).toBe(1);
  expect(output.stderr).toEqual([
    'phi: --api: "m0" is not a URL, as http://127.0.0.1:8000',
    "phi: http://m1 is not a phi monitor",
  ]);
});
