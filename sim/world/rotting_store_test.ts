import { expect, test } from "bun:test";
import { createSnapshot, type Entry, type LogWrite, membershipOf } from "../../src/raft/mod.ts";
import { LogImage } from "./log_image.ts";
import { Random } from "./random.ts";
import { RottingStore } from "./rotting_store.ts";
import { StoredRows } from "./stored_rows.ts";

const noop = (index: number): Entry => ({ index, term: 1, body: { kind: "noop" } });
const write = (index: number): LogWrite => ({ entries: [noop(index)] });

/** A store whose log ends at 1, with writes of the entries from 2 on. */
function rotting(seed: number, writes: number): RottingStore {
  const image = new LogImage();
  const membership = membershipOf([{ id: "a", address: "a:1" }]);
  const snapshot = createSnapshot(1, 1, membership, new Uint8Array(3));
  const hardState = { term: 1, vote: undefined, commit: 1 };
  image.apply({ hardState, snapshot, discardsLog: true, entries: [] });
  const store = new RottingStore(StoredRows.of(image, "a", 1), new Random(seed));
  for (let index = 2; index < 2 + writes; index++) expect(store.write(write(index))).toBe(true);
  return store;
}

test("a start refuses what is damaged, whether nothing or much was written since; or has it all", () => {
  const details = new Set<string>();
  for (const writes of [0, 1, 6]) {
    for (let seed = 0; seed < 200; seed++) {
      const store = rotting(seed, writes);
      store.crash();
      const opened = store.open();
      if (opened.ok) expect(opened.stored.entries).toHaveLength(writes);
      else details.add(opened.detail.replaceAll(/\d+/gu, "N"));
    }
  }
  expect([...details].toSorted()).toEqual([
    "frame N does not check out, though a later transaction follows it",
    "simulated store, table identity, row N: its checksum does not match",
    "simulated store, table log, row N: it follows on row N; some are missing",
    "simulated store, table log, row N: its checksum does not match",
    "simulated store, table snapshot, row N: its checksum does not match",
    "simulated store, table snapshot, row N: the checksum of its data does not match",
    "simulated store, table state, row N: its checksum does not match",
    "simulated store, table state, row N: the last N of N acknowledged commits are missing",
  ]);
});

test("a snapshot is given out as it was stored, or not at all, and a start refuses it too", () => {
  let refused = 0;
  for (let seed = 0; seed < 200; seed++) {
    const store = rotting(seed, 0);
    const read = store.readSnapshot();
    if (read.ok) {
      expect([read.snapshot?.index, read.snapshot?.data]).toEqual([1, new Uint8Array(3)]);
      continue;
    }
    refused++;
    store.crash();
    expect(store.open().ok).toBe(false);
  }
  expect(refused).toBeGreaterThan(50);
});
