/** Snapshots: streamed beside the log, whole or not at all, and each with one end. */
import { afterEach, expect, test } from "bun:test";
import {
  createSnapshot,
  membershipOf,
  RAFT_FORMAT_VERSION,
  type MessageOf,
} from "../../src/raft/mod.ts";
import { Proxy } from "./_proxy.ts";
import { CLUSTER, QUICK, SECRET, startPeer, stopPeers, type TestPeer, until } from "./_world.ts";

afterEach(stopPeers);

const MIB = 1024 * 1024;

function snapshotOf(from: string, to: string, bytes: number): MessageOf<"installSnapshot"> {
  const data = new Uint8Array(bytes);
  for (let place = 0; place < bytes; place += 97) data[place] = place;
  const membership = membershipOf([{ id: from, address: "127.0.0.1:1" }]);
  const snapshot = createSnapshot(9, 1, membership, data);
  const envelope = { clusterId: CLUSTER, version: RAFT_FORMAT_VERSION, from, to, term: 1 };
  return { ...envelope, kind: "installSnapshot", snapshot };
}

/** Every call of `done`. */
function send(from: TestPeer, message: MessageOf<"installSnapshot">): boolean[] {
  const ends: boolean[] = [];
  from.transport.sendSnapshot(message, (ok) => ends.push(ok));
  expect(ends).toEqual([]);
  return ends;
}

const installed = ({ messages }: TestPeer) =>
  messages.filter((message) => message.kind === "installSnapshot");

for (const auth of [{ mode: "none" } as const, SECRET]) {
  test(`${auth.mode}: 50 MiB arrive whole, and the log goes on meanwhile`, async () => {
    const [a, b] = [await startPeer("a", { auth }), await startPeer("b", { auth })];
    a.knows(b);
    b.knows(a);
    await until("connected", () => a.stats("b").isConnected);
    const message = snapshotOf("a", "b", 50 * MIB);
    const ends = send(a, message);
    let said = 0;
    while (ends.length === 0) {
      a.say("b", ++said);
      await Bun.sleep(0);
    }
    a.say("b", ++said);
    await until("all messages have come", () => b.messages.length === said + 1);
    expect(ends).toEqual([true]);
    const at = b.messages.findIndex(({ kind }) => kind === "installSnapshot");
    // By place, not by time: it did not hold up what was sent after it began.
    expect(at).toBeGreaterThan(10);
    const log = b.messages.filter(({ kind }) => kind !== "installSnapshot");
    expect(log.map(({ term }) => term)).toEqual(Array.from({ length: said }, (_, n) => n + 1));
    const [received] = installed(b);
    expect(received!.snapshot.index).toBe(9);
    expect(Buffer.compare(received!.snapshot.data, message.snapshot.data)).toBe(0);
  }, 30_000);
}

test("two snapshots to different peers do not depend on each other", async () => {
  const [a, b, c] = [await startPeer("a"), await startPeer("b"), await startPeer("c")];
  const proxy = await Proxy.start(() => b.port);
  a.knowsAt(
    new Map([
      ["b", proxy.address],
      ["c", c.address],
    ]),
  );
  b.knows(a);
  c.knows(a);
  proxy.freeze();
  const toB = send(a, snapshotOf("a", "b", 8 * MIB));
  const toC = send(a, snapshotOf("a", "c", 8 * MIB));
  await until("c has it", () => toC.length > 0);
  expect(toC).toEqual([true]);
  expect(installed(c)).toHaveLength(1);
  await until("b is given up", () => toB.length > 0);
  expect(toB).toEqual([false]);
  proxy.stop();
});

test("a snapshot whose connection breaks has failed, once, and delivers nothing", async () => {
  // So that only the break can tell.
  const limits = { ...QUICK, silenceMs: 600_000, snapshotSilenceMs: 600_000 };
  const [a, b] = [await startPeer("a", { limits }), await startPeer("b")];
  const proxy = await Proxy.start(() => b.port);
  a.knowsAt(new Map([["b", proxy.address]]));
  b.knows(a);
  const ends = send(a, snapshotOf("a", "b", 50 * MIB));
  await until("it is under way", () => a.stats("b").bytesOut > MIB);
  proxy.cut();
  await until("it has ended", () => ends.length > 0);
  proxy.cut(false);
  await until("connected again", () => a.stats("b").isConnected);
  expect(ends).toEqual([false]);
  expect(installed(b)).toEqual([]);
  // The next attempt works.
  const again = send(a, snapshotOf("a", "b", MIB));
  await until("it has ended too", () => again.length > 0);
  expect(again).toEqual([true]);
  expect(ends).toEqual([false]);
  proxy.stop();
});

test("a snapshot that makes no progress has failed in time, however much was taken", async () => {
  const limits = { ...QUICK, silenceMs: 600_000 };
  const [a, b] = [await startPeer("a", { limits }), await startPeer("b")];
  const proxy = await Proxy.start(() => b.port);
  a.knowsAt(new Map([["b", proxy.address]]));
  b.knows(a);
  await until("connected", () => a.stats("b").isConnected);
  const { bytesOut } = a.stats("b");
  const ends = send(a, snapshotOf("a", "b", 50 * MIB));
  await until("it is under way", () => a.stats("b").bytesOut > bytesOut + MIB);
  proxy.freeze();
  await until("it has ended", () => ends.length > 0);
  expect(ends).toEqual([false]);
  proxy.stop();
});

test("a snapshot for nobody, for one who is removed, and at the end have failed, once", async () => {
  const [a, b] = [await startPeer("a"), await startPeer("b")];
  const toNobody = send(a, snapshotOf("a", "nobody", 10));
  await until("it has ended", () => toNobody.length > 0);
  expect(toNobody).toEqual([false]);

  const proxy = await Proxy.start(() => b.port);
  proxy.freeze();
  a.knowsAt(new Map([["b", proxy.address]]));
  const toRemoved = send(a, snapshotOf("a", "b", MIB));
  a.knowsAt(new Map([["a", a.address]]));
  expect(toRemoved).toEqual([false]);

  a.knowsAt(new Map([["b", proxy.address]]));
  const atTheEnd = send(a, snapshotOf("a", "b", MIB));
  await a.transport.close();
  expect(atTheEnd).toEqual([false]);
  const afterTheEnd = send(a, snapshotOf("a", "b", MIB));
  await until("it has ended", () => afterTheEnd.length > 0);
  expect(toNobody.concat(toRemoved, atTheEnd, afterTheEnd)).toEqual([false, false, false, false]);
  proxy.stop();
});

test("a snapshot over the receiver's bound is refused with the reason", async () => {
  const limits = { ...QUICK, maxSnapshotBytes: MIB };
  const [a, b] = [await startPeer("a"), await startPeer("b", { limits })];
  a.knows(b);
  b.knows(a);
  const ends = send(a, snapshotOf("a", "b", 2 * MIB));
  await until("it has ended", () => ends.length > 0);
  expect(ends).toEqual([false]);
  expect(a.stats("b").lastRefusal).toContain(`is over the bound of ${MIB}`);
  expect(installed(b)).toEqual([]);
});
