import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  commandEntry,
  describeLogStorage,
  readSnapshot,
  store,
  type LogStorageDisk,
} from "../../../test/kit/log_storage_suite.ts";
import type { Snapshot } from "../../raft/mod.ts";
import { openRaftStorage, type RaftStorage } from "./open.ts";
import type { CommitReport } from "./_protocol.ts";
import { FIRST, openTestStore, temporaryDirectory } from "./_test_store.ts";

/** A disk for the shared suite. */
async function sqliteDisk(inThread: boolean, first: Snapshot | undefined): Promise<LogStorageDisk> {
  const directory = temporaryDirectory();
  let open: RaftStorage | undefined;
  const close = async () => {
    await open?.close();
    open = undefined;
  };
  return {
    close,
    open: async () => {
      const result = await openRaftStorage({
        directory: directory.path,
        id: "a",
        clusterId: "c",
        ...(first !== undefined && { firstSnapshot: first }),
        inThread,
      });
      if (!result.ok) throw new Error(`${result.error.kind}: ${result.error.detail}`);
      open = result.storage;
      return result;
    },
    discard: async () => {
      await close();
      directory[Symbol.dispose]();
    },
  };
}

describeLogStorage("openRaftStorage() in a Worker", (first) => sqliteDisk(false, first));
describeLogStorage("openRaftStorage() in the thread", (first) => sqliteDisk(true, first));

describe("openRaftStorage()", () => {
  test("creates the directories that are missing", async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "a", "b");
    const { storage } = await openTestStore(path);
    await storage.close();
    expect(readdirSync(path).toSorted()).toEqual(["raft.highwater", "raft.lock", "raft.sqlite"]);
  });

  test("opens a store for whoever it belongs to, and says who that is", async () => {
    using directory = temporaryDirectory();
    await (await openTestStore(directory.path)).storage.close();
    const result = await openRaftStorage({ directory: directory.path, inThread: true });
    expect(result).toMatchObject({ ok: true, id: "a", clusterId: "c" });
    if (result.ok) await result.storage.close();
  });

  test("refuses the store of another member or another cluster, and leaves it as it is", async () => {
    using directory = temporaryDirectory();
    const first = await openTestStore(directory.path);
    await first.storage.close();
    const open = (id: string, clusterId: string) =>
      openRaftStorage({ directory: directory.path, id, clusterId, inThread: true });
    expect(await open("b", "c")).toMatchObject({
      ok: false,
      error: { kind: "otherMember", detail: expect.stringContaining('"a", not to "b"') },
    });
    expect(await open("a", "d")).toMatchObject({
      ok: false,
      error: { kind: "otherCluster", detail: expect.stringContaining('"c", not to "d"') },
    });
    const { storage, stored } = await openTestStore(directory.path);
    expect(stored.incarnation).toBe(first.stored.incarnation + 1);
    await storage.close();
  });

  test("does not create a store for nobody, nor anything else", async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "none");
    const result = await openRaftStorage({ directory: path, id: "a" });
    expect(result).toMatchObject({ ok: false, error: { kind: "missing" } });
    expect(existsSync(path)).toBe(false);
  });

  test("takes the first snapshot for a new store only", async () => {
    using directory = temporaryDirectory();
    await (await openTestStore(directory.path)).storage.close();
    const other = { ...FIRST, index: 5 };
    const { storage, stored } = await openTestStore(directory.path, { firstSnapshot: other });
    expect(stored.snapshot).toEqual(FIRST);
    await storage.close();
  });

  test("refuses a directory that is in use, by a Worker or a thread, and takes it once it is free", async () => {
    for (const inThread of [true, false]) {
      using directory = temporaryDirectory();
      const { storage } = await openTestStore(directory.path, { inThread: !inThread });
      const second = await openRaftStorage({ directory: directory.path, inThread });
      expect(second).toMatchObject({ ok: false, error: { kind: "inUse" } });
      await storage.close();
      await (await openTestStore(directory.path, { inThread })).storage.close();
    }
  });

  test("refuses a directory that another process uses", async () => {
    using directory = temporaryDirectory();
    const { storage } = await openTestStore(directory.path);
    const script = `
      import { openRaftStorage } from ${JSON.stringify(new URL("./open.ts", import.meta.url).href)};
      const result = await openRaftStorage({ directory: ${JSON.stringify(directory.path)} });
      console.log(result.ok ? "opened" : result.error.kind);`;
    const child = Bun.spawnSync([process.execPath, "-e", script]);
    expect(child.stdout.toString().trim()).toBe("inUse");
    await storage.close();
  });

  test.each([
    [{ id: "a b" }, '"id" must be a node id, received "a b"'],
    [{ clusterId: "" }, '"clusterId" is empty'],
    [{ firstSnapshot: { ...FIRST, checksum: 1 } }, '"firstSnapshot" does not match'],
  ])("throws for what no store could be created with (%#)", async (options, problem) => {
    const thrown = await openRaftStorage({ directory: "/dev/null/x", ...options }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(RangeError);
    expect(String(thrown)).toContain(problem);
  });

  test("says what it cannot open", async () => {
    const result = await openRaftStorage({ directory: "/dev/null/x", id: "a", clusterId: "c" });
    expect(result).toMatchObject({
      ok: false,
      error: { kind: "cannotOpen", detail: expect.stringContaining("/dev/null/x") },
    });
  });
});

