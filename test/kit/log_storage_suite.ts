/**
 * What every `LogStorage` promises, as tests: a maker of disks in, a `describe` out. A disk outlives the
 * storages that are opened on it. The last test runs random writes, with restarts at random places, against a
 * dumb twin: plain values that are replaced, never updated.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  createSnapshot,
  firstSnapshot,
  membershipOf,
  type Entry,
  type EntryBody,
  type HardState,
  type LogStorage,
  type LogWrite,
  type Snapshot,
  type SnapshotReadResult,
  type StoredState,
  type StoreResult,
} from "../../src/raft/mod.ts";

/** Where one member's state is kept, over several runs. */
export interface LogStorageDisk {
  /** Begins a run. */
  open(): Promise<{ readonly storage: LogStorage; readonly stored: StoredState }>;
  /** Ends a run in good order. */
  close(): Promise<void>;
  /** Nobody wants it any more. Ends a run that is under way. */
  discard(): Promise<void>;
}

/** An empty disk for a founding member, or for one that joins. */
export type MakeDisk = (first: Snapshot | undefined) => Promise<LogStorageDisk>;

export const SUITE_MEMBERSHIP = membershipOf([
  { id: "a", address: "127.0.0.1:7000" },
  { id: "b", address: "127.0.0.1:7001" },
]);
const FIRST = firstSnapshot(SUITE_MEMBERSHIP, Uint8Array.of(1, 2, 3));

/** A command of `bytes` bytes that is like no other. */
export function commandEntry(index: number, term: number, bytes = 8): Entry {
  const data = Uint8Array.from(
    { length: bytes },
    (_, place) => (index * 31 + term * 7 + place) & 0xff,
  );
  return { index, term, body: { kind: "command", id: requestId(index), data } };
}

export function describeLogStorage(name: string, makeDisk: MakeDisk): void {
  /** Runs `use` on a disk that is gone afterwards. */
  const on =
    (first: Snapshot | undefined, use: (disk: LogStorageDisk) => Promise<void>) => async () => {
      const disk = await makeDisk(first);
      try {
        await use(disk);
      } finally {
        await disk.discard();
      }
    };
  describe(`${name}: what is stored`, () => contents(on));
  describe(`${name}: in which order`, () => order(on));
  test(
    `${name} does what plain values would do, whatever is written, over restarts`,
    () => randomWrites(makeDisk),
    60_000,
  );
}

type On = (
  first: Snapshot | undefined,
  use: (disk: LogStorageDisk) => Promise<void>,
) => () => Promise<void>;

/** What the next run finds. */
async function reopened(disk: LogStorageDisk): Promise<StoredState> {
  await disk.close();
  return (await disk.open()).stored;
}

