/**
 * The log by its parts, and as a whole against a twin that keeps every entry for ever, counts
 * everything anew each time, and is too dumb to be wrong.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  diskOf,
  entriesOf,
  entryOf,
  membershipEntry,
  membershipWith,
  snapshotOf,
  type StoredBefore,
} from "./_test_core.ts";
import { InvariantError } from "./assert.ts";
import { type Entry, entryBytes, type LogPosition } from "./entry.ts";
import { RaftLog } from "./log.ts";
import type { Membership } from "./membership.ts";

const logOf = (stored: StoredBefore) => new RaftLog(diskOf(stored).open());
const termsOf = (log: RaftLog) =>
  log.entriesFrom(log.compacted.index + 1, Infinity).map(({ term }) => term);

describe("isUpToDate()", () => {
  test("compares the last terms, then the lengths", () => {
    const log = logOf({ terms: [1, 2, 2] });
    const isUpToDate = (term: number, index: number) => log.isUpToDate({ index, term });
    expect([isUpToDate(3, 2), isUpToDate(2, 4), isUpToDate(2, 5)]).toEqual([true, true, true]);
    expect([isUpToDate(1, 9), isUpToDate(2, 3)]).toEqual([false, false]);
  });
});

describe("termAt()", () => {
  test("knows the end of what was compacted, and nothing before it or after the log", () => {
    const log = logOf({ terms: [1, 2] });
    expect([0, 1, 2, 3, 4].map((index) => log.termAt(index))).toEqual([
      undefined,
      1,
      1,
      2,
      undefined,
    ]);
  });
});

describe("entriesFrom()", () => {
  const log = logOf({ terms: [1, 1, 1] });
  const oneBytes = entryBytes(log.entryAt(2)!);

  test("gives as many as maxBytes holds, and one at least", () => {
    const bounds = [0, 1, oneBytes, 2 * oneBytes - 1, 2 * oneBytes, Infinity];
    const counts = bounds.map((maxBytes) => log.entriesFrom(2, maxBytes).length);
    expect(counts).toEqual([1, 1, 1, 1, 2, 3]);
  });

  test("gives none after the end, and none after throughIndex", () => {
    expect(log.entriesFrom(5, Infinity)).toEqual([]);
    expect(log.entriesFrom(2, Infinity, 3).map(({ index }) => index)).toEqual([2, 3]);
    expect(log.entriesFrom(3, Infinity, 2)).toEqual([]);
  });
});

describe("lastAtOrBelowTerm()", () => {
  const log = logOf({ terms: [1, 2, 2, 5, 5] });

  test("steps over a whole term", () => {
    expect(log.lastAtOrBelowTerm(6, 4)).toEqual({ index: 4, term: 2 });
    expect(log.lastAtOrBelowTerm(6, 5)).toEqual({ index: 6, term: 5 });
    expect(log.lastAtOrBelowTerm(4, 1)).toEqual({ index: 2, term: 1 });
  });

  test("stops before what was compacted, where terms are unknown", () => {
    expect(log.lastAtOrBelowTerm(3, 0)).toEqual({ index: 0, term: 0 });
    expect(log.lastAtOrBelowTerm(0, 9)).toEqual({ index: 0, term: 0 });
  });
});

describe("stableTo()", () => {
  test("says nothing of an end that was cut off since", () => {
    const log = logOf({ terms: [1, 1] });
    log.replaceFrom(entriesOf([1, 1], 4));
    log.replaceFrom(entriesOf([2, 2], 4));
    log.stableTo({ index: 5, term: 1 });
    expect(log.stableIndex).toBe(3);
    log.stableTo({ index: 4, term: 2 });
    expect(log.stableIndex).toBe(4);
    log.stableTo({ index: 3, term: 1 });
    expect(log.stableIndex).toBe(4);
  });

  test("begins anew where entries are replaced", () => {
    const log = logOf({ terms: [1, 1, 1] });
    log.replaceFrom(entriesOf([2], 3));
    expect([log.stableIndex, log.lastIndex]).toEqual([2, 3]);
  });
});

describe("takeToApply()", () => {
  test("hands out what is both committed and durable, in batches, once", () => {
    const log = logOf({ terms: [1] });
    log.replaceFrom(entriesOf([1, 1, 1], 3));
    log.commitTo(4);
    expect(log.takeToApply(Infinity)?.entries.map(({ index }) => index)).toEqual([2]);
    expect(log.takeToApply(Infinity)).toBeUndefined();
    log.stableTo({ index: 5, term: 1 });
    expect(log.takeToApply(1)?.entries.map(({ index }) => index)).toEqual([3]);
    expect(log.takeToApply(1)?.entries.map(({ index }) => index)).toEqual([4]);
    expect(log.takeToApply(1)).toBeUndefined();
  });

  test("hands out a snapshot from the leader before the entries after it, once it is durable", () => {
    const log = logOf({ terms: [1] });
    const snapshot = snapshotOf(9, 2);
    log.restore(snapshot);
    log.replaceFrom(entriesOf([2], 10));
    log.commitTo(10);
    // The write of before the snapshot completes: it says nothing of it.
    log.stableTo({ index: 2, term: 1 });
    expect(log.takeToApply(Infinity)).toBeUndefined();
    log.stableTo({ index: 9, term: 2 });
    expect(log.takeToApply(Infinity)).toEqual({ snapshot, entries: [] });
    expect([log.snapshotIndex, log.takeToApply(Infinity)]).toEqual([9, undefined]);
    log.stableTo({ index: 10, term: 2 });
    expect(log.takeToApply(Infinity)?.entries.map(({ index }) => index)).toEqual([10]);
  });

  test("goes on from the snapshot after a start, though the log has entries from before it", () => {
    const disk = diskOf({ terms: [1, 1, 2], commit: 4 });
    disk.snapshot = snapshotOf(3, 1);
    const log = new RaftLog(disk.open());
    expect([log.compacted.index, log.snapshotIndex, log.appliedIndex]).toEqual([1, 3, 3]);
    expect(log.takeToApply(Infinity)?.entries.map(({ index }) => index)).toEqual([4]);
  });
});

const breaks = (what: (log: RaftLog) => void) => {
  const log = logOf({ terms: [1, 2, 2], commit: 3 });
  expect(() => what(log)).toThrow(InvariantError);
};

describe("what cannot be is an InvariantError:", () => {
  test("a committed entry is replaced", () => {
    breaks((log) => log.replaceFrom([entryOf(3, 3)]));
  });
  test("a gap in the log, before an append or within", () => {
    breaks((log) => log.replaceFrom([entryOf(6, 2)]));
    breaks((log) => log.replaceFrom([entryOf(5, 2), entryOf(7, 2)]));
  });
  test("a term that falls", () => {
    breaks((log) => log.replaceFrom([entryOf(5, 1)]));
    breaks((log) => log.replaceFrom([entryOf(5, 4), entryOf(6, 3)]));
  });
  test("a commit index after the log's end", () => {
    breaks((log) => log.commitTo(5));
  });
  test("something is applied that was not handed out", () => {
    breaks((log) => log.appliedTo(2));
  });
  test("a snapshot from the leader that is not ahead", () => {
    breaks((log) => log.restore(snapshotOf(3, 2)));
  });
  test("a compaction beyond the snapshot, or beyond what is applied", () => {
    breaks((log) => log.compact(2));
    breaks((log) => {
      log.snapshotStored(3);
      log.compact(3);
    });
  });
  test("a stored state that no member can have left", () => {
    const broken: ((disk: ReturnType<typeof diskOf>) => void)[] = [
      (disk) => (disk.compacted = { index: 2, term: 1 }),
      (disk) => (disk.hardState = { term: 2, vote: undefined, commit: 5 }),
      (disk) => disk.entries.splice(1, 1),
      (disk) => (disk.snapshot = undefined),
    ];
    for (const breakIt of broken) {
      const disk = diskOf({ terms: [1, 2, 2], commit: 3 });
      breakIt(disk);
      expect(() => new RaftLog(disk.open())).toThrow(InvariantError);
    }
  });
});

/** Keeps all that ever was, and counts anew each time. */
class Twin {
  /** By index; what was compacted stays. Index 0 and 1 are the first snapshot's. */
  entries: (Entry | undefined)[] = [undefined, undefined, ...entriesOf([1, 1])];
  base: { index: number; term: number; membership: Membership } = {
    index: 1,
    term: 1,
    membership: membershipWith(["a", "b", "c"]),
  };
  compacted: LogPosition = { index: 1, term: 1 };
  commit = 1;
  stable = 3;
  applying = 1;
  applied = 1;
  snapshot = 1;
  restoring = 0;

