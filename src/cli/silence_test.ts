import { expect, test } from "bun:test";
import { FakeAlertsBook } from "./_test_alerts.ts";
import { makeMember, makeTerminal, targetsOf } from "./_test_member.ts";
import { addSilence, listSilences, removeSilence } from "./silence.ts";

const ADD = { for: 7_200, author: "me", comment: "new disks" };

async function setUp() {
  const alerts = new FakeAlertsBook();
  const member = makeMember({ writeToken: "t0ken" }, undefined, undefined, alerts);
  const labels = { team: "payments" };
  await member.store.replace(targetsOf({ "db-1": { labels }, "db-2": {}, web: {}, a: {} }));
  const output = makeTerminal();
  const grants = { output, fetch: member.fetch, readTextFile: async () => "t0ken\n" };
  return { alerts, grants, output };
}

const API = { api: "http://m1", tokenFile: "F" };

test("silences are added, listed and removed, with the token", async () => {
  const { alerts, grants, output } = await setUp();
  expect(await addSilence(["db-*", "team!=payments"], { ...API, ...ADD }, grants)).toBe(0);
  const [silence] = alerts.kept;
  expect(silence).toMatchObject({
    matchers: [
      { name: "target", isEqual: true, pattern: "db-*" },
      { name: "team", isEqual: false, pattern: "payments" },
    ],
    endsWallMs: 7_200_000,
    author: "me",
  });
  expect(await listSilences(API, grants)).toBe(0);
  expect(await removeSilence(silence!.id, API, grants)).toBe(0);
  expect(output.stderr).toEqual([]);
  expect(output.stdout).toEqual([
    `silence ${silence!.id} until 1970-01-01T02:00:00.000Z: target=db-* team!=payments`,
    "ID                STATUS  FROM                      UNTIL                     AUTHOR  MATCHERS                    COMMENT",
    `${silence!.id}  active  1970-01-01T00:00:00.000Z  1970-01-01T02:00:00.000Z  me      target=db-* team!=payments  new disks`,
    `silence ${silence!.id} is over`,
  ]);
  expect(alerts.kept).toEqual([]);
});

test("a removal whose answer got lost is done, and one that nobody made has failed", async () => {
  const { alerts, grants, output } = await setUp();
  await addSilence(["a"], { ...API, ...ADD }, grants);
  const { id } = alerts.kept[0]!;
  const two = { ...API, api: ["http://m1", "http://m2"] };
  /** What the first one does with the request before its connection breaks. */
  const breaking = (code: string, first: (request: Request) => Promise<unknown>) => ({
    ...grants,
    fetch: async (request: Request) => {
      if (new URL(request.url).host === "m2") return grants.fetch(request);
      await first(request);
      throw Object.assign(new Error("it broke"), { code });
    },
  });
  const lost = breaking("ECONNRESET", grants.fetch);
  output.stdout.length = 0;
  expect(await removeSilence(id, two, lost)).toBe(0);
  expect(await removeSilence(id, { ...two, json: true }, lost)).toBe(0);
  expect(output.stdout).toEqual([`silence ${id} is over`, `{"removed":"${id}"}`]);
  // Nobody listened there, so nobody removed anything.
  expect(
    await removeSilence(
      id,
      two,
      breaking("ECONNREFUSED", async () => {}),
    ),
  ).toBe(1);
  expect(output.stderr).toEqual([expect.stringContaining(`There is no silence "${id}"`)]);
});

