import { describe, expect, test } from "bun:test";
import { encodeConfigJson } from "../config/mod.ts";
import { runBackup, runRestore, type BackupArguments, type RestoreArguments } from "./backup.ts";
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

const API = { api: "http://127.0.0.1:8000" };

async function seeded(parts: Parts): Promise<TestMember> {
  const member = makeMember();
  await member.store.replace(targetsOf(parts));
  return member;
}

/** A folder of files. */
async function backup(
  { fetch }: TestMember,
  flags: Partial<BackupArguments>,
  files = new Map<string, string>(),
) {
  const output = makeTerminal();
  const writeTextFile = async (path: string, text: string, { replaces }: { replaces: boolean }) => {
    if (path.startsWith("/closed")) {
      return { ok: false, reason: "failed", detail: "EACCES" } as const;
    }
    if (files.has(path) && !replaces) {
      return { ok: false, reason: "exists", detail: "there is a file already" } as const;
    }
    files.set(path, text);
    return { ok: true } as const;
  };
  const code = await runBackup({ ...API, ...flags }, { fetch, output, writeTextFile });
  return { code, files, ...output };
}

async function restore(
  { fetch }: Pick<TestMember, "fetch">,
  file: Uint8Array | string,
  flags: Partial<RestoreArguments> = {},
) {
  const output = makeTerminal();
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
  const grants = { fetch, output, readBytes: async () => bytes };
  return { code: await runRestore("F", { ...API, ...flags }, grants), ...output };
}

const RICH = {
  a: { labels: { team: "yes" }, monitor: { threshold: 8 } },
  "10": { url: "push:" },
  c: { headers: { "x-a": "# not a comment" } },
};

function targetsIn({ store }: TestMember) {
  return new Map([...store.readLocal().targets].map(([name, { target }]) => [name, target]));
}

/** More than may be written at once. */
const LARGE: Parts = Object.fromEntries(
  Array.from({ length: 1_100 }, (_, index) => [
    `t-${index}`,
    { headers: { "x-a": "a".repeat(4_000), "x-b": "b".repeat(3_800) } },
  ]),
);

/** Somebody else comes just before the write of that number. */
function atPut(number: number, member: TestMember, meanwhile: () => Promise<void>) {
  let puts = 0;
  return async (request: Request) => {
    if (request.method === "PUT" && ++puts === number) await meanwhile();
    return member.fetch(request);
  };
}

async function put({ store }: TestMember, parts: Parts): Promise<void> {
  for (const target of targetsOf(parts)) await store.put(target);
}

describe("runBackup()", () => {
  test("writes YAML with its revision, which restores to the same config elsewhere", async () => {
    const from = await seeded(RICH);
    const { code, files, stdout, stderr } = await backup(from, { output: "b.yml" });
    expect([code, stdout, stderr]).toEqual([0, [], ["phi: b.yml: 3 targets, revision 1"]]);
    const text = files.get("b.yml")!;
    expect(text).toStartWith('# phi config, revision 1\nservers:\n  - name: "10"\n');
    const to = await seeded({ x: {}, a: {} });
    expect((await restore(to, text, { yes: true })).code).toBe(0);
    expect(to.store.readLocal().targets).toEqual(
      new Map(
        [...from.store.readLocal().targets].map(([name, { target }]) => [
          name,
          { target, revision: 2 },
        ]),
      ),
    );
  });

  test("writes a config that is larger than one write may be, and a restore takes it target by target", async () => {
    const from = await seeded(LARGE);
    expect(encodeConfigJson(targetsOf(LARGE)).length).toBeGreaterThan(8.1 * 1024 * 1024);
    const { code, files } = await backup(from, { output: "b.yml" });
    expect(code).toBe(0);
    const to = await seeded({ gone: {}, "t-7": { intervalMillis: 2_000 } });
    const restored = await restore(to, files.get("b.yml")!, { yes: true });
    const count = Object.keys(LARGE).length;
    expect([restored.code, restored.stderr, restored.stdout.at(-1)]).toEqual([
      0,
      ["phi: the config is too large to be written at once; it goes target by target"],
      `${count - 1} added, 1 changed, 1 deleted, revision ${count + 2}`,
    ]);
    expect(targetsIn(to)).toEqual(targetsIn(from));
  });

  test("writes to stdout without a file, and an empty config too", async () => {
    const { code, stdout } = await backup(makeMember(), {});
    expect([code, stdout]).toEqual([0, ["# phi config, revision 0\nservers: []"]]);
  });

  test("replaces a file only with --force", async () => {
    const member = await seeded(RICH);
    const files = new Map([["b.yml", "precious"]]);
    const refused = await backup(member, { output: "b.yml" }, files);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      ["phi: b.yml is there already; --force replaces it"],
    ]);
    expect(files.get("b.yml")).toBe("precious");
    expect((await backup(member, { output: "b.yml", force: true }, files)).code).toBe(0);
    expect(files.get("b.yml")).toStartWith("# phi config");
  });

  test("says why a file cannot be written", async () => {
    const { code, stderr } = await backup(makeMember(), { output: "/closed/b.yml" });
    expect([code, stderr]).toEqual([1, ["phi: /closed/b.yml cannot be written: EACCES"]]);
  });

  test("without a quorum it fails and writes nothing; --stale takes what the monitor has, and says so", async () => {
    const { store } = await seeded(RICH);
    const unavailable = { ok: false, reason: "unavailable", detail: "no leader is known" } as const;
    const member = makeMember(
      {},
      {
        read: async () => unavailable,
        readLocal: () => store.readLocal(),
        put: (target, options) => store.put(target, options),
        delete: (name, options) => store.delete(name, options),
        replace: (targets, options) => store.replace(targets, options),
        subscribe: (listener) => store.subscribe(listener),
      },
    );
    const failed = await backup(member, { output: "b.yml" });
    expect([failed.code, failed.files.size]).toEqual([1, 0]);
    expect(failed.stderr[0]).toStartWith("phi: 503: The current config cannot be read now");
    const { code, files } = await backup(member, { output: "b.yml", stale: true });
    expect(code).toBe(0);
    expect(files.get("b.yml")).toStartWith(
      "# phi config, revision 1, of one monitor and possibly behind\nservers:\n",
    );
  });
});

