import { beforeEach, expect, test } from "bun:test";
import { type Entry, firstSnapshot, membershipOf, type StoreResult } from "../../src/raft/mod.ts";
import { CALM_DISK, type DiskConditions, SimulatedDisk } from "./disk.ts";
import { EventQueue } from "./event_queue.ts";
import { Random } from "./random.ts";

const entry = (index: number): Entry => ({ index, term: 1, body: { kind: "noop" } });
const write = (index: number) => ({ entries: [entry(index)] });

const nothing = () => {};

let queue: EventQueue;
let results: StoreResult[];
let synced: number;

beforeEach(() => {
  queue = new EventQueue();
  results = [];
  synced = 0;
});

function createDisk(conditions: Partial<DiskConditions> = {}, seed = 1): SimulatedDisk {
  return new SimulatedDisk(
    queue,
    new Random(seed),
    0,
    { ...CALM_DISK, ...conditions },
    {
      beforeWrite: nothing,
      afterWrite: nothing,
      synced: () => synced++,
      beforeRead: nothing,
      complete: (run) => run(),
    },
  );
}

function store(disk: SimulatedDisk, count: number): void {
  for (let index = 1; index <= count; index++) {
    disk.store(write(index), (result) => results.push(result));
  }
}

function runAll(): void {
  for (let event = queue.next(); event !== undefined; event = queue.next()) event.run();
}

test("a write is durable when it is told, and not before", () => {
  const disk = createDisk();
  store(disk, 1);
  expect([disk.image.lastIndex, disk.writtenImage.lastIndex, results.length]).toEqual([0, 1, 0]);
  runAll();
  expect([disk.image.lastIndex, results, synced]).toEqual([1, [{ ok: true }], 1]);
  expect(queue.nowUs).toBeGreaterThanOrEqual(CALM_DISK.minDelayUs);
});

test("writes complete in the order in which they were issued, however long each takes", () => {
  const disk = createDisk({ minDelayUs: 1, spreadUs: 10_000 });
  const order: number[] = [];
  for (let index = 1; index <= 50; index++) disk.store(write(index), () => order.push(index));
  runAll();
  expect(order).toEqual(order.toSorted((left, right) => left - right));
  expect(order).toHaveLength(50);
});

test("a crash leaves a prefix of the writes under way: none, some or all, as the seed has it", () => {
  const left = new Set<number>();
  for (let seed = 0; seed < 60; seed++) {
    queue = new EventQueue();
    const disk = createDisk({}, seed);
    store(disk, 3);
    const { survived, lost } = disk.crash();
    expect(survived + lost).toBe(3);
    expect(disk.image.lastIndex).toBe(survived);
    expect(disk.writtenImage.lastIndex).toBe(survived);
    left.add(survived);
    runAll();
    expect(disk.image.lastIndex).toBe(survived);
  }
  expect([...left].toSorted()).toEqual([0, 1, 2, 3]);
  expect(results).toEqual([]);
});

test("what is synced survives every crash", () => {
  const disk = createDisk();
  store(disk, 2);
  runAll();
  disk.store(write(3), () => {});
  disk.crash();
  expect(disk.image.lastIndex).toBeGreaterThanOrEqual(2);
  expect([disk.open(), disk.open()]).toMatchObject(
    [1, 2].map((incarnation) => ({ ok: true, stored: { incarnation } })),
  );
});

test("a write that is torn is there as a whole or not at all, and is not taken for damage", () => {
  let torn = 0;
  for (let seed = 0; seed < 300; seed++) {
    queue = new EventQueue();
    const disk = createDisk({}, seed);
    store(disk, 1);
    const { survived, isTorn, mistaken } = disk.crash();
    expect([disk.image.lastIndex, disk.writtenImage.lastIndex]).toEqual([survived, survived]);
    expect(mistaken).toBeUndefined();
    if (!isTorn) continue;
    torn++;
    expect(survived).toBe(0);
  }
  expect(torn).toBeGreaterThan(20);
});

test("a bit that flips keeps a member from starting, until what it is in is written anew", () => {
  const opened = new Set<string>();
  for (let seed = 0; seed < 100; seed++) {
    const disk = createDisk();
    disk.format({ hardState: { term: 1, vote: undefined, commit: 0 }, entries: [] });
    disk.rot(new Random(seed));
    store(disk, 2);
    runAll();
    expect(disk.isLost).toBe(true);
    disk.crash();
    const found = disk.open();
    expect(disk.isLost).toBe(!found.ok);
    opened.add(found.ok ? "opened" : "refused");
    if (found.ok) expect(found.stored.entries).toEqual([entry(1), entry(2)]);
    else expect(disk.open().ok).toBe(false);
  }
  expect([...opened].toSorted()).toEqual(["opened", "refused"]);
});

test("a full disk fails a write, and then all until the member starts again", () => {
  const disk = createDisk();
  disk.health = "full";
  expect(disk.isLowOnSpace()).toBe(true);
  store(disk, 2);
  runAll();
  disk.health = "good";
  disk.store(write(3), (result) => results.push(result));
  runAll();
  expect(results.map(({ ok }) => ok)).toEqual([false, false, false]);
  expect(disk.image.lastIndex).toBe(0);
  disk.crash();
  disk.open();
  disk.store(write(1), (result) => results.push(result));
  runAll();
  expect([results.at(-1), disk.image.lastIndex]).toEqual([{ ok: true }, 1]);
});

test("a broken disk fails for good, and its error says nothing of what it wrote", () => {
  const left = new Set<number>();
  for (let seed = 0; seed < 30; seed++) {
    queue = new EventQueue();
    const disk = createDisk({}, seed);
    disk.health = "broken";
    store(disk, 2);
    runAll();
    disk.crash();
    disk.open();
    disk.store(write(1), (result) => results.push(result));
    runAll();
    left.add(disk.image.lastIndex);
  }
  expect(results.every(({ ok }) => !ok)).toBe(true);
  expect([...left].toSorted()).toEqual([0, 1]);
});

test("a snapshot is read from what is durable", () => {
  const disk = createDisk();
  const read: string[] = [];
  const note = (result: { ok: boolean }) => read.push(result.ok ? "read" : "failed");
  disk.readSnapshot(note);
  runAll();
  const snapshot = firstSnapshot(membershipOf([{ id: "a", address: "a:1" }]), new Uint8Array(3));
  disk.format({ snapshot, discardsLog: true, entries: [] });
  disk.readSnapshot(note);
  runAll();
  disk.readSnapshot(note);
  disk.crash();
  runAll();
  expect(read).toEqual(["failed", "read"]);
});

test("calmDown() gives what is under way new, short times", () => {
  const disk = createDisk();
  disk.slowness = 10_000;
  store(disk, 3);
  disk.calmDown();
  for (let count = 0; count < 3; count++) queue.next()?.run();
  expect(results).toHaveLength(3);
  expect(queue.nowUs).toBeLessThan(10_000);
});