test("one of nothing that is watched is made, and said so", async () => {
  const { alerts, grants, output } = await setUp();
  const add = (...matchers: string[]) => addSilence(matchers, { ...API, ...ADD }, grants);
  for (const fine of [
    ["db-1"],
    ["db-*", "team=payments"],
    ["target!=db-2"],
    // A verdict is to come, and a rule may have such a label.
    ["web", "verdict=down", "severity=page"],
    ["target=*", "team="],
  ]) {
    expect(await add(...fine)).toBe(0);
  }
  expect(output.stderr).toEqual([]);
  for (const idle of [["alpah"], ["db-1", "db-2"], ["db-*", "team=paymnets"], ["web", "team!="]]) {
    expect(await add(...idle)).toBe(0);
  }
  expect(output.stderr).toEqual([
    "phi: no target that is watched now matches target=alpah",
    "phi: no target that is watched now matches target=db-1 target=db-2",
    "phi: no target that is watched now matches target=db-* team=paymnets",
    "phi: no target that is watched now matches target=web team!=",
  ]);
  expect(alerts.kept).toHaveLength(9);
});

test("one of a target without a name is not made", async () => {
  const { alerts, grants, output } = await setUp();
  expect(await addSilence([""], { ...API, ...ADD }, grants)).toBe(2);
  expect(await addSilence(["target="], { ...API, ...ADD }, grants)).toBe(1);
  expect(output.stderr).toEqual([
    'phi: a target has a name; "*" stands for all',
    expect.stringContaining("No target's name is empty."),
  ]);
  expect(alerts.kept).toEqual([]);
});

test("those that are over are listed when they are asked for", async () => {
  const { alerts, grants, output } = await setUp();
  await addSilence(["a"], { ...API, ...ADD }, grants);
  alerts.kept.push({ ...alerts.kept[0]!, id: "over", endsWallMs: -1, startsWallMs: -2 });
  output.stdout.length = 0;
  await listSilences(API, grants);
  expect(output.stdout).toHaveLength(2);
  await listSilences({ ...API, all: true }, grants);
  expect(output.stdout).toHaveLength(5);
  await listSilences({ ...API, json: true }, grants);
  expect(JSON.parse(output.stdout.at(-1)!)).toHaveLength(2);
});

test("what somebody wrote moves nobody's cursor", async () => {
  const { alerts, grants, output } = await setUp();
  await addSilence(["a"], { ...API, ...ADD }, grants);
  alerts.kept.push({
    ...alerts.kept[0]!,
    id: "older",
    author: "a\u001B[2J",
    comment: "b\nc\u0007",
  });
  await listSilences(API, grants);
  const { stdout } = output;
  expect(stdout.at(-1)).toEqual(expect.stringMatching(/^older .* a \[2J +target=a  b c $/u));
  expect(stdout.join("")).not.toMatch(/\p{Cc}/u);
});

test("what a monitor says of the one that was made moves nobody's cursor", async () => {
  const { grants, output } = await setUp();
  const silence = {
    id: "a\u001B[2J",
    matchers: ["target=\u009B1m"],
    startsAt: null,
    endsAt: "never\n",
    author: "me",
    comment: "x",
    status: "active",
  };
  const fetch = async () => Response.json(silence);
  expect(await addSilence(["a"], { ...API, ...ADD }, { ...grants, fetch })).toBe(0);
  expect(output.stdout).toEqual(["silence a [2J until never : target= 1m"]);
  await addSilence(["a"], { ...API, ...ADD, json: true }, { ...grants, fetch });
  expect(JSON.parse(output.stdout[1]!)).toEqual(silence);
});

test("what is asked wrongly or refused is one line", async () => {
  const { grants, output } = await setUp();
  const anonymous = { ...API, for: 60, comment: "why" };
  expect(await addSilence(["a"], anonymous, grants)).toBe(2);
  expect(await addSilence(["a=b c=d"], { ...API, ...ADD, from: "tomorrow" }, grants)).toBe(1);
  expect(await addSilence(["a"], { api: "http://m1", ...ADD }, grants)).toBe(1);
  expect(await removeSilence("nobody", API, grants)).toBe(1);
  expect(output.stderr).toEqual([
    "phi: --author is needed: who asks for it, where the environment has no USER",
    expect.stringContaining('"startsAt" must be a time such as'),
    expect.stringContaining("Authorization: Bearer"),
    expect.stringContaining('There is no silence "nobody"'),
  ]);
});
