import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { runApply, type ApplyArguments } from "./apply.ts";
import { runCheck } from "./check.ts";
import {
  bytesOf,
  connectionRefused,
  makeMember,
  makeTerminal,
  namesIn,
  targetsOf,
  type TestMember,
} from "./_test_member.ts";

type Parts = Readonly<Record<string, object>>;

async function seeded(parts: Parts): Promise<TestMember> {
  const member = makeMember();
  await member.store.replace(targetsOf(parts));
  return member;
}

async function apply(
  { fetch }: Pick<TestMember, "fetch">,
  file: Parts | string,
  flags: Partial<ApplyArguments> = {},
) {
  const output = makeTerminal();
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : bytesOf(file);
  const grants = { fetch, output, readBytes: async () => bytes };
  const code = await runApply(
    { file: "servers.yml", api: "http://127.0.0.1:8000", ...flags },
    grants,
  );
  return { code, ...output };
}

const sent = ({ requests }: TestMember) => requests.map(({ method }) => method);

describe("runApply()", () => {
  test("adds and changes what the file says, keeps the rest, and shows it before", async () => {
    const member = await seeded({ kept: {}, same: {}, other: {} });
    const shownBefore: string[] = [];
    const output = makeTerminal();
    const fetch = (request: Request) => {
      if (request.method === "POST") shownBefore.push(...output.stdout);
      return member.fetch(request);
    };
    const file = {
      new: { url: "push:" },
      other: { intervalMillis: 2_000, monitor: { threshold: 8 } },
      same: {},
    };
    const grants = { fetch, output, readBytes: async () => bytesOf(file) };
    const code = await runApply({ file: "F", api: "http://127.0.0.1:8000" }, grants);
    expect(code).toBe(0);
    const lines = [
      "+ new  push:",
      "~ other  intervalMillis: 1000 -> 2000, monitor.threshold: 16 -> 8, monitor.firstHeartbeatEstimateMillis: 1000 -> 2000",
    ];
    expect(shownBefore).toEqual(lines);
    expect(output.stdout).toEqual([...lines, "1 added, 1 changed, 0 deleted, revision 2"]);
    expect(output.stderr).toEqual([]);
    expect(namesIn(member.store)).toEqual(["kept", "same", "other", "new"]);
    expect(member.store.readLocal().targets.get("same")?.revision).toBe(1);
    const [, write] = member.requests;
    expect(write!.headers.get("if-match")).toBe('"1"');
    expect(write!.headers.get("idempotency-key")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("what a label holds moves nobody's cursor", async () => {
    const member = await seeded({ a: { labels: { team: "x\u009B2Jy" } } });
    const { stdout, stderr } = await apply(member, { a: { labels: { team: "z\u007F" } } });
    expect(stdout[0]).toBe('~ a  labels.team: "x 2Jy" -> "z "');
    expect(stderr).toEqual([]);
  });

  test("a second time there is nothing to change, and nothing is written", async () => {
    const member = await seeded({ a: {}, b: {} });
    expect(await apply(member, { b: {} })).toMatchObject({
      code: 0,
      stdout: ["nothing to change, revision 1"],
    });
    expect(sent(member)).toEqual(["GET"]);
  });

  test("--dry-run shows the difference and changes nothing", async () => {
    const member = await seeded({ a: {} });
    expect(await apply(member, { b: {} }, { dryRun: true, prune: true })).toMatchObject({
      code: 0,
      stdout: [
        "+ b  http://10.1.0.101:8080/heartbeat",
        "- a",
        "would be 1 added, 0 changed, 1 deleted",
      ],
    });
    expect(sent(member)).toEqual(["GET"]);
  });

  test("--prune deletes what the file does not name, shown before", async () => {
    const member = await seeded({ a: {}, b: {}, c: {} });
    expect(await apply(member, { b: {} }, { prune: true })).toMatchObject({
      code: 0,
      stdout: ["- a", "- c", "0 added, 0 changed, 2 deleted, revision 2"],
    });
    expect(namesIn(member.store)).toEqual(["b"]);
  });

  test("a file without targets needs --allow-empty, with --prune and without", async () => {
    const member = await seeded({ a: {} });
    for (const flags of [{}, { prune: true }, { dryRun: true }]) {
      const { code, stderr } = await apply(member, "servers: []", flags);
      expect([code, stderr]).toEqual([
        2,
        ["phi: servers.yml names no target; add --allow-empty if that is meant"],
      ]);
    }
    expect(sent(member)).toEqual([]);
    expect((await apply(member, "servers: []", { allowEmpty: true })).code).toBe(0);
    expect(namesIn(member.store)).toEqual(["a"]);
    expect((await apply(member, "servers: []", { allowEmpty: true, prune: true })).code).toBe(0);
    expect(namesIn(member.store)).toEqual([]);
  });

  test.each([
    "",
    "servers:\n  - name: a\n    url: ftp://x\n    intervalMilis: 1\n",
    "servers: [{name: a, url: 'push:'}, {name: a, url: 'push:'}]",
    "{",
  ])(
    "a file that is not valid is told as `phi check` tells it, and nobody is asked (%#)",
    async (text) => {
      const member = makeMember();
      const { code, stderr } = await apply(member, text);
      const check = makeTerminal();
      const readBytes = async () => new TextEncoder().encode(text);
      expect(code).toBe(await runCheck("servers.yml", {}, { readBytes, output: check }));
      expect(stderr).toEqual(check.stderr);
      expect(stderr.length).toBeGreaterThan(0);
      expect(sent(member)).toEqual([]);
    },
  );

  test("--json is one object on stdout; what is about to change is on stderr", async () => {
    const member = await seeded({ a: {}, b: {} });
    const file = { a: { intervalMillis: 2_000 }, c: {} };
    const { stdout, stderr } = await apply(member, file, { json: true, prune: true });
    expect(stdout.map((line) => JSON.parse(line) as unknown)).toEqual([
      { revision: 2, isDryRun: false, added: ["c"], changed: ["a"], deleted: ["b"] },
    ]);
    expect(stderr.map((line) => line.slice(0, 3))).toEqual(["+ c", "~ a", "- b"]);
  });

  test("what somebody else changed meanwhile is not lost", async () => {
    const member = await seeded({ a: {} });
    let writes = 0;
    const fetch = async (request: Request) => {
      if (request.method === "POST" && writes++ < 2) {
        await member.store.put(targetsOf({ [`other${writes}`]: {} })[0]!);
      }
      return member.fetch(request);
    };
    const { code, stdout } = await apply({ fetch }, { b: {} });
    expect(code).toBe(0);
    // The difference is the same each time, so it is shown once.
    expect(stdout).toEqual([
      "+ b  http://10.1.0.101:8080/heartbeat",
      "1 added, 0 changed, 0 deleted, revision 4",
    ]);
    expect(namesIn(member.store)).toEqual(["a", "other1", "other2", "b"]);
    const keys = member.requests.map(({ headers }) => headers.get("idempotency-key"));
    expect(new Set(keys.filter((key) => key !== null)).size).toBe(3);
  });

  test("what came meanwhile and would be pruned is shown first", async () => {
    const member = await seeded({ a: {} });
    const output = makeTerminal();
    let writes = 0;
    const fetch = async (request: Request) => {
      if (request.method === "POST" && writes++ === 0) {
        await member.store.put(targetsOf({ late: {} })[0]!);
      } else if (request.method === "POST") expect(output.stdout).toContain("- late");
      return member.fetch(request);
    };
    const grants = { fetch, output, readBytes: async () => bytesOf({ b: {} }) };
    await runApply({ file: "F", api: "http://a", prune: true }, grants);
    expect(output.stderr).toEqual([
      "phi: the config was changed meanwhile; what is to change now:",
    ]);
    expect(writes).toBe(2);
    expect(namesIn(member.store)).toEqual(["b"]);
  });

  test("whoever is always late gives up, having written nothing", async () => {
    const member = await seeded({ a: {} });
    let interval = 1_000;
    const fetch = async (request: Request) => {
      if (request.method === "POST") {
        await member.store.put(targetsOf({ a: { intervalMillis: ++interval } })[0]!);
      }
      return member.fetch(request);
    };
    const { code, stderr } = await apply({ fetch }, { b: {} });
    expect(code).toBe(1);
    expect(stderr.at(-1)).toBe(
      "phi: others changed the config 10 times meanwhile; nothing was written",
    );
    expect(namesIn(member.store)).toEqual(["a"]);
  });

  test("what the monitor refuses is told in its words, and is a failure", async () => {
    const member = await seeded({ a: {} });
    const refused = await apply(member, { b: { url: "http://169.254.169.254/" } });
    expect([refused.code, refused.stderr]).toEqual([1, ["phi: 422: b: is link-local"]]);
    const guarded = makeMember({ writeToken: "t" });
    const denied = await apply(guarded, { b: {} });
    expect([denied.code, denied.stderr]).toEqual([
      1,
      [
        "phi: 401: Writes need the header Authorization: Bearer TOKEN. Name the file that holds it with --token-file, or PHI_TOKEN_FILE.",
      ],
    ]);
  });

  test("any member will do", async () => {
    const member = await seeded({});
    const fetch = (request: Request) =>
      new URL(request.url).port === "8000" ? connectionRefused() : member.fetch(request);
    const api = ["http://127.0.0.1:8000", "http://127.0.0.1:8001"];
    expect((await apply({ fetch }, { a: {} }, { api })).code).toBe(0);
    expect(namesIn(member.store)).toEqual(["a"]);
    const none = await apply({ fetch: connectionRefused }, { a: {} }, { api });
    expect([none.code, none.stderr]).toEqual([
      1,
      [
        "phi: no monitor answers at http://127.0.0.1:8000 or http://127.0.0.1:8001; name another with --api",
      ],
    ]);
  });

  test.each([
    ["no ETag", new Response('{"servers":[]}'), "is not a phi monitor"],
    [
      "no config",
      new Response("hello", { headers: { etag: '"1"' } }),
      "cannot be read by this version",
    ],
    [
      "a later config",
      new Response('{"servers":[],"x":1}', { headers: { etag: '"1"' } }),
      "cannot be read",
    ],
  ])("what answers with %s is left alone", async (_what, response, sentence) => {
    const { code, stderr } = await apply({ fetch: async () => response }, { a: {} });
    expect([code, stderr]).toEqual([1, [expect.stringContaining(sentence)]]);
  });

  test("a wrong --api is a misuse", async () => {
    expect((await apply(makeMember(), { a: {} }, { api: "127.0.0.1" })).code).toBe(2);
  });
});

test("runApply(), whatever is there: the file's targets are as it says, the others as they were", async () => {
  const part = fc.record({ intervalMillis: fc.integer({ min: 1_000, max: 1_003 }) });
  const parts = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "e"), part);
  await fc.assert(
    fc.asyncProperty(parts, parts, fc.boolean(), async (before, file, prune) => {
      const member = await seeded(before);
      const { code } = await apply(member, file, { prune, allowEmpty: true });
      expect(code).toBe(0);
      const stored = [...member.store.readLocal().targets.values()].map(({ target }) => target);
      const wanted = targetsOf(prune ? file : { ...before, ...file });
      expect(new Set(stored.map((target) => JSON.stringify(target)))).toEqual(
        new Set(wanted.map((target) => JSON.stringify(target))),
      );
    }),
    { numRuns: 200 },
  );
});