function contents(on: On): void {
  test(
    "a member that joins begins with nothing",
    on(undefined, async (disk) => {
      const { stored, storage } = await disk.open();
      expect(stored).toEqual({
        hardState: { term: 0, vote: undefined, commit: 0 },
        snapshot: undefined,
        compacted: { index: 0, term: 0 },
        entries: [],
        incarnation: expect.any(Number),
      });
      expect(await readSnapshot(storage)).toMatchObject({ ok: false });
    }),
  );

  test(
    "a founding member begins with the first snapshot",
    on(FIRST, async (disk) => {
      const { stored, storage } = await disk.open();
      expect(stored).toEqual({
        hardState: { term: 1, vote: undefined, commit: 1 },
        snapshot: FIRST,
        compacted: { index: 1, term: 1 },
        entries: [],
        incarnation: expect.any(Number),
      });
      expect(await readSnapshot(storage)).toEqual({ ok: true, snapshot: FIRST });
    }),
  );

  test(
    "each start is counted",
    on(FIRST, async (disk) => {
      const { incarnation } = (await disk.open()).stored;
      expect(incarnation).toBeGreaterThanOrEqual(1);
      expect((await reopened(disk)).incarnation).toBe(incarnation + 1);
      expect((await reopened(disk)).incarnation).toBe(incarnation + 2);
    }),
  );

  test(
    "term, vote and commit index are found again, and so is that there is no vote",
    on(FIRST, async (disk) => {
      const { storage } = await disk.open();
      await store(storage, { hardState: { term: 7, vote: "b", commit: 1 }, entries: [] });
      const stored = await reopened(disk);
      expect(stored.hardState).toEqual({ term: 7, vote: "b", commit: 1 });
      expect(stored.snapshot).toEqual(FIRST);
      await disk.close();
      const again = await disk.open();
      await store(again.storage, {
        hardState: { term: 8, vote: undefined, commit: 1 },
        entries: [],
      });
      expect((await reopened(disk)).hardState).toEqual({ term: 8, vote: undefined, commit: 1 });
    }),
  );

  test(
    "entries of every kind are found again, empty ones and large ones too",
    on(FIRST, async (disk) => {
      const bodies: EntryBody[] = [
        { kind: "noop" },
        { kind: "command", id: requestId(1), data: new Uint8Array() },
        { kind: "command", id: requestId(2), data: new Uint8Array(300_000).fill(9) },
        { kind: "membership", id: requestId(3), membership: SUITE_MEMBERSHIP },
        { kind: "unreadable", code: 4_000, bytes: Uint8Array.of(1, 2) },
      ];
      const entries = bodies.map((body, place) => ({ index: 2 + place, term: 3, body }));
      const { storage } = await disk.open();
      await store(storage, { hardState: { term: 3, vote: "a", commit: 1 }, entries });
      expect((await reopened(disk)).entries).toEqual(entries);
    }),
  );

  test(
    "entries take the place of all from their first index on",
    on(FIRST, async (disk) => {
      const { storage } = await disk.open();
      const old = [2, 3, 4, 5].map((index) => commandEntry(index, 1));
      const replacing = [commandEntry(4, 2)];
      await store(storage, { entries: old });
      await store(storage, {
        hardState: { term: 2, vote: undefined, commit: 1 },
        entries: replacing,
      });
      expect((await reopened(disk)).entries).toEqual([...old.slice(0, 2), ...replacing]);
    }),
  );

  test(
    "compaction takes the entries up to an index, and remembers its term",
    on(FIRST, async (disk) => {
      const { storage } = await disk.open();
      const entries = [2, 3, 4, 5].map((index) => commandEntry(index, index));
      await store(storage, { hardState: { term: 5, vote: undefined, commit: 5 }, entries });
      const snapshot = createSnapshot(4, 4, SUITE_MEMBERSHIP, new Uint8Array(50_000).fill(4));
      await store(storage, { snapshot, entries: [], compactThrough: 3 });
      const stored = await reopened(disk);
      expect(stored).toMatchObject({ compacted: { index: 3, term: 3 }, snapshot });
      expect(stored.entries).toEqual(entries.slice(2));
    }),
  );

  test(
    "a snapshot from ahead takes the place of the whole log, and the log goes on after it",
    on(undefined, async (disk) => {
      const { storage } = await disk.open();
      const hardState: HardState = { term: 9, vote: undefined, commit: 0 };
      await store(storage, { hardState, entries: [commandEntry(1, 1), commandEntry(2, 1)] });
      const snapshot = createSnapshot(40, 8, SUITE_MEMBERSHIP, Uint8Array.of(40));
      const entries = [commandEntry(41, 8), commandEntry(42, 9)];
      await store(storage, {
        hardState: { ...hardState, commit: 40 },
        snapshot,
        discardsLog: true,
        entries,
      });
      expect(await readSnapshot(storage)).toEqual({ ok: true, snapshot });
      const stored = await reopened(disk);
      expect(stored).toMatchObject({ compacted: { index: 40, term: 8 }, snapshot, entries });
      expect(stored.hardState.commit).toBe(40);
    }),
  );

  test(
    "what is written is a copy: the caller's bytes may change afterwards",
    on(FIRST, async (disk) => {
      const { storage } = await disk.open();
      const entry = commandEntry(2, 1);
      const snapshot = createSnapshot(1, 1, SUITE_MEMBERSHIP, Uint8Array.of(5, 6));
      const isWritten = store(storage, { snapshot, entries: [entry] });
      if (entry.body.kind === "command") entry.body.data.fill(0);
      snapshot.data.fill(0);
      await isWritten;
      const stored = await reopened(disk);
      expect(stored.entries).toEqual([commandEntry(2, 1)]);
      expect([...stored.snapshot!.data]).toEqual([5, 6]);
    }),
  );
}

