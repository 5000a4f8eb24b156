/** Logs made by hand, after SQLite's description of the format, and then torn or damaged. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./_test_store.ts";
import { damageInWal } from "./_wal_scan.ts";

const PAGE_BYTES = 4096;
const FRAME_BYTES = 24 + PAGE_BYTES;
const frameStart = (frame: number) => 32 + frame * FRAME_BYTES;

/** A log of transactions of so many frames each; `salt` tells one log from the next in the same file. */
function makeWal(transactions: readonly number[], salt: number): Uint8Array<ArrayBuffer> {
  const frames = transactions.reduce((sum, count) => sum + count, 0);
  const bytes = new Uint8Array(frameStart(frames));
  const view = new DataView(bytes.buffer);
  let sums = [0, 0];
  const sum = (start: number, end: number) => {
    let [first, second] = sums as [number, number];
    for (let place = start; place < end; place += 8) {
      first = (first + view.getUint32(place, true) + second) >>> 0;
      second = (second + view.getUint32(place + 4, true) + first) >>> 0;
    }
    sums = [first, second];
  };
  const put = (place: number, ...words: number[]) => {
    for (const [at, word] of words.entries()) view.setUint32(place + 4 * at, word);
  };
  put(0, 0x377f0682, 3_007_000, PAGE_BYTES, 1, salt, salt + 1);
  sum(0, 24);
  put(24, ...sums);
  let frame = 0;
  for (const count of transactions) {
    for (let left = count; left > 0; left--, frame++) {
      const start = frameStart(frame);
      put(start, frame + 1, left === 1 ? 9 : 0, salt, salt + 1);
      bytes.fill(frame + salt, start + 24, start + FRAME_BYTES);
      sum(start, start + 8);
      sum(start + 24, start + FRAME_BYTES);
      put(start + 16, ...sums);
    }
  }
  return bytes;
}

function scan(bytes: Uint8Array): string | undefined {
  using directory = temporaryDirectory();
  const path = join(directory.path, "wal");
  writeFileSync(path, bytes);
  return damageInWal(path);
}

/** With one bit of it changed. */
function flipped(bytes: Uint8Array, place: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[place]! ^= 1;
  return copy;
}

test("damageInWal() has nothing to say of a log that is whole, empty or not there", () => {
  expect(scan(makeWal([2, 3, 1], 5))).toBeUndefined();
  expect(scan(new Uint8Array())).toBeUndefined();
  expect(scan(makeWal([], 5))).toBeUndefined();
  expect(damageInWal("/nowhere/wal")).toBeUndefined();
});

test("damageInWal() takes a log that ends anywhere for one that a crash cut short", () => {
  const whole = makeWal([2, 3, 1], 5);
  for (let length = 0; length < whole.length; length += 97) {
    expect(scan(whole.slice(0, length))).toBeUndefined();
  }
});

test("damageInWal() finds a changed frame that later transactions follow, and names it", () => {
  const wal = makeWal([2, 3, 1, 2, 2], 5);
  for (const frame of [0, 1, 2, 4]) {
    // In its number, its size, its salt, its checksum and its page.
    for (const place of [0, 4, 8, 16, 1_000]) {
      expect(scan(flipped(wal, frameStart(frame) + place))).toBe(
        `frame ${frame + 1} does not check out, though a later transaction follows it`,
      );
    }
  }
});

test("damageInWal() finds a changed header", () => {
  for (const place of [0, 4, 8, 12, 16, 24]) {
    expect(scan(flipped(makeWal([1], 5), place))).toContain("its header does not check out");
  }
});

test("damageInWal() takes damage in the last transaction for a crash in the middle of it", () => {
  expect(scan(flipped(makeWal([2, 3], 5), frameStart(2) + 100))).toBeUndefined();
});

test("damageInWal() is not misled by the log that was in the file before", () => {
  const before = makeWal([1, 1, 1, 1, 1, 1, 1, 1], 5);
  const now = makeWal([2, 4], 6);
  const file = Uint8Array.from(before);
  file.set(now);
  expect(scan(file)).toBeUndefined();
  // The last transaction is torn: its first frame is not there, and of its second only what lies behind
  // the place where a sector ends, after the size that says that a transaction ends.
  const torn = Uint8Array.from(file);
  torn.set(before.subarray(frameStart(2), frameStart(3) + 8), frameStart(2));
  expect(torn[frameStart(3) + 7]).toBe(9);
  expect(scan(torn)).toBeUndefined();
});