  get last(): number {
    return this.entries.length - 1;
  }
  get held(): readonly Entry[] {
    return this.entries.slice(this.compacted.index + 1).map((entry) => entry!);
  }
  bytesAfter(index: number): number {
    return this.held
      .filter((entry) => entry.index > index)
      .reduce((sum, entry) => sum + entryBytes(entry), 0);
  }
  termAt(index: number): number {
    return this.entries[index]?.term ?? this.compacted.term;
  }
  membershipAt(index: number): { index: number; membership: Membership } {
    for (let place = index; place > this.base.index; place--) {
      const body = this.entries[place]?.body;
      if (body?.kind === "membership") return { index: place, membership: body.membership };
    }
    return this.base;
  }
}

type Step = (log: RaftLog, twin: Twin) => void;

const DRAWN = fc.nat({ max: 1_000 });
/** `drawn` as a number in from..to; undefined if there is none. */
const within = (drawn: number, from: number, to: number) =>
  to < from ? undefined : from + (drawn % (to - from + 1));

function newEntry(index: number, term: number, drawn: number): Entry {
  if (drawn % 5 === 0) {
    return membershipEntry(index, term, membershipWith(["a", "b", "c"].slice(drawn % 3)));
  }
  return entryOf(index, term, "x".repeat(drawn % 50));
}