describe("a store", () => {
  test("gathers the writes that come during a commit into the next one", async () => {
    for (const inThread of [true, false]) {
      using directory = temporaryDirectory();
      const reports: CommitReport[] = [];
      const onCommit = (report: CommitReport) => void reports.push(report);
      const { storage } = await openTestStore(directory.path, { inThread, onCommit });
      const writes = Array.from({ length: 500 }, (_, place) =>
        store(storage, { entries: [commandEntry(2 + place, 1)] }),
      );
      await Promise.all(writes);
      expect(reports.reduce((sum, { writes: count }) => sum + count, 0)).toBe(500);
      expect(reports.length).toBeLessThan(250);
      expect(storage.stats).toMatchObject({ commits: reports.length, writes: 500, entries: 500 });
      expect(storage.stats.commitMsSum).toBeGreaterThan(0);
      await storage.close();
    }
  });

  test("does not commit what has nothing in it", async () => {
    using directory = temporaryDirectory();
    const { storage } = await openTestStore(directory.path);
    expect(await store(storage, { entries: [] })).toEqual({ ok: true });
    expect(storage.stats).toMatchObject({ commits: 0, lastCommitMs: 0 });
    const entry = store(storage, { entries: [commandEntry(2, 1)] });
    expect(await store(storage, { entries: [] })).toEqual({ ok: true });
    expect(storage.stats).toMatchObject({ commits: 1, writes: 1 });
    await entry;
    await storage.close();
  });

  test("keeps the write-ahead log short, and loses nothing by it", async () => {
    using directory = temporaryDirectory();
    const { storage } = await openTestStore(directory.path);
    const entries = Array.from({ length: 64 }, (_, place) =>
      commandEntry(2 + place, 1, 256 * 1024),
    );
    for (const entry of entries) await store(storage, { entries: [entry] });
    expect(storage.stats.checkpoints).toBeGreaterThan(2);
    const walBytes = Bun.file(join(directory.path, "raft.sqlite-wal")).size;
    expect(walBytes).toBeLessThan(8 * 1024 * 1024);
    await storage.close();
    const reopened = await openTestStore(directory.path);
    expect(reopened.stored.entries).toEqual(entries);
    await reopened.storage.close();
  });

  test("does what was asked for before it closes, and nothing after", async () => {
    for (const inThread of [true, false]) {
      using directory = temporaryDirectory();
      const { storage } = await openTestStore(directory.path, { inThread });
      const before = store(storage, { entries: [commandEntry(2, 1)] });
      const closing = Promise.all([storage.close(), storage.close()]);
      const after = store(storage, { entries: [commandEntry(3, 1)] });
      expect(await before).toEqual({ ok: true });
      expect(await after).toMatchObject({ ok: false });
      expect(await readSnapshot(storage)).toMatchObject({ ok: false });
      await closing;
      const reopened = await openTestStore(directory.path);
      expect(reopened.stored.entries).toHaveLength(1);
      await reopened.storage.close();
    }
  });

  test("is low on space below the minimum, and not above it", async () => {
    for (const [minFreeBytes, isLow] of [
      [0, false],
      [Number.MAX_SAFE_INTEGER, true],
    ] as const) {
      using directory = temporaryDirectory();
      const { storage } = await openTestStore(directory.path, { minFreeBytes });
      await store(storage, { entries: [commandEntry(2, 1)] });
      expect(storage.isLowOnSpace()).toBe(isLow);
      expect(storage.stats.freeBytes).toBeGreaterThan(0);
      await storage.close();
    }
  });
});
