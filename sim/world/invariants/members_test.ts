import { describe, expect, test } from "bun:test";
import type { HardState } from "../../../src/raft/mod.ts";
import { members, noop, TestSubject } from "./_test_subject.ts";
import { Bounds } from "./bounds.ts";
import { Monotonic } from "./monotonic.ts";
import { Outcomes } from "./outcomes.ts";
import { takeViolation, violate } from "./violation.ts";

describe("Monotonic", () => {
  test("term, commit and applied never fall while the member runs", () => {
    for (const name of ["term", "commitIndex", "appliedIndex"] as const) {
      const n1 = new TestSubject("n1");
      const monotonic = new Monotonic();
      n1.write({ entries: [noop(2, 1), noop(3, 1)] });
      n1.says = { term: 5, commitIndex: 3, appliedIndex: 2 };
      monotonic.check(n1, n1.status());
      n1.says = { ...n1.says, [name]: 1 };
      expect(() => monotonic.check(n1, n1.status())).toThrow("never fall");
    }
  });

  test("a restart may fall back to what the disk says, and no further", () => {
    const n1 = new TestSubject("n1");
    const monotonic = new Monotonic();
    n1.write({ entries: [noop(2, 1)] });
    n1.write({ hardState: { term: 4, vote: undefined, commit: 2 }, entries: [] });
    n1.says = { term: 6, commitIndex: 2 };
    monotonic.check(n1, n1.status());
    n1.life++;
    n1.says = { term: 4, commitIndex: 2 };
    monotonic.check(n1, n1.status());
    n1.life++;
    n1.says = { term: 3, commitIndex: 2 };
    expect(() => monotonic.check(n1, n1.status())).toThrow("a restart forgets nothing");
  });

  test("the hard state never goes back, and a vote stays for its term", () => {
    const before: HardState = { term: 3, vote: "n2", commit: 5 };
    const check = (after: Partial<HardState>) =>
      Monotonic.checkReplaced("n1", before, { ...before, ...after });
    check({ commit: 6 });
    check({ term: 4, vote: undefined });
    for (const after of [{ term: 2 }, { commit: 4 }, { vote: "n3" }, { vote: undefined }]) {
      expect(() => check(after)).toThrow("the hard state never goes back");
    }
  });

  test("what a member says of its log is what it wrote", () => {
    const lies = [{ lastIndex: 9 }, { lastTerm: 9 }, { membership: members("n1") }];
    for (const lie of lies) {
      const n1 = new TestSubject("n1");
      n1.says = lie;
      expect(() => new Monotonic().check(n1, n1.status())).toThrow("the log is what was written");
    }
  });
});

describe("Bounds", () => {
  const options = {
    maxInflightBatches: 2,
    maxUncommittedBytes: 1_000,
    maxPendingReads: 4,
    largestCommandBytes: 300,
  };

  test("batches in flight, reads and uncommitted bytes", () => {
    const n1 = new TestSubject("n1");
    const bounds = new Bounds(options);
    const peer = {
      id: "n2",
      state: "replicate",
      matchIndex: 1,
      nextIndex: 2,
      isActive: true,
    } as const;
    n1.says = { role: "leader", pendingReads: 8, uncommittedBytes: 1_000 };
    bounds.check(n1, n1.status());
    n1.says = { role: "leader", peers: [{ ...peer, inflightBatches: 3 }] };
    expect(() => bounds.check(n1, n1.status())).toThrow("batches in flight");
    n1.says = { role: "leader", pendingReads: 9 };
    expect(() => bounds.check(n1, n1.status())).toThrow("pending reads");
    n1.says = { role: "leader", uncommittedBytes: 10_000 };
    expect(() => bounds.check(n1, n1.status())).toThrow("uncommitted bytes");
    // What a leader found in its log is not its doing.
    n1.says = { role: "leader", uncommittedBytes: 9_000 };
    bounds.check(n1, n1.status());
  });
});

describe("Bounds of memory and the network", () => {
  const options = {
    maxInflightBatches: 2,
    maxUncommittedBytes: 1_000,
    maxPendingReads: 4,
    largestCommandBytes: 300,
  };

  test("bytes are what the entries have", () => {
    const n1 = new TestSubject("n1");
    n1.write({ entries: [noop(2, 1), noop(3, 1)] });
    const bounds = new Bounds(options);
    n1.says = { commitIndex: 2, logBytes: 64, uncommittedBytes: 32 };
    bounds.checkCounts(n1, n1.status());
    for (const lie of [{ logBytes: 32 }, { uncommittedBytes: 64 }]) {
      n1.says = { commitIndex: 2, logBytes: 64, uncommittedBytes: 32, ...lie };
      expect(() => bounds.checkCounts(n1, n1.status())).toThrow("bytes are counted");
    }
  });

  test("one snapshot at a time goes from a member to another", () => {
    const n1 = new TestSubject("n1");
    const bounds = new Bounds(options);
    const end = bounds.beginSnapshot(n1, "n2");
    bounds.beginSnapshot(n1, "n3");
    expect(() => bounds.beginSnapshot(n1, "n2")).toThrow("one snapshot at a time");
    end();
    bounds.beginSnapshot(n1, "n2");
  });
});

describe("Outcomes", () => {
  test("an outcome is given once, and is true", () => {
    const outcomes = new Outcomes();
    const [one, two, three] = [outcomes.begin(), outcomes.begin(), outcomes.begin()];
    outcomes.committed(one, 7);
    outcomes.tell(one, "committed", 7);
    expect(outcomes.acknowledgedIndex).toBe(7);
    expect(() => outcomes.tell(one, "unknown")).toThrow("an outcome is given once");
    expect(() => outcomes.tell(two, "committed", 8)).toThrow("what is acknowledged is committed");
    outcomes.tell(three, "dropped");
    expect(() => outcomes.committed(three, 9)).toThrow("what was dropped never commits");
    expect(() => outcomes.committed(one, 9)).toThrow("an attempt is committed once");
  });

  test("what is committed already cannot be dropped", () => {
    const outcomes = new Outcomes();
    const attempt = outcomes.begin();
    outcomes.committed(attempt, 3);
    expect(() => outcomes.tell(attempt, "dropped")).toThrow("what was dropped never commits");
  });

  test("a command takes effect once, and if acknowledged at least once", () => {
    const outcomes = new Outcomes();
    outcomes.tookEffect("1/1", 0, 4);
    expect([outcomes.isEffective("1/1", 0), outcomes.isEffective("1/1", 1)]).toEqual([true, false]);
    expect(() => outcomes.tookEffect("1/1", 1, 6)).toThrow("applied once");
    outcomes.acknowledge("1/1", 1);
    outcomes.checkAcknowledged();
    outcomes.acknowledge("1/2", 2);
    expect(() => outcomes.checkAcknowledged()).toThrow("no acknowledged write is lost");
  });
});

test("violate() keeps the first violation for whoever runs the world", () => {
  takeViolation();
  expect(() => violate("one", "first")).toThrow("one: first");
  expect(() => violate("two", "second")).toThrow("two: second");
  expect(takeViolation()?.invariant).toBe("one");
  expect(takeViolation()).toBeUndefined();
});
