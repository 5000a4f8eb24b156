/**
 * A cluster is updated one member after the other, to a version that speaks the next format too: nothing that
 * was acknowledged is lost, and writes go on. One that speaks only formats that nobody else does is refused.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PEER_VERSIONS, type PeerVersions } from "../../src/peer/mod.ts";
import { agreeOn, commit, PeerMember } from "./_member.ts";
import { until } from "./_world.ts";

const { wire, raft } = PEER_VERSIONS;
/** What the next version will say of itself, and one that has forgotten this one's formats. */
const NEXT: PeerVersions = {
  wire: { min: wire.min, max: wire.max + 1 },
  raft: { min: raft.min, max: raft.max + 1 },
};
const FAR: PeerVersions = {
  wire: { min: wire.max + 1, max: wire.max + 1 },
  raft: { min: raft.max + 1, max: raft.max + 1 },
};

const directory = mkdtempSync(join(tmpdir(), "phi-upgrade-"));
let nodes: PeerMember[] = [];
const addresses = new Map<string, string>();
const ports = new Map<string, number>();

beforeAll(async () => {
  nodes = ["a", "b", "c"].map((id) => new PeerMember(id));
  for (const node of nodes) {
    await node.listen();
    addresses.set(node.id, node.peer.address);
    ports.set(node.id, node.peer.port);
  }
  for (const node of nodes) await node.join(join(directory, node.id), addresses);
});
afterAll(async () => {
  for (const node of nodes) await node.stop();
  rmSync(directory, { recursive: true });
});

/** Stops a member, and starts what takes its place on its data. */
async function replace(
  old: PeerMember,
  versions: PeerVersions,
  stateFormat = 1,
): Promise<PeerMember> {
  await old.stop();
  const node = new PeerMember(old.id, versions, stateFormat);
  await node.listen(ports.get(old.id));
  await node.join(join(directory, old.id), addresses);
  nodes = nodes.map((one) => (one === old ? node : one));
  return node;
}

test("three are updated one after the other, under writes", async () => {
  await commit(nodes, "before");
  for (const old of nodes) {
    const { id } = old;
    await commit(nodes, `while ${id} is old`);
    // Who is not updated yet is known for it: until all are, nobody writes what some cannot read.
    const [witness] = nodes.filter((node) => node !== old);
    await until("it is known to read the first format", () => witness!.stateFormats[id] === 1);
    await replace(old, NEXT, 2);
    await until("it is known to read the next", () => witness!.stateFormats[id] === 2);
    await commit(nodes, `since ${id} is new`);
    await agreeOn(nodes, `since ${id} is new`);
  }
  const [one, ...others] = nodes.map(({ state }) => state.lines);
  for (const lines of others) expect(lines).toEqual(one!);
  expect(one!.filter((line) => line.startsWith("since"))).toHaveLength(3);
}, 120_000);

test("one that has no format in common is refused with a sentence, and the others go on", async () => {
  // Both: one of the next version would have a format in common with it.
  for (const old of nodes.slice(0, 2)) await replace(old, { wire, raft });
  await commit(nodes, "together");
  await agreeOn(nodes, "together");
  const far = await replace(nodes[2]!, FAR);
  await until("it says why nobody hears it", () =>
    far.peer.transport
      .stats()
      .peers.some(({ lastRefusal }) => lastRefusal?.includes("Update") ?? false),
  );
  const others = nodes.filter((node) => node !== far);
  await commit(others, "without it");
  await agreeOn(others, "without it");
  expect(far.state.lines).not.toContain("without it");
}, 120_000);
