import { describe, expect, test } from "bun:test";
import { commandEntry, readSnapshot, store } from "../../../test/kit/log_storage_suite.ts";
import type { Entry } from "../../raft/mod.ts";
import type { RaftStorage } from "./open.ts";
import { openTestStore, temporaryDirectory } from "./_test_store.ts";

/** Appends entries of 20 kB until one fails. */
async function fill(storage: RaftStorage): Promise<{ acknowledged: Entry[]; detail: string }> {
  const acknowledged: Entry[] = [];
  for (;;) {
    const entry = commandEntry(2 + acknowledged.length, 1, 20_000);
    const result = await store(storage, { entries: [entry] });
    if (!result.ok) return { acknowledged, detail: result.detail };
    acknowledged.push(entry);
  }
}

async function reopenedEntries(directory: string): Promise<readonly Entry[]> {
  const { storage, stored } = await openTestStore(directory);
  await storage.close();
  return stored.entries;
}

describe("after a failed write", () => {
  test.each([true, false])(
    "nothing is stored any more, and what was stays (inThread: %p)",
    async (inThread) => {
      using directory = temporaryDirectory();
      const { storage } = await openTestStore(directory.path, { inThread, maxPages: 60 });
      const { acknowledged, detail } = await fill(storage);
      expect(detail).toContain("SQLITE_FULL");
      expect(acknowledged.length).toBeGreaterThan(5);
      expect(storage.stats.failure).toBe(detail);
      // Small enough to fit, but there is no second chance.
      const next = 2 + acknowledged.length;
      expect(await store(storage, { entries: [commandEntry(next, 1, 1)] })).toEqual({
        ok: false,
        detail,
      });
      expect(await store(storage, { entries: [] })).toEqual({ ok: false, detail });
      expect(await readSnapshot(storage)).toEqual({ ok: false, detail });
      await storage.close();
      expect(await reopenedEntries(directory.path)).toEqual(acknowledged);
    },
  );

  test("all of its group have failed, and all that came after, in their order", async () => {
    for (const inThread of [true, false]) {
      using directory = temporaryDirectory();
      const { storage } = await openTestStore(directory.path, { inThread });
      await store(storage, { entries: [commandEntry(2, 1)] });
      const finished: string[] = [];
      const writes = [3, 4, 99, 5].map(async (index) => {
        const result = await store(storage, { entries: [commandEntry(index, 1)] });
        finished.push(`${index} ${result.ok}`);
      });
      await Promise.all(writes);
      if (inThread) expect(finished).toEqual(["3 false", "4 false", "99 false", "5 false"]);
      // The Worker may take the first of them up before it has seen the others.
      else expect(finished.map((line) => line.split(" ")[0])).toEqual(["3", "4", "99", "5"]);
      const stored = finished.filter((line) => line.endsWith("true")).length;
      await storage.close();
      expect(await reopenedEntries(directory.path)).toHaveLength(1 + stored);
    }
  });

  test.each([
    ["a gap", { entries: [commandEntry(4, 1)] }],
    ["a term that falls", { entries: [commandEntry(2, 1), commandEntry(3, 0)] }],
    ["entries that a snapshot has", { entries: [commandEntry(1, 1)] }],
    ["a commit index past the end", { hardState: { term: 1, vote: "a", commit: 2 }, entries: [] }],
    ["a term before the log's", { hardState: { term: 0, vote: "a", commit: 1 }, entries: [] }],
    ["compaction past the snapshot", { entries: [commandEntry(2, 1)], compactThrough: 2 }],
  ])("a write with %s is refused, since the next start would refuse it", async (_, write) => {
    using directory = temporaryDirectory();
    const { storage } = await openTestStore(directory.path);
    const result = await store(storage, write);
    expect(result).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/makes no sense|is not in/u),
    });
    await storage.close();
    expect(await reopenedEntries(directory.path)).toEqual([]);
  });
});
