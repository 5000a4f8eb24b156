import { expect, test } from "bun:test";
import { createSnapshot, type Entry, membershipOf, NO_MEMBERSHIP } from "../../src/raft/mod.ts";
import { LogImage } from "./log_image.ts";

const member = (id: string) => ({ id, address: `${id}:1` });
const three = membershipOf([member("a"), member("b"), member("c")]);
const two = membershipOf([member("a"), member("b")]);
const id = { node: "a", incarnation: 1, sequence: 1 };
const noop = (index: number, term: number): Entry => ({ index, term, body: { kind: "noop" } });
const change = (index: number, term: number): Entry => ({
  index,
  term,
  body: { kind: "membership", id, membership: two },
});
const snapshot = (index: number, term: number) =>
  createSnapshot(index, term, three, new Uint8Array());

function founded(): LogImage {
  const image = new LogImage();
  image.apply({ snapshot: snapshot(1, 1), discardsLog: true, entries: [] });
  return image;
}

test("LogImage starts empty, as a new member's storage", () => {
  const image = new LogImage();
  expect([image.lastIndex, image.lastTerm, image.snapshotIndex]).toEqual([0, 0, 0]);
  expect(image.membership()).toEqual({ index: 0, membership: NO_MEMBERSHIP });
});

test("entries replace all from the first one's index on", () => {
  const image = founded();
  image.apply({ entries: [noop(2, 2), noop(3, 2), noop(4, 2)] });
  image.apply({ entries: [noop(3, 3)] });
  expect([image.lastIndex, image.lastTerm]).toEqual([3, 3]);
  expect([1, 2, 3, 4].map((index) => image.termAt(index))).toEqual([1, 2, 3, undefined]);
});

test("a membership is in force from its entry on, and is gone with it", () => {
  const image = founded();
  image.apply({ entries: [noop(2, 2), change(3, 2)] });
  expect(image.membership()).toEqual({ index: 3, membership: two });
  expect(image.membershipAt(2)).toEqual(three);
  expect(image.changesAfter(2)).toHaveLength(1);
  image.apply({ entries: [noop(3, 3)] });
  expect(image.membership()).toEqual({ index: 1, membership: three });
  expect(image.changesAfter(0)).toHaveLength(0);
});

test("compaction keeps the rest, and what the snapshot says", () => {
  const image = founded();
  image.apply({ entries: [noop(2, 2), noop(3, 2), noop(4, 2)] });
  image.apply({ snapshot: snapshot(3, 2), entries: [] });
  expect(image.lastIndex).toBe(4);
  image.apply({ entries: [], compactThrough: 2 });
  expect(image.compacted).toEqual({ index: 2, term: 2 });
  expect(image.entries.map(({ index }) => index)).toEqual([3, 4]);
  expect([image.holds(1, 9), image.holds(4, 2), image.holds(4, 3)]).toEqual([true, true, false]);
});

test("a snapshot that discards the log is all that is left", () => {
  const image = founded();
  image.apply({ entries: [noop(2, 2), change(3, 2)] });
  image.apply({ snapshot: snapshot(9, 4), discardsLog: true, entries: [] });
  expect([image.lastIndex, image.lastTerm, image.entries.length]).toEqual([9, 4, 0]);
  expect(image.membership()).toEqual({ index: 9, membership: three });
});

test("a copy goes its own way", () => {
  const image = founded();
  image.apply({ entries: [change(2, 2)] });
  const copy = image.copy();
  image.apply({ entries: [noop(2, 3), noop(3, 3)] });
  expect([copy.lastIndex, copy.membership().index]).toEqual([2, 2]);
  expect([image.lastIndex, image.membership().index]).toEqual([3, 1]);
});
