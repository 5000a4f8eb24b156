import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRaftStorage } from "../bun/mod.ts";
import { makeTarget } from "../../test/kit/target.ts";
import { firstSnapshot, membershipOf, SessionStateMachine } from "../raft/mod.ts";
import { ClusterMachine, ConfigMachine, foundingState, type Silence } from "../store/mod.ts";
import { runRecover, type RecoverArguments } from "./recover.ts";

let folder = "";
let said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "phi-recover-"));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (options: Parameters<typeof openRaftStorage>[0]) =>
  openRaftStorage({ ...options, inThread: true });
const random = Math.random;
const output = { data: (line: string) => said.push(line), say: (line: string) => said.push(line) };
const recover = (flags: Partial<RecoverArguments> = {}) =>
  runRecover(
    { forceNewCluster: true, datadir: join(folder, "old"), into: join(folder, "new"), ...flags },
    { openRaftStorage: open, random, output },
  );

/** One of three, with a config of two targets. */
async function leaveOneOfThree(
  state = foundingState([makeTarget({ name: "one" }), makeTarget({ name: "two" })]),
): Promise<void> {
  const members = ["a", "b", "c"].map((id) => ({ id, address: `${id}:7000` }));
  const opened = await open({
    directory: join(folder, "old"),
    id: "b",
    clusterId: "lost",
    firstSnapshot: firstSnapshot(membershipOf(members), state),
  });
  if (!opened.ok) throw new Error(opened.error.detail);
  await opened.storage.close();
}

test("a new cluster of one has the config of the old one, under another name", async () => {
  await leaveOneOfThree();
  expect(await recover()).toBe(0);
  const opened = await open({ directory: join(folder, "new") });
  if (!opened.ok) throw new Error(opened.error.detail);
  const { stored, id, clusterId, storage } = opened;
  await storage.close();
  expect(id).toBe("b");
  expect(clusterId).not.toBe("lost");
  expect(stored.snapshot!.membership).toEqual(membershipOf([{ id: "b", address: "b:7000" }]));
  const machine = new ConfigMachine();
  expect(new SessionStateMachine(machine).restore(stored.snapshot!.data)).toEqual({ ok: true });
  expect([...machine.readLocal().targets.keys()]).toEqual(["one", "two"]);
  expect(said.join("\n")).toContain("2 targets");
});

test("silences, and what is owed to whom, come along", async () => {
  const silence: Silence = {
    id: "s",
    matchers: [{ name: "target", isEqual: true, pattern: "one" }],
    startsWallMs: 0,
    endsWallMs: 1,
    author: "me",
    comment: "why",
    createdWallMs: 0,
  };
  const old = new ClusterMachine();
  old.alerts.replace({
    ...old.alerts.readLocal(),
    nextNumber: 7,
    silences: new Map([["s", silence]]),
  });
  await leaveOneOfThree(new SessionStateMachine(old).snapshot());
  expect(await recover()).toBe(0);
  const opened = await open({ directory: join(folder, "new") });
  if (!opened.ok) throw new Error(opened.error.detail);
  await opened.storage.close();
  const machine = new ClusterMachine();
  new SessionStateMachine(machine).restore(opened.stored.snapshot!.data);
  expect(machine.alerts.readLocal()).toEqual(old.alerts.readLocal());
});

test("the old directory is as it was, and a second time needs another place", async () => {
  await leaveOneOfThree();
  expect(await recover()).toBe(0);
  expect(await recover()).toBe(1);
  expect(said.at(-1)).toContain("has data already");
  expect(await recover({ into: join(folder, "newer"), id: "z" })).toBe(0);
});

test("it has to be meant, and there has to be something", async () => {
  expect(await recover({ forceNewCluster: false })).toBe(2);
  expect(said.at(-1)).toContain("--force-new-cluster");
  expect(await recover()).toBe(1);
  expect(said.at(-1)).toContain("there is no data in");
  expect(await recover({ id: "not an id" })).toBe(2);
});

test("its peers have to be able to read where they are to come", async () => {
  await leaveOneOfThree();
  expect(await recover({ raftAdvertise: { host: "my host", port: 7_000 } })).toBe(2);
  expect(said).toEqual([expect.stringContaining('--raft-advertise "my host:7000" is no address')]);
  expect(await recover({ raftAdvertise: { host: "::1", port: 7_000 } })).toBe(0);
});
