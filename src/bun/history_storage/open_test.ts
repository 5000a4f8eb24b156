import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { HistoryPage } from "../../history/mod.ts";
import {
  bytesOnDisk,
  change,
  DAY_MS,
  MINUTE_MS,
  NOW_MS,
  openTestHistory,
  phiOf,
  record,
  temporaryDirectory,
} from "./_test_storage.ts";
import { HISTORY_FILE, openHistoryStorage } from "./open.ts";

describe("a history", () => {
  test.each([true, false])(
    "tells what it was given, in order, of each target its own (inThread: %p)",
    async (inThread) => {
      using directory = temporaryDirectory();
      const { storage, write, read } = await openTestHistory(directory.path, { inThread });
      const combined = change("a", NOW_MS - 500, { scope: "combined", to: "partial", phi: null });
      await write({ changes: [change("a", NOW_MS), change("b", NOW_MS), combined] });
      await write({ phi: phiOf(["a", "b"], 0.25, 8.5) });
      await write({ nowWallMs: NOW_MS + MINUTE_MS, phi: phiOf(["a"], 3) });
      expect(await read("a")).toEqual({
        isKnown: true,
        changes: [combined, change("a", NOW_MS)],
        samples: [
          { atWallMs: NOW_MS, phi: 0.25, peakPhi: 8.5 },
          { atWallMs: NOW_MS + MINUTE_MS, phi: 3, peakPhi: 3 },
        ],
        nextFromWallMs: null,
      });
      expect((await read("b")).samples).toHaveLength(1);
      expect(await read("c")).toMatchObject({ isKnown: false, changes: [], samples: [] });
      await storage.close();
    },
  );

  test("is the same after it was closed and opened again", async () => {
    using directory = temporaryDirectory();
    const first = await openTestHistory(directory.path);
    await first.write({ changes: [change("a", NOW_MS)], phi: phiOf(["a"], 1) });
    const told = await first.read("a");
    await first.storage.close();
    expect(readdirSync(directory.path)).toEqual([HISTORY_FILE]);
    const second = await openTestHistory(directory.path);
    expect(await second.read("a")).toEqual(told);
    await second.storage.close();
  });

  test("is told page by page, without a gap or a repetition", async () => {
    using directory = temporaryDirectory();
    const { storage, write, read } = await openTestHistory(directory.path);
    for (let minute = 0; minute < 200; minute++) {
      const nowWallMs = NOW_MS + minute * MINUTE_MS;
      const changes = minute % 7 === 0 ? [change("a", nowWallMs), change("a", nowWallMs)] : [];
      await write({ nowWallMs, changes, phi: phiOf(["a", "b"], minute) });
    }
    const whole = await read("a");
    expect([whole.changes.length, whole.samples.length]).toEqual([58, 200]);
    for (const limit of [1, 3, 50]) {
      const pages: HistoryPage[] = [];
      for (let fromWallMs: number | null = 0; fromWallMs !== null;) {
        const page = await read("a", { fromWallMs, limit });
        pages.push(page);
        fromWallMs = page.nextFromWallMs;
      }
      expect(pages.flatMap(({ changes }) => changes)).toEqual([...whole.changes]);
      expect(pages.flatMap(({ samples }) => samples)).toEqual([...whole.samples]);
    }
    const range = { fromWallMs: NOW_MS + 10 * MINUTE_MS, toWallMs: NOW_MS + 12 * MINUTE_MS };
    expect((await read("a", range)).samples.map(({ phi }) => phi)).toEqual([10, 11]);
    await storage.close();
  });

  test("still tells of a target that is gone, and gives its number to nobody else", async () => {
    using directory = temporaryDirectory();
    const { storage, write, read } = await openTestHistory(directory.path);
    await write({ changes: [change("a", NOW_MS)], saved: [record("a", 9)] });
    await write({ forgotten: ["a", "never"] });
    expect((await read("a")).changes).toHaveLength(1);
    // A week later nothing is left of it, and its name is free.
    await write({ nowWallMs: NOW_MS + 9 * DAY_MS, changes: [change("b", NOW_MS + 9 * DAY_MS)] });
    expect(await read("a")).toMatchObject({ isKnown: false });
    expect(await read("b")).toMatchObject({ isKnown: true });
    await write({ nowWallMs: NOW_MS + 9 * DAY_MS, phi: phiOf(["c"], 1) });
    expect((await read("c")).changes).toEqual([]);
    await storage.close();
  });

  test("does what was asked for before it closes, and nothing after", async () => {
    for (const inThread of [true, false]) {
      using directory = temporaryDirectory();
      const { storage, tryToWrite } = await openTestHistory(directory.path, { inThread });
      const before = tryToWrite({ changes: [change("a", NOW_MS)] });
      const closing = Promise.all([storage.close(), storage.close()]);
      const after = tryToWrite({ changes: [change("a", NOW_MS)] });
      const read = storage.read({ target: "a", fromWallMs: 0, toWallMs: NOW_MS, limit: 1 });
      expect(await before).toEqual({ ok: true });
      expect(await after).toEqual({ ok: false, detail: "it is closed" });
      expect(await read).toMatchObject({ ok: false, detail: expect.stringContaining("closed") });
      await closing;
      const again = await openTestHistory(directory.path);
      expect((await again.read("a")).changes).toHaveLength(1);
      await again.storage.close();
    }
  });

  test("refuses more questions than anybody would wait for", async () => {
    using directory = temporaryDirectory();
    const { storage } = await openTestHistory(directory.path);
    const query = { target: "a", fromWallMs: 0, toWallMs: 1, limit: 1 };
    const results = await Promise.all(Array.from({ length: 50 }, () => storage.read(query)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(32);
    expect(results.at(-1)).toEqual({
      ok: false,
      detail: "The history cannot be read: too many read it already.",
    });
    await storage.close();
  });
});

describe("saved watches", () => {
  test("are handed to the next process, each as it was saved last", async () => {
    using directory = temporaryDirectory();
    for (const inThread of [true, false]) {
      const first = await openTestHistory(directory.path, { inThread });
      await first.write({ saved: [record("a", 400, 1), record("b", 25_000), record("c", 1)] });
      await first.write({ saved: [record("a", 500, 2)], forgotten: ["c"] });
      await first.storage.close();
      const second = await openTestHistory(directory.path, { inThread });
      const found = second.saved.toSorted((a, b) => (a.target < b.target ? -1 : 1));
      expect(found.map(({ target, bytes }) => [target, bytes.length, bytes[0]])).toEqual([
        ["a", 500, 2],
        ["b", 25_000, 7],
      ]);
      await second.storage.close();
    }
  });

  test("are not, if they are older than a day, and go out then", async () => {
    using directory = temporaryDirectory();
    const first = await openTestHistory(directory.path);
    await first.write({ saved: [record("a", 9), record("b", 9)] });
    const later = NOW_MS + DAY_MS + 1;
    await first.write({ nowWallMs: later, saved: [record("b", 9)] });
    await first.storage.close();
    const second = await openTestHistory(directory.path, { nowWallMs: later });
    expect(second.saved.map(({ target }) => target)).toEqual(["b"]);
    await second.storage.close();
  });
});

describe("a history that cannot be kept", () => {
  test.each([true, false])(
    "loses what it is given, and says why (inThread: %p)",
    async (inThread) => {
      using directory = temporaryDirectory();
      mkdirSync(join(directory.path, HISTORY_FILE));
      const history = await openTestHistory(directory.path, { inThread });
      expect(history.saved).toEqual([]);
      for (let attempt = 0; attempt < 2; attempt++) {
        expect(await history.tryToWrite({ changes: [change("a", NOW_MS)] })).toEqual({
          ok: false,
          detail: expect.stringContaining("SQLITE_CANTOPEN"),
        });
      }
      const query = { target: "a", fromWallMs: 0, toWallMs: NOW_MS, limit: 1 };
      expect(await history.storage.read(query)).toEqual({
        ok: false,
        detail: expect.stringContaining("The history cannot be read: unable to open"),
      });
      // Once there is a place for it, it is kept there.
      rmSync(join(directory.path, HISTORY_FILE), { recursive: true });
      const later = NOW_MS + 2 * MINUTE_MS;
      await history.write({ nowWallMs: later, changes: [change("a", later)] });
      expect((await history.read("a")).changes).toHaveLength(1);
      await history.storage.close();
    },
  );

  test("for want of any room is refused when it is opened", () => {
    for (const limits of [
      { maxAgeMs: 0, maxBytes: 2 ** 20 },
      { maxAgeMs: 1, maxBytes: 2 ** 20 - 1 },
    ]) {
      const options = { directory: "/nowhere", nowWallMs: NOW_MS, onNotice: () => {} };
      expect(() => openHistoryStorage({ ...options, limits })).toThrow(RangeError);
    }
  });

  test("says how large it is", async () => {
    using directory = temporaryDirectory();
    const { storage, write } = await openTestHistory(directory.path);
    await write({ changes: [change("a", NOW_MS)] });
    await write({});
    expect(storage.sizeBytes).toBe(bytesOnDisk(directory.path));
    expect(storage.sizeBytes).toBeGreaterThan(4_096);
    await storage.close();
  });
});