function order(on: On): void {
  test(
    "done is called once for each write, in their order, and never before store() returns",
    on(FIRST, async (disk) => {
      const { storage } = await disk.open();
      const finished: number[] = [];
      const all = Array.from({ length: 100 }, (_, place) => {
        const { promise, resolve } = Promise.withResolvers<StoreResult>();
        // Some writes have nothing in them, and wait their turn all the same.
        const entries = place % 10 === 0 ? [] : [commandEntry(indexAfter(place), 1)];
        storage.store({ entries }, (result) => {
          finished.push(place);
          resolve(result);
        });
        return promise;
      });
      expect(finished).toEqual([]);
      expect(await Promise.all(all)).toEqual(all.map(() => ({ ok: true })));
      expect(finished).toEqual(all.map((_, place) => place));
    }),
  );

  test(
    "a write made from within done comes after those made before",
    on(FIRST, async (disk) => {
      const { storage } = await disk.open();
      const finished: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      storage.store({ entries: [commandEntry(2, 1)] }, () => {
        finished.push("first");
        storage.store({ entries: [] }, () => finished.push("nothing"));
        storage.store({ entries: [commandEntry(4, 1)] }, () =>
          resolve(void finished.push("third")),
        );
      });
      storage.store({ entries: [commandEntry(3, 1)] }, () => finished.push("second"));
      await promise;
      expect(finished).toEqual(["first", "second", "nothing", "third"]);
      expect((await reopened(disk)).entries).toHaveLength(3);
    }),
  );

  test(
    "a snapshot is read as it was after the writes before",
    on(FIRST, async (disk) => {
      const { storage } = await disk.open();
      const hardState: HardState = { term: 1, vote: undefined, commit: 3 };
      const snapshots = [2, 3].map((index) =>
        createSnapshot(index, 1, SUITE_MEMBERSHIP, Uint8Array.of(index)),
      );
      const entries = [commandEntry(2, 1), commandEntry(3, 1)];
      const first = store(storage, {
        hardState,
        snapshot: snapshots[0]!,
        discardsLog: true,
        entries: [entries[1]!],
      });
      let isDone = false;
      const read = readSnapshot(storage);
      storage.readSnapshot(() => (isDone = true));
      expect(isDone).toBe(false);
      await first;
      expect(await read).toEqual({ ok: true, snapshot: snapshots[0]! });
      await store(storage, { snapshot: snapshots[1]!, entries: [] });
      expect(await readSnapshot(storage)).toEqual({ ok: true, snapshot: snapshots[1]! });
    }),
  );
}

/** How many entries come before the write at `place` of the test above, and the first snapshot. */
function indexAfter(place: number): number {
  return 1 + place - Math.floor(place / 10);
}

/** What a write does, to plain values: the dumb twin of every storage. */
export function written(state: StoredState, write: LogWrite): StoredState {
  const { hardState = state.hardState, snapshot = state.snapshot, compactThrough = 0 } = write;
  const begun =
    write.discardsLog === true
      ? { compacted: { index: snapshot!.index, term: snapshot!.term }, entries: [] }
      : state;
  const first = write.entries[0]?.index ?? Number.POSITIVE_INFINITY;
  const entries = [...begun.entries.filter(({ index }) => index < first), ...write.entries];
  const last = entries.find(({ index }) => index === compactThrough);
  return {
    ...state,
    hardState,
    snapshot,
    compacted: last === undefined ? begun.compacted : { index: last.index, term: last.term },
    entries: entries.filter(({ index }) => index > compactThrough),
  };
}

