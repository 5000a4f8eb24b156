/**
 * What becomes of a store whose files were changed behind its back: it opens with just what was
 * acknowledged, or not at all. The damage is done to images, copies of the files of a store.
 */
import { Database } from "bun:sqlite";
import { beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { commandEntry, store } from "../../../test/kit/log_storage_suite.ts";
import { createSnapshot, type StoredState } from "../../raft/mod.ts";
import type { RaftStorageResult } from "./open.ts";
import {
  FIRST,
  imageOf,
  layOut,
  openImage,
  openTestStore,
  temporaryDirectory,
  type StoreImage,
} from "./_test_store.ts";

interface Images {
  /** As a killed process leaves it. */
  readonly killed: StoreImage;
  /** As a power cut may: the high-water mark is as of some commits ago. */
  readonly cut: StoreImage;
  /** After it was closed. */
  readonly closed: StoreImage;
}

let images: Images;
let stored: StoredState;
const LAST_INDEX = 47;

beforeAll(async () => {
  using directory = temporaryDirectory();
  const { storage } = await openTestStore(directory.path);
  let old: StoreImage = new Map();
  for (let index = 2; index <= LAST_INDEX; index++) {
    const hardState = { term: index, vote: "a", commit: index - 1 };
    // Some are too large for one page.
    const bytes = index % 7 === 0 ? 6_000 : 100;
    await store(storage, { hardState, entries: [commandEntry(index, index, bytes)] });
    if (index === 20) {
      const snapshot = createSnapshot(15, 15, FIRST.membership, new Uint8Array(9_000).fill(20));
      await store(storage, { snapshot, entries: [], compactThrough: 12 });
    }
    if (index === LAST_INDEX - 8) old = imageOf(directory.path);
  }
  const killed = imageOf(directory.path);
  await storage.close();
  const mark = old.get("raft.highwater")!;
  images = {
    killed,
    cut: new Map([...killed, ["raft.highwater", mark]]),
    closed: imageOf(directory.path),
  };
  const opened = await openImage(images.closed);
  if (!opened.ok) throw new Error(opened.error.detail);
  stored = opened.stored;
});

function changed(
  image: StoreImage,
  name: string,
  change: (bytes: Uint8Array) => Uint8Array | void,
) {
  const bytes = Uint8Array.from(image.get(name)!);
  return new Map([...image, [name, change(bytes) ?? bytes]]);
}

/** Changes the database by SQL, as nobody should. */
async function tampered(sql: string): Promise<RaftStorageResult> {
  using directory = temporaryDirectory();
  layOut(images.closed, directory.path);
  const database = new Database(join(directory.path, "raft.sqlite"));
  database.run(sql);
  database.close(true);
  return await openImage(imageOf(directory.path));
}

function without(image: StoreImage, name: string): StoreImage {
  return new Map([...image].filter(([other]) => other !== name));
}

function refusal(detail: string) {
  return { ok: false, error: { kind: "damaged", detail: expect.stringContaining(detail) } };
}

describe("no damage", () => {
  test("a store whose process was killed opens with all that was acknowledged", async () => {
    for (const image of [images.killed, images.cut]) {
      const opened = await openImage(image);
      expect(opened).toMatchObject({ ok: true, stored });
    }
    expect(stored.entries.at(-1)!.index).toBe(LAST_INDEX);
  });

  test("a transaction that a crash cut short is dropped: nobody was told of it", async () => {
    using directory = temporaryDirectory();
    const { storage } = await openTestStore(directory.path);
    await store(storage, { entries: [commandEntry(2, 1)] });
    const before = imageOf(directory.path);
    await store(storage, { entries: [commandEntry(3, 1, 20_000)] });
    const after = imageOf(directory.path);
    const [shorter, longer] = [before, after].map((image) => image.get("raft.sqlite-wal")!.length);
    for (const part of [0.1, 0.5, 0.9]) {
      const length = Math.floor(shorter! + part * (longer! - shorter!));
      const image = new Map([
        ...before,
        ["raft.sqlite-wal", after.get("raft.sqlite-wal")!.slice(0, length)],
      ]);
      const opened = await openImage(image);
      expect(opened.ok && opened.stored.entries).toEqual([commandEntry(2, 1)]);
      // Its pages may have reached the disk in any order, too.
      const reordered = changed(after, "raft.sqlite-wal", (bytes) =>
        bytes.fill(0, shorter, length),
      );
      const reopened = await openImage(
        new Map([...reordered, ["raft.highwater", before.get("raft.highwater")!]]),
      );
      expect(reopened.ok && reopened.stored.entries).toEqual([commandEntry(2, 1)]);
    }
    await storage.close();
  });

  test("nothing of the last run's write-ahead log is left for this one's to be mixed up with", async () => {
    using directory = temporaryDirectory();
    layOut(images.killed, directory.path);
    const { storage } = await openTestStore(directory.path);
    expect(statSync(join(directory.path, "raft.sqlite-wal")).size).toBe(0);
    await storage.close();
  });

  test("an attempt to create a store that was cut short is begun again", async () => {
    const suffixes = ["sqlite.new", "sqlite.new-wal", "sqlite.new-journal", "highwater.new"];
    for (const leftOver of suffixes.map((suffix) => `raft.${suffix}`)) {
      using directory = temporaryDirectory();
      layOut(new Map([[leftOver, new Uint8Array(100).fill(1)]]), directory.path);
      const { storage, stored: found } = await openTestStore(directory.path);
      expect(found.snapshot).toEqual(FIRST);
      await storage.close();
    }
  });
});

describe("damage is refused, and named by file, table and row:", () => {
  test.each([
    [
      "DELETE FROM log WHERE log_index = 30",
      "raft.sqlite, table log, row 31: it follows on row 29",
    ],
    ["DELETE FROM log WHERE log_index = 47", "table log: it ends at row 46, and ended at 47"],
    ["DELETE FROM log WHERE log_index = 13", "table log, row 14: it follows on row 12"],
    ["UPDATE log SET body = x'01' WHERE log_index = 30", "table log, row 30: its checksum"],
    ["UPDATE log SET term = 31 WHERE log_index = 30", "table log, row 30: its checksum"],
    ["UPDATE log SET checksum = 1 WHERE log_index = 30", "table log, row 30: its checksum"],
    ["UPDATE state SET commit_index = 3", "table state, row 1: its checksum"],
    ["UPDATE state SET vote = NULL", "table state, row 1: its checksum"],
    ["DELETE FROM state", "table state: row 1 is missing"],
    ["UPDATE snapshot SET data = x'00'", "table snapshot, row 1: the checksum of its data"],
    ["UPDATE snapshot SET term = 3", "table snapshot, row 1: its checksum"],
    ["DELETE FROM snapshot", "table snapshot, row 1: it is missing"],
    ["UPDATE identity SET node = 'b'", "table identity, row 1: its checksum"],
    ["DELETE FROM identity", "table identity: row 1 is missing"],
    ["DROP TABLE log", "table log is missing or is changed"],
    ["CREATE TABLE more (x)", '"more" is none of its tables'],
    ["PRAGMA application_id = 5", "header: it is not marked as a Raft store"],
  ])("%s", async (sql, detail) => {
    const result = await tampered(sql);
    expect(result).toMatchObject(refusal(detail));
    if (!result.ok) expect(result.error.remedy).toContain("--join");
  });

  test.each([
    [
      "the last row",
      "table log, row 3: it is not the one that was stored last",
      [commandEntry(3, 2)],
    ],
    [
      "a row before the last",
      "table log, row 4: its checksum does not match",
      [commandEntry(3, 2), commandEntry(4, 2)],
    ],
  ])("%s is an earlier version of itself, and intact", async (_, detail, replacing) => {
    using directory = temporaryDirectory();
    const { storage } = await openTestStore(directory.path);
    await store(storage, { entries: [commandEntry(2, 1), commandEntry(3, 1)] });
    await storage.close();
    const early = new Database(join(directory.path, "raft.sqlite"));
    const row = early
      .query<{ body: Uint8Array; checksum: number }, []>("SELECT * FROM log WHERE log_index = 3")
      .get()!;
    early.close(true);
    const again = await openTestStore(directory.path);
    const hardState = { term: 2, vote: undefined, commit: 1 };
    await store(again.storage, { hardState, entries: replacing });
    await again.storage.close();
    const database = new Database(join(directory.path, "raft.sqlite"));
    database.run("UPDATE log SET term = 1, body = ?, checksum = ? WHERE log_index = 3", [
      row.body,
      row.checksum,
    ]);
    database.close(true);
    expect(await openImage(imageOf(directory.path))).toMatchObject(refusal(detail));
  });

  test("a page that is in use and in the list of free pages, so that the next write would overwrite it", async () => {
    const image = changed(images.closed, "raft.sqlite", (bytes) => {
      const header = new DataView(bytes.buffer);
      header.setUint32(32, 4);
      header.setUint32(36, 1);
    });
    expect(await openImage(image)).toMatchObject(refusal("SQLite finds its pages damaged"));
  });

  test("a format that this version does not know is refused as that", async () => {
    expect(await tampered("PRAGMA user_version = 2")).toMatchObject({
      ok: false,
      error: { kind: "unknownFormat", detail: expect.stringContaining("format version 2") },
    });
  });

  test("files that are missing, empty, foreign or from another time", async () => {
    const { killed, closed } = images;
    const cases: [StoreImage, string][] = [
      [without(killed, "raft.sqlite"), "raft.sqlite: it is missing, though"],
      [without(closed, "raft.sqlite"), "raft.sqlite: it is missing, though"],
      [without(closed, "raft.highwater"), "raft.highwater: it is missing"],
      [without(killed, "raft.sqlite-wal"), "acknowledged commits are missing"],
      [
        changed(killed, "raft.sqlite-wal", () => new Uint8Array()),
        "acknowledged commits are missing",
      ],
      [changed(killed, "raft.sqlite", () => new Uint8Array()), "raft.sqlite: it is empty"],
      [changed(closed, "raft.sqlite", (bytes) => bytes.fill(0x55)), "not a database"],
      [changed(closed, "raft.highwater", (bytes) => bytes.fill(0)), "neither of its two records"],
    ];
    for (const [image, detail] of cases)
      expect(await openImage(image)).toMatchObject(refusal(detail));
    using other = temporaryDirectory();
    await (await openTestStore(other.path)).storage.close();
    const mixed = new Map([
      ...closed,
      ["raft.highwater", imageOf(other.path).get("raft.highwater")!],
    ]);
    expect(await openImage(mixed)).toMatchObject(refusal("it belongs to another store"));
  });

  test("an older copy of the database", async () => {
    using directory = temporaryDirectory();
    await (await openTestStore(directory.path)).storage.close();
    const old = imageOf(directory.path).get("raft.sqlite")!;
    const { storage } = await openTestStore(directory.path);
    await store(storage, { entries: [commandEntry(2, 1)] });
    await storage.close();
    const image = new Map([...imageOf(directory.path), ["raft.sqlite", old]]);
    expect(await openImage(image)).toMatchObject(refusal("the last 2 of 4 acknowledged commits"));
  });

  test("a flipped bit in the middle of the write-ahead log, which SQLite would take for its end", async () => {
    const image = changed(images.cut, "raft.sqlite-wal", (bytes) => {
      bytes[bytes.length >> 1]! ^= 1;
    });
    expect(await openImage(image)).toMatchObject(refusal("though a later transaction follows it"));
  });
});

/** One change to one of the files; the places are shares of its length. */
const arbitraryDamage = fc.record({
  kind: fc.constantFrom("flip", "flip", "flip", "overwrite", "cut", "zero"),
  file: fc.nat(2),
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  value: fc.nat(255),
});

function damagedBy(
  image: StoreImage,
  damage: typeof arbitraryDamage extends fc.Arbitrary<infer D> ? D : never,
) {
  const name = [...image.keys()][damage.file % image.size]!;
  return changed(image, name, (bytes) => {
    const place = Math.floor(damage.place * bytes.length);
    if (damage.kind === "cut") return bytes.slice(0, place);
    if (damage.kind === "zero") return bytes.fill(0, place & ~511, (place & ~511) + 512);
    bytes[place] =
      damage.kind === "flip" ? bytes[place]! ^ (1 << (damage.value & 7)) : damage.value;
    return bytes;
  });
}

describe("whatever byte is changed, and wherever a file is cut off", () => {
  test.each(["killed", "closed"] as const)(
    "a %s store has all that was acknowledged, or is refused",
    async (which) => {
      await fc.assert(
        fc.asyncProperty(arbitraryDamage, async (damage) => {
          const opened = await openImage(damagedBy(images[which], damage));
          if (opened.ok)
            expect({ ...opened.stored, incarnation: 0 }).toEqual({ ...stored, incarnation: 0 });
          else expect(["damaged", "unknownFormat"]).toContain(opened.error.kind);
        }),
        { numRuns: 150 },
      );
    },
    60_000,
  );

  test("after a power cut no more is lost unseen than the mark was behind, and only off the end", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryDamage, async (damage) => {
        const opened = await openImage(damagedBy(images.cut, damage));
        if (!opened.ok) return;
        const { entries } = opened.stored;
        expect(entries.at(-1)!.index).toBeGreaterThanOrEqual(LAST_INDEX - 8);
        // Cutting the file is the one way to lose more than the very last transactions.
        if (damage.kind !== "cut")
          expect(entries.at(-1)!.index).toBeGreaterThanOrEqual(LAST_INDEX - 3);
        expect(entries).toEqual(stored.entries.slice(0, entries.length));
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
