import { expect, test } from "bun:test";
import { makeApi } from "./_test_api.ts";
import { FakeCluster, STATUS } from "./_test_cluster.ts";
import type { ClusterStatus } from "./mod.ts";

async function readPage(status?: Partial<ClusterStatus>): Promise<string> {
  const deps = status === undefined ? {} : { cluster: new FakeCluster(status) };
  return (await makeApi(deps).call("GET", "/")).text();
}

/** What a reader sees of the page's lines about the cluster. */
function linesOf(page: string): string[] {
  const main = page.slice(page.indexOf("<main>"));
  return [...main.matchAll(/<p(?: [^>]*)?>(.*?)<\/p>/gs)]
    .map((match) => match[1]!.replaceAll(/<br>/g, " ").replaceAll(/<[^>]*>/g, ""))
    .filter((line) => line.includes("Cluster") || line.includes("Warning"));
}

const SELF = STATUS.members.slice(0, 1);

test("the page has a line about the cluster: members, leader, quorum", async () => {
  expect(linesOf(await readPage({}))).toEqual([
    "Cluster: 3 members (m1: this, m2, m3: learner) · led by m1 · quorum",
  ]);
  expect(linesOf(await readPage({ members: SELF }))).toEqual([
    "Cluster: 1 member (m1: this) · led by m1 · quorum",
  ]);
});

test("the page says which members the leader does not hear, or is far ahead of", async () => {
  const [, m2] = STATUS.members;
  const members = [
    ...SELF,
    { ...m2!, isActive: false, lagEntries: 5_000 },
    { ...m2!, id: "m4", lagEntries: 5_000 },
    { ...m2!, id: "m5", lagEntries: 3 },
  ];
  expect(linesOf(await readPage({ members }))).toEqual([
    "Cluster: 4 members (m1: this, m2: not heard, m4: 5000 behind, m5) · led by m1 · quorum",
  ]);
});

test("the page says which members any monitor has no connection to", async () => {
  const [m1, m2] = STATUS.members;
  const { matchIndex: _, lagEntries: __, isActive: ___, ...seen } = m2!;
  const members = [
    { ...m1!, isLeader: false },
    { ...seen, isConnected: false },
    { ...seen, id: "m4", isLeader: true },
  ];
  const status = { role: "follower", leader: "m4", members } as const;
  expect(linesOf(await readPage(status))).toEqual([
    "Cluster: 3 members (m1: this, m2: not connected, m4) · led by m4 · quorum",
  ]);
});

test("the page warns where there is no quorum, in a way that is read out and needs no colour", async () => {
  const page = await readPage({ quorum: false, leader: null });
  const [warning, line] = linesOf(page);
  expect(warning).toStartWith("⚠ Warning: There is no quorum");
  expect(line).toEndWith(" · no leader · no quorum");
  expect(page).toContain('<p class="warning" role="alert">');
  // Above everything else.
  expect(page.indexOf("<main><p class=")).toBeGreaterThan(0);
});

test("the page warns where the disk is halted, and says why", async () => {
  const halted = 'the log could not be stored: "<disk> full"';
  const page = await readPage({ halted, quorum: false });
  const [warning, line] = linesOf(page);
  expect(warning).toContain("takes no part in the cluster any more");
  expect(page).toContain("&quot;&lt;disk&gt; full&quot;");
  expect(line).toEndWith(" · halted here");
});

test("the page says that this monitor was removed, and what to do", async () => {
  const page = await readPage({ standing: "removed", quorum: false, leader: null });
  const [warning, line] = linesOf(page);
  expect(warning).toStartWith("⚠ Warning: This monitor was removed from its cluster");
  expect(warning).toContain("a new id and --join");
  expect(warning).not.toContain("no quorum");
  expect(line).toEndWith(" · no leader · this monitor was removed");
});

test("the page has no warning where all is well, and no line where there is no cluster", async () => {
  expect(await readPage({})).not.toContain('class="warning"');
  expect(linesOf(await readPage())).toEqual([]);
});

test("the page escapes what members call themselves", async () => {
  const evil = "<b>m9</b>";
  const members = [{ ...SELF[0]!, id: evil }];
  const page = await readPage({ members, leader: evil });
  expect(page).not.toContain(evil);
  expect(page).toContain("led by <b>&lt;b&gt;m9&lt;/b&gt;</b>");
});