describe("runRestore()", () => {
  test("adds and changes at once; to delete it needs --yes, after it has shown what", async () => {
    const member = await seeded({ a: {}, b: {} });
    const added = await restore(member, bytesOf({ a: {}, b: { intervalMillis: 2_000 }, c: {} }));
    expect(added).toMatchObject({
      code: 0,
      stdout: [
        "+ c  http://10.1.0.101:8080/heartbeat",
        expect.stringMatching(/^~ b {2}intervalMillis: 1000 -> 2000/),
        "1 added, 1 changed, 0 deleted, revision 2",
      ],
    });
    const refused = await restore(member, bytesOf({ c: {} }));
    expect(refused).toMatchObject({
      code: 2,
      stdout: ["- a", "- b"],
      stderr: ["phi: 2 targets would be deleted; add --yes if that is meant. Nothing was changed"],
    });
    expect(namesIn(member.store)).toEqual(["a", "b", "c"]);
    expect((await restore(member, bytesOf({ c: {} }), { yes: true })).code).toBe(0);
    expect(namesIn(member.store)).toEqual(["c"]);
  });

  test("of an empty config needs --yes where there is something", async () => {
    const member = await seeded({ a: {} });
    expect((await restore(member, "servers: []")).code).toBe(2);
    expect(namesIn(member.store)).toEqual(["a"]);
    expect((await restore(member, "servers: []", { yes: true })).code).toBe(0);
    expect(namesIn(member.store)).toEqual([]);
    expect((await restore(member, "servers: []")).stdout).toEqual([
      "nothing to change, revision 2",
    ]);
  });

  test("target by target, loses nobody's change, and counts what all attempts have written", async () => {
    for (const json of [false, true]) {
      const member = await seeded({ "t-7": { intervalMillis: 2_000 } });
      const fetch = atPut(8, member, () => put(member, { "t-20": { intervalMillis: 3_000 } }));
      const { code, stdout, stderr } = await restore({ fetch }, bytesOf(LARGE), { json });
      expect(code).toBe(0);
      const shown = (json ? stderr : stdout).filter((line) => line.startsWith("~ "));
      expect(shown).toEqual([
        expect.stringContaining("t-7  intervalMillis: 2000 -> 1000"),
        expect.stringContaining("t-20  intervalMillis: 3000 -> 1000"),
      ]);
      expect(targetsIn(member)).toEqual(targetsIn(await seeded(LARGE)));
      const last = stdout.at(-1)!;
      const names = Object.keys(LARGE);
      if (json) {
        expect(JSON.parse(last)).toMatchObject({
          added: names.filter((name) => name !== "t-7" && name !== "t-20"),
          changed: ["t-7", "t-20"],
          deleted: [],
        });
      } else {
        expect(last).toStartWith(`${names.length - 2} added, 2 changed, 0 deleted, revision `);
      }
    }
  });

  test("target by target, makes good what others did meanwhile to what was written or is not in it", async () => {
    const count = Object.keys(LARGE).length;
    const member = await seeded({});
    const fetch = atPut(count, member, () =>
      put(member, { late: {}, "t-3": { intervalMillis: 3_000 } }),
    );
    const { code, stdout } = await restore({ fetch }, bytesOf(LARGE), { yes: true });
    // One that it added and then mended is one that it added.
    expect([code, stdout.at(-1)]).toEqual([
      0,
      `${count} added, 0 changed, 1 deleted, revision ${count + 4}`,
    ]);
    expect(targetsIn(member)).toEqual(targetsIn(await seeded(LARGE)));
  });

  test("target by target, does not delete what came meanwhile, nor says that nothing was changed", async () => {
    const member = await seeded({});
    const fetch = atPut(8, member, () =>
      put(member, { late: {}, "t-7": { intervalMillis: 3_000 } }),
    );
    const { code, stderr, stdout } = await restore({ fetch }, bytesOf(LARGE));
    expect([code, stdout.at(-1), stderr.at(-1)]).toEqual([
      1,
      "- late",
      "phi: 1 target would be deleted; add --yes if that is meant. 7 targets were written; ask again to go on",
    ]);
    expect(namesIn(member.store)).toContain("late");
  });

  test("target by target, says what was written where it cannot read on", async () => {
    const member = await seeded({});
    let isOut = false;
    const edited = atPut(2, member, async () => {
      await put(member, { "t-1": { intervalMillis: 3_000 } });
      isOut = true;
    });
    const fetch = (request: Request) =>
      isOut && request.method === "GET" ? connectionRefused() : edited(request);
    const { code, stderr } = await restore({ fetch }, bytesOf(LARGE));
    expect([code, stderr.at(-1)]).toEqual([
      1,
      "phi: no monitor answers at http://127.0.0.1:8000; name another with --api (1 target was written; ask again to go on)",
    ]);
  });

  test("target by target, says that all was written where it can only not look again", async () => {
    const member = await seeded({});
    const count = Object.keys(LARGE).length;
    let puts = 0;
    const fetch = (request: Request) => {
      if (request.method === "PUT") puts++;
      return request.method === "GET" && puts === count
        ? connectionRefused()
        : member.fetch(request);
    };
    const { code, stderr } = await restore({ fetch }, bytesOf(LARGE));
    expect([code, stderr.at(-1)]).toEqual([
      1,
      `phi: no monitor answers at http://127.0.0.1:8000; name another with --api (all ${count} targets were written; whether others have changed any meanwhile is not known)`,
    ]);
  });

  test("target by target, whoever is late again and again gives up, and says what was written", async () => {
    const member = await seeded({});
    let puts = 0;
    const fetch = async (request: Request) => {
      if (request.method === "PUT" && puts++ % 2 === 1) {
        const { name } = (await request.clone().json()) as { name: string };
        await put(member, { [name]: { intervalMillis: 3_000 } });
      }
      return member.fetch(request);
    };
    const { code, stderr } = await restore({ fetch }, bytesOf(LARGE));
    expect([code, stderr.at(-1)]).toEqual([
      1,
      "phi: others changed the config 10 times meanwhile; 10 targets were written; ask again to go on",
    ]);
  });

  test("target by target, says where it stopped", async () => {
    const member = await seeded({});
    let writes = 0;
    const fetch = async (request: Request) =>
      request.method === "PUT" && writes++ === 7 ? connectionRefused() : member.fetch(request);
    const { code, stderr } = await restore({ fetch }, bytesOf(LARGE));
    expect([code, member.store.readLocal().targets.size]).toEqual([1, 7]);
    expect(stderr.at(-1)).toEndWith(
      `(7 of ${Object.keys(LARGE).length} targets were written; ask again to go on)`,
    );
    const again = await restore(member, bytesOf(LARGE));
    expect([again.code, member.store.readLocal().targets.size]).toEqual([
      0,
      Object.keys(LARGE).length,
    ]);
  });

  test("does not delete what came after it was asked to add only", async () => {
    const member = await seeded({ a: {} });
    let writes = 0;
    const fetch = async (request: Request) => {
      if (request.method === "POST" && writes++ === 0) {
        await member.store.put(targetsOf({ late: {} })[0]!);
      }
      return member.fetch(request);
    };
    const { code, stdout } = await restore({ fetch }, bytesOf({ a: {}, b: {} }));
    expect([code, stdout.at(-1)]).toEqual([2, "- late"]);
    expect(namesIn(member.store)).toEqual(["a", "late"]);
  });

  test("of a file that is not valid asks nobody", async () => {
    const member = makeMember();
    const { code, stderr } = await restore(member, "servers: 7", { yes: true });
    expect([code, member.requests.length]).toEqual([1, 0]);
    expect(stderr[0]).toStartWith("F:1: servers: must be a list");
  });

  test("--json is one object", async () => {
    const { stdout } = await restore(await seeded({}), bytesOf({ a: {} }), { json: true });
    expect(stdout.map((line) => JSON.parse(line) as unknown)).toEqual([
      { revision: 1, isDryRun: false, added: ["a"], changed: [], deleted: [] },
    ]);
  });
});
