/** Three real members on real storage over real connections, in one process: one is lost and comes back. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agreeOn, commit, leaderAmong, PeerMember } from "./_member.ts";
import { until } from "./_world.ts";

const IDS = ["a", "b", "c"];

const directory = mkdtempSync(join(tmpdir(), "phi-peers-"));
const nodes = IDS.map((id) => new PeerMember(id));
beforeAll(async () => {
  for (const node of nodes) await node.listen();
  const addresses = new Map(nodes.map(({ id, peer }) => [id, peer.address]));
  for (const node of nodes) await node.join(join(directory, node.id), addresses);
});
afterAll(async () => {
  for (const node of nodes) await node.stop();
  rmSync(directory, { recursive: true });
});

test("members elect, commit, lose one, go on, and it comes back with a snapshot", async () => {
  await commit(nodes, "first");
  await agreeOn(nodes, "first");

  const lost = await leaderAmong(nodes);
  const others = nodes.filter((node) => node !== lost);
  const { port } = lost.peer;
  await lost.peer.transport.close();
  // Enough that the lost one's place in the log is gone.
  for (let count = 0; count < 60; count++)
    await commit(others, `without ${count} ${"x".repeat(100)}`);
  await agreeOn(others, `without 59 ${"x".repeat(100)}`);
  expect(lost.state.lines).toEqual(["first"]);
  const behind = lost.member.status().lastIndex;
  await until("the others' logs begin after its end", () =>
    others.every(({ member }) => member.status().compacted.index > behind),
  );

  await lost.listen(port);
  await agreeOn(nodes, `without 59 ${"x".repeat(100)}`);
  await commit(nodes, "last");
  await agreeOn(nodes, "last");
  const [one, two, three] = nodes.map(({ state }) => state.lines);
  expect(two).toEqual(one);
  expect(three).toEqual(one);
  expect(nodes.map(({ member }) => member.status().halted)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
}, 120_000);
