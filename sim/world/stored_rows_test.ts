import { expect, test } from "bun:test";
import { StoreRefused } from "../../src/bun/mod.ts";
import {
  createSnapshot,
  type Entry,
  type LogWrite,
  membershipOf,
  type StoredState,
} from "../../src/raft/mod.ts";
import { LogImage } from "./log_image.ts";
import { Random } from "./random.ts";
import { StoredRows } from "./stored_rows.ts";

const membership = membershipOf([{ id: "a", address: "a:1" }]);

function command(index: number): Entry {
  const data = new Uint8Array(20).fill(index);
  const id = { node: "a", incarnation: 1, sequence: index };
  return { index, term: Math.ceil(index / 2), body: { kind: "command", id, data } };
}

/** Entries 3..12 behind what is compacted, and a snapshot of the first 6. */
function makeImage(): LogImage {
  const image = new LogImage();
  const first = createSnapshot(1, 1, membership, new Uint8Array(3));
  image.apply({ snapshot: first, discardsLog: true, entries: [] });
  const entries = Array.from({ length: 11 }, (_, place) => command(place + 2));
  const snapshot = createSnapshot(6, 3, membership, new Uint8Array(40).fill(6));
  const hardState = { term: 7, vote: "a", commit: 8 };
  image.apply({ hardState, snapshot, entries, compactThrough: 2 });
  return image;
}

function contentOf({ hardState, snapshot, compacted, entries }: LogImage | StoredState) {
  return { hardState, snapshot, compacted, entries };
}

/** What a start makes of it: what is stored, or "refused". */
function load(rows: StoredRows) {
  try {
    return rows.load(rows.commits);
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error;
    return "refused" as const;
  }
}

test("the rows of an image hold what it does, through bytes and back", () => {
  const image = makeImage();
  const rows = StoredRows.of(image, "a", 1);
  expect(load(rows)).toEqual(contentOf(image));
  expect(rows.readSnapshot()).toEqual(image.snapshot);
});

test("a write does to the rows what it does to the image", () => {
  const image = makeImage();
  const rows = StoredRows.of(image, "a", 1);
  const write: LogWrite = {
    hardState: { term: 9, vote: undefined, commit: 10 },
    entries: [
      { ...command(12), term: 9 },
      { ...command(13), term: 9 },
    ],
    compactThrough: 5,
  };
  const after = rows.apply(write);
  expect(load(rows)).toEqual(contentOf(image));
  image.apply(write);
  expect(load(after)).toEqual(contentOf(image));
  expect(after.commits).toBe(rows.commits + 1);
});

test("fewer commits than the high-water mark counts are refused", () => {
  const rows = StoredRows.of(makeImage(), "a", 1);
  expect(() => rows.load(rows.commits + 1)).toThrow("the last 1 of 2 acknowledged commits");
});

test("a flipped bit is refused, wherever it is", () => {
  const rows = StoredRows.of(makeImage(), "a", 1);
  for (let seed = 0; seed < 2_000; seed++) {
    expect([seed, load(rows.flip(new Random(seed)))]).toEqual([seed, "refused"]);
  }
});

test("no later write hides a flipped bit in what the store goes on to hold", () => {
  const writes: LogWrite[] = [
    ...[3, 4, 5, 6].map((compactThrough) => ({ entries: [], compactThrough })),
    ...[7, 9, 11, 12].map((index) => ({ entries: [{ ...command(index), term: 9 }] })),
  ].map((write) => ({ ...write, hardState: { term: 9, vote: undefined, commit: 6 } }));
  const healed = new Set<LogWrite>();
  for (const write of writes) {
    const image = makeImage();
    image.hardState = { term: 7, vote: "a", commit: 6 };
    const rows = StoredRows.of(image, "a", 1);
    image.apply(write);
    for (let seed = 0; seed < 1_000; seed++) {
      let after: StoredRows;
      try {
        after = rows.flip(new Random(seed)).apply(write);
      } catch {
        continue;
      }
      const found = load(after);
      if (found === "refused") continue;
      healed.add(write);
      expect([seed, write.compactThrough, found]).toEqual([
        seed,
        write.compactThrough,
        contentOf(image),
      ]);
    }
  }
  expect(healed.size).toBe(writes.length);
});