/** What may come next; the numbers choose among what is possible then. */
const arbitraryStep = fc.record({
  kind: fc.constantFrom("append", "replace", "vote", "snapshot", "install", "nothing", "reopen"),
  where: fc.nat(1_000),
  count: fc.integer({ min: 1, max: 6 }),
  bytes: fc.oneof(fc.nat(40), fc.nat(9_000)),
  raisesTerm: fc.boolean(),
  isAwaited: fc.boolean(),
});
type Step = typeof arbitraryStep extends fc.Arbitrary<infer Value> ? Value : never;

function lastOf({ entries, compacted }: StoredState): { index: number; term: number } {
  return entries.at(-1) ?? compacted;
}

/** The write that a core in this state could want. */
function writeFor(state: StoredState, step: Step): LogWrite {
  const { where, count, bytes } = step;
  const last = lastOf(state);
  const snapshotIndex = state.snapshot?.index ?? 0;
  const commit = Math.max(state.hardState.commit, snapshotIndex);
  const term = state.hardState.term + (step.raisesTerm || state.hardState.term === 0 ? 1 : 0);
  const hardState: HardState = { term, vote: where % 3 === 0 ? undefined : "b", commit };
  const from = (first: number) =>
    Array.from({ length: count }, (_, place) => commandEntry(first + place, term, bytes));
  switch (step.kind) {
    case "append":
      return { hardState, entries: from(last.index + 1) };
    case "replace":
      return { hardState, entries: from(commit + 1 + (where % (last.index - commit + 1))) };
    case "vote":
      // What is in the log may be found committed at the same time.
      return {
        hardState: { ...hardState, commit: commit + (where % (last.index - commit + 1)) },
        entries: [],
      };
    case "snapshot": {
      const at = state.entries.find(({ index }) => index === snapshotIndex + 1 + (where % 5));
      if (at === undefined || at.index > commit) return { entries: [] };
      const snapshot = createSnapshot(
        at.index,
        at.term,
        SUITE_MEMBERSHIP,
        new Uint8Array(bytes).fill(at.index),
      );
      return { snapshot, entries: [], compactThrough: Math.max(0, at.index - count) };
    }
    case "install": {
      const index = last.index + 1 + (where % 50);
      const snapshot = createSnapshot(
        index,
        term,
        SUITE_MEMBERSHIP,
        new Uint8Array(bytes).fill(index),
      );
      const isFollowed = where % 2 === 0;
      return {
        hardState: { ...hardState, commit: index },
        snapshot,
        discardsLog: true,
        entries: isFollowed ? from(index + 1) : [],
      };
    }
    case "nothing":
    case "reopen":
      return { entries: [] };
  }
}

async function randomWrites(makeDisk: MakeDisk): Promise<void> {
  const steps = fc.array(arbitraryStep, { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (plan, isFounder) => {
      const disk = await makeDisk(isFounder ? FIRST : undefined);
      try {
        let { storage, stored } = await disk.open();
        let twin = stored;
        let outstanding: Promise<StoreResult>[] = [];
        for (const step of [...plan, { ...plan[0]!, kind: "reopen" as const }]) {
          if (step.kind === "reopen") {
            await disk.close();
            ({ storage, stored } = await disk.open());
            twin = { ...twin, incarnation: twin.incarnation + 1 };
            expect(stored).toEqual(twin);
            continue;
          }
          const write = writeFor(twin, step);
          twin = written(twin, write);
          outstanding.push(store(storage, write));
          if (!step.isAwaited) continue;
          expect((await Promise.all(outstanding)).every(({ ok }) => ok)).toBe(true);
          outstanding = [];
          if (twin.snapshot !== undefined) {
            expect(await readSnapshot(storage)).toEqual({ ok: true, snapshot: twin.snapshot });
          }
        }
      } finally {
        await disk.discard();
      }
    }),
    { numRuns: 15 },
  );
}

export function store(storage: LogStorage, write: LogWrite): Promise<StoreResult> {
  return new Promise((resolve) => {
    storage.store(write, resolve);
  });
}

export function readSnapshot(storage: LogStorage): Promise<SnapshotReadResult> {
  return new Promise((resolve) => {
    storage.readSnapshot(resolve);
  });
}

function requestId(sequence: number) {
  return { node: "a", incarnation: 1, sequence };
}