function replaceStep(place: number, count: number, termSteps: readonly number[]): Step {
  return (log, twin) => {
    const first = within(place, twin.commit + 1, twin.last + 1)!;
    const entries: Entry[] = [];
    let term = twin.termAt(first - 1);
    for (let added = 0; added < count; added++) {
      term += (termSteps[added] ?? 0) % 2;
      entries.push(newEntry(first + added, term, place + added + (termSteps[added] ?? 0)));
    }
    log.replaceFrom(entries);
    twin.entries = [...twin.entries.slice(0, first), ...entries];
    twin.stable = Math.min(twin.stable, first - 1);
  };
}

const appendStep = (count: number, steps: readonly number[]): Step => {
  return (log, twin) => replaceStep(twin.last - twin.commit, count, steps)(log, twin);
};

const commitStep =
  (drawn: number): Step =>
  (log, twin) => {
    const index = within(drawn, 0, twin.last)!;
    log.commitTo(index);
    twin.commit = Math.max(twin.commit, index);
  };

const stableStep =
  (drawn: number, isStale: boolean): Step =>
  (log, twin) => {
    const index = within(drawn, twin.compacted.index, twin.last)!;
    const term = twin.termAt(index);
    log.stableTo({ index, term: isStale ? term + 1 : term });
    if (!isStale) twin.stable = Math.max(twin.stable, index);
  };

const applyStep =
  (maxBytes: number): Step =>
  (log, twin) => {
    const taken = log.takeToApply(maxBytes);
    const through = Math.min(twin.commit, twin.stable);
    expect(taken === undefined).toBe(through <= twin.applying);
    if (taken === undefined) return;
    if (twin.restoring > 0) {
      expect(taken).toMatchObject({ snapshot: { index: twin.restoring }, entries: [] });
      twin.applying = twin.snapshot = twin.restoring;
      twin.restoring = 0;
    } else {
      expect(taken.entries[0]!.index).toBe(twin.applying + 1);
      expect(taken.entries).toEqual(
        twin.held.slice(twin.applying - twin.compacted.index).slice(0, taken.entries.length),
      );
      twin.applying = taken.entries.at(-1)!.index;
      expect(twin.applying).toBeLessThanOrEqual(through);
    }
    log.appliedTo(twin.applying);
    twin.applied = twin.applying;
  };

const snapshotStep =
  (drawn: number): Step =>
  (log, twin) => {
    // As a whole log restores, there is no past of its own to take a snapshot of.
    const index = twin.restoring > 0 ? undefined : within(drawn, twin.snapshot, twin.applied);
    if (index === undefined) return;
    log.snapshotStored(index);
    twin.snapshot = index;
  };

const compactStep =
  (drawn: number): Step =>
  (log, twin) => {
    const index = within(drawn, twin.compacted.index, Math.min(twin.snapshot, twin.applied));
    if (index === undefined) return;
    log.compact(index);
    twin.compacted = { index, term: twin.termAt(index) };
  };

