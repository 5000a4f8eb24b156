/** A history whose file is not what it was: it costs what was in it, and nothing else. */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  change,
  MINUTE_MS,
  NOW_MS,
  openTestHistory,
  phiOf,
  record,
  temporaryDirectory,
} from "./_test_storage.ts";
import { HISTORY_FILE } from "./open.ts";

const TARGETS = Array.from({ length: 200 }, (_, index) => `target${index}`);

/** The bytes of a history that is some hundred pages large. */
async function grownFile(): Promise<Uint8Array> {
  using directory = temporaryDirectory();
  const history = await openTestHistory(directory.path);
  for (let turn = 0; turn < 100; turn++) {
    const nowWallMs = NOW_MS + turn * MINUTE_MS;
    const changes = TARGETS.slice(0, 20).map((target) => change(target, nowWallMs));
    await history.write({ nowWallMs, changes, phi: phiOf(TARGETS, turn) });
  }
  await history.write({ saved: TARGETS.map((target) => record(target, 400)) });
  await history.storage.close();
  return readFileSync(join(directory.path, HISTORY_FILE));
}

/** Whether a history does what it is for, after whatever was done to its file. */
async function goesOn(
  directory: string,
  later = NOW_MS + 200 * MINUTE_MS,
): Promise<readonly string[]> {
  const history = await openTestHistory(directory);
  for (const target of TARGETS.slice(0, 40)) await history.storage.read(queryOf(target));
  const changes = TARGETS.map((target) => change(target, later));
  await history.write({ nowWallMs: later, changes, phi: phiOf(TARGETS, 5) });
  await history.write({ nowWallMs: later, saved: TARGETS.map((target) => record(target, 500)) });
  const { samples } = await history.read("target7", { fromWallMs: later });
  expect(samples.map(({ phi }) => phi)).toEqual([5]);
  await history.storage.close();
  return history.notices;
}

const queryOf = (target: string) => ({
  target,
  fromWallMs: 0,
  toWallMs: 2 * NOW_MS,
  limit: 10_000,
});

describe("a history file that is", () => {
  test.each<[string, (path: string) => void]>([
    ["no database", (path) => writeFileSync(path, "this is no database".repeat(1_000))],
    [
      "another program's",
      (path) => {
        const database = new Database(path);
        database.run("CREATE TABLE mine (a)");
        database.close();
      },
    ],
    [
      "of a later format",
      (path) => {
        const database = new Database(path);
        database.run("PRAGMA application_id = 1885956424");
        database.run("PRAGMA user_version = 2");
        database.run("CREATE TABLE target (id)");
        database.close();
      },
    ],
    [
      "of other tables",
      (path) => {
        const database = new Database(path);
        database.run("PRAGMA application_id = 1885956424");
        database.run("PRAGMA user_version = 1");
        database.run("CREATE TABLE target (id)");
        database.close();
      },
    ],
  ])("%s is put aside, once, and a new one is begun", async (_, make) => {
    using directory = temporaryDirectory();
    const path = join(directory.path, HISTORY_FILE);
    make(path);
    const bytes = readFileSync(path);
    const notices = await goesOn(directory.path);
    expect(notices).toEqual([expect.stringContaining("is put aside as history.sqlite.aside")]);
    expect(readFileSync(`${path}.aside`).equals(bytes)).toBe(true);
    expect(readdirSync(directory.path).toSorted()).toEqual([HISTORY_FILE, `${HISTORY_FILE}.aside`]);
    expect(await goesOn(directory.path, NOW_MS + 300 * MINUTE_MS)).toEqual([]);
  });

  test("empty is begun anew without a word", async () => {
    using directory = temporaryDirectory();
    writeFileSync(join(directory.path, HISTORY_FILE), "");
    expect(await goesOn(directory.path)).toEqual([]);
  });

  test("cut short, or changed anywhere, is of use or is put aside: it never stops anything", async () => {
    const bytes = await grownFile();
    let asideCount = 0;
    for (let round = 0; round < 60; round++) {
      using directory = temporaryDirectory();
      const path = join(directory.path, HISTORY_FILE);
      const place = (round * 7_919 * 104_729) % bytes.length;
      const damaged = Uint8Array.from(bytes);
      if (round % 3 === 0)
        damaged.fill(0, place - (place % 4_096), place - (place % 4_096) + 4_096);
      else damaged.fill(0xa5, place, place + (round % 3 === 1 ? 64 : 1));
      writeFileSync(path, damaged);
      if (round % 10 === 9) truncateSync(path, place);
      const notices = await goesOn(directory.path);
      expect(notices.length).toBeLessThanOrEqual(1);
      expect(existsSync(`${path}.aside`)).toBe(notices.length === 1);
      asideCount += notices.length;
    }
    expect(asideCount).toBeGreaterThan(10);
  }, 60_000);

  test("damaged while it is open is put aside too", async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, HISTORY_FILE);
    writeFileSync(path, await grownFile());
    const history = await openTestHistory(directory.path);
    // Behind SQLite's back; the head stays, so that only the pages are found to be wrong.
    const bytes = Uint8Array.from(readFileSync(path));
    writeFileSync(path, bytes.fill(0xa5, 4_096));
    for (const target of TARGETS) await history.storage.read(queryOf(target));
    await history.write({ phi: phiOf(TARGETS, 3) });
    expect((await history.read("target9")).samples.map(({ phi }) => phi)).toEqual([3]);
    expect(history.notices).toHaveLength(1);
    await history.storage.close();
  });
});