const restoreStep =
  (drawn: number): Step =>
  (log, twin) => {
    const index = twin.commit + 1 + (drawn % 9);
    const term = twin.termAt(twin.last) + (drawn % 2);
    const membership = membershipWith(["a", "b"].slice(drawn % 2));
    log.restore(snapshotOf(index, term, membership));
    twin.entries = Array.from({ length: index + 1 }, () => undefined);
    twin.base = { index, term, membership };
    twin.compacted = { index, term };
    twin.commit = twin.restoring = index;
    twin.stable = 0;
  };

const arbitraryStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.array(DRAWN))
      .map((of) => appendStep(...of)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(DRAWN, fc.integer({ min: 1, max: 4 }), fc.array(DRAWN))
      .map((of) => replaceStep(...of)),
  },
  { weight: 3, arbitrary: DRAWN.map(commitStep) },
  { weight: 3, arbitrary: fc.tuple(DRAWN, fc.boolean()).map((of) => stableStep(...of)) },
  { weight: 3, arbitrary: fc.nat({ max: 200 }).map(applyStep) },
  { weight: 2, arbitrary: DRAWN.map(snapshotStep) },
  { weight: 2, arbitrary: DRAWN.map(compactStep) },
  { weight: 1, arbitrary: DRAWN.map(restoreStep) },
);

function compare(log: RaftLog, twin: Twin): void {
  expect({
    compacted: log.compacted,
    lastIndex: log.lastIndex,
    lastTerm: log.lastTerm,
    stableIndex: log.stableIndex,
    commitIndex: log.commitIndex,
    appliedIndex: log.appliedIndex,
    snapshotIndex: log.snapshotIndex,
    bytes: log.bytes,
    uncommittedBytes: log.uncommittedBytes,
    entries: log.entriesFrom(log.compacted.index + 1, Infinity),
    membership: { index: log.membershipIndex, membership: log.membership },
    committedMembership: log.membershipAt(log.commitIndex),
  }).toEqual({
    compacted: twin.compacted,
    lastIndex: twin.last,
    lastTerm: twin.termAt(twin.last),
    stableIndex: twin.stable,
    commitIndex: twin.commit,
    appliedIndex: twin.applied,
    snapshotIndex: twin.snapshot,
    bytes: twin.bytesAfter(0),
    uncommittedBytes: twin.bytesAfter(twin.commit),
    entries: twin.held,
    membership: {
      index: twin.membershipAt(twin.last).index,
      membership: twin.membershipAt(twin.last).membership,
    },
    committedMembership: twin.membershipAt(twin.commit).membership,
  });
}

test("RaftLog is its twin after any steps", () => {
  fc.assert(
    fc.property(fc.array(arbitraryStep, { maxLength: 60, size: "max" }), (steps) => {
      const log = logOf({ terms: [1, 1] });
      const twin = new Twin();
      compare(log, twin);
      for (const step of steps) {
        step(log, twin);
        compare(log, twin);
      }
      expect(termsOf(log)).toEqual(termsOf(log).toSorted((left, right) => left - right));
    }),
    { numRuns: 150 },
  );
});

test("RaftLog counts the same after a start from what it held", () => {
  const entries = [
    entryOf(2, 1, "xyz"),
    membershipEntry(3, 1, membershipWith(["a"])),
    entryOf(4, 2),
  ];
  const log = logOf({ entries, commit: 2 });
  expect(log.bytes).toBe(entries.reduce((sum, entry) => sum + entryBytes(entry), 0));
  expect(log.uncommittedBytes).toBe(entryBytes(entries[1]!) + entryBytes(entries[2]!));
  expect([log.membershipIndex, log.membership.voters.length]).toEqual([3, 1]);
  expect(log.membershipAt(2).voters).toHaveLength(3);
});

test("RaftLog starts from its snapshot, whatever the tail and the commit index before it say", () => {
  const disk = diskOf({
    entries: [membershipEntry(2, 1, membershipWith(["a", "b"])), ...entriesOf([1, 1], 3)],
    commit: 1,
  });
  disk.snapshot = snapshotOf(3, 1, membershipWith(["a"]));
  const log = new RaftLog(disk.open());
  expect([log.commitIndex, log.membershipIndex]).toEqual([3, 3]);
  expect(log.membership).toEqual(membershipWith(["a"]));
  // Also where the last entry that the snapshot covers is the one that brought its membership.
  disk.entries = [entryOf(2, 1), membershipEntry(3, 1, membershipWith(["a"]))];
  expect(new RaftLog(disk.open()).membershipIndex).toBe(3);
});
