import { beforeEach, describe, expect, test } from "bun:test";
import { createSnapshot } from "../../../src/raft/mod.ts";
import { RegisterMachine } from "../register_machine.ts";
import {
  change,
  command,
  committedLog,
  FIRST,
  IDS,
  members,
  noop,
  TestSubject,
} from "./_test_subject.ts";
import { Applying } from "./applying.ts";
import type { CommittedLog } from "./committed_log.ts";
import { Commits } from "./commits.ts";
import { Leaders } from "./leaders.ts";
import { LogMatching } from "./log_matching.ts";
import { MembershipChanges } from "./membership_changes.ts";

let committed: CommittedLog;
let leaders: Leaders;
let commits: Commits;
let subjects: TestSubject[];

beforeEach(() => {
  committed = committedLog();
  leaders = new Leaders(committed);
  subjects = IDS.map((id) => new TestSubject(id));
  commits = new Commits(committed, leaders, (id) => subjects.find((one) => one.id === id));
});

const leads = (subject: TestSubject, term: number) =>
  leaders.onRole(subject, { kind: "role", role: "leader", term, leader: subject.id });

describe("CommittedLog", () => {
  test("takes each entry once, in order, and never another in its place", () => {
    committed.record(noop(2, 2), 2, "n1");
    committed.record(noop(2, 2), 3, "n2");
    expect(() => committed.record(noop(2, 3), 3, "n3")).toThrow("state-machine safety");
    expect(() => committed.record(noop(4, 2), 2, "n3")).toThrow("state-machine safety");
    expect(() => committed.record(noop(3, 1), 2, "n3")).toThrow("state-machine safety");
    committed.record(command(3, 2), 2, "n1");
    const other = command(3, 2, 7);
    expect(() => committed.record(other, 2, "n2")).toThrow("state-machine safety");
    expect([committed.lastIndex, committed.lastTerm]).toEqual([3, 2]);
  });

  test("knows which entries were committed before a term", () => {
    committed.record(noop(2, 2), 2, "n1");
    committed.record(noop(3, 2), 4, "n1");
    expect([2, 3, 4, 5].map((term) => committed.lastIndexBefore(term))).toEqual([1, 2, 2, 3]);
  });

  test("a snapshot has the term, the membership and the state of its index", () => {
    const twin = new RegisterMachine();
    const entry = command(2, 2);
    if (entry.body.kind === "command") twin.apply({ index: 2, data: entry.body.data });
    committed.record(entry, 2, "n1");
    const { membership } = FIRST;
    committed.checkSnapshot(createSnapshot(2, 2, membership, twin.snapshot()), "n1");
    const early = createSnapshot(3, 2, membership, twin.snapshot());
    expect(() => committed.checkSnapshot(early, "n1")).toThrow("of what is committed");
    const wrongState = createSnapshot(2, 2, membership, FIRST.data);
    expect(() => committed.checkSnapshot(wrongState, "n1")).toThrow("the state of its index");
    const wrongMembers = createSnapshot(2, 2, members("n1"), twin.snapshot());
    expect(() => committed.checkSnapshot(wrongMembers, "n1")).toThrow("membership of its index");
  });
});

const inTerm = (term: number) => ({ hardState: { term, vote: undefined, commit: 1 } });

describe("Commits", () => {
  test("what a quorum's disks hold in the term of its leader is committed", () => {
    const [n1, n2] = subjects as [TestSubject, TestSubject];
    leads(n1, 2);
    n1.write({ entries: [noop(2, 2), noop(3, 2)] });
    commits.onSynced(n1);
    expect(committed.lastIndex).toBe(1);
    n2.write({ entries: [noop(2, 2)] });
    commits.onSynced(n2);
    expect(committed.lastIndex).toBe(2);
  });

  test("a leader commits what a quorum's disks hold, of its own term", () => {
    const [n1, n2] = subjects as [TestSubject, TestSubject];
    leads(n1, 3);
    n1.write({ entries: [noop(2, 2), noop(3, 3)] });
    n2.writeOnly({ entries: [noop(2, 2), noop(3, 3)] });
    expect(() => commits.onClaim(n1, 3, 3)).toThrow("committed means durable on a quorum");
    expect(() => commits.onClaim(n1, 2, 3)).toThrow("a leader commits entries of its own term");
    expect(() => commits.onClaim(n1, 3, undefined)).toThrow("only a leader commits");
    n2.synced.apply({ entries: [noop(2, 2), noop(3, 3)] });
    commits.onClaim(n1, 3, 3);
    expect(committed.lastIndex).toBe(3);
  });

  test("learners do not count", () => {
    const [n1, n2] = subjects as [TestSubject, TestSubject];
    const membership = { voters: members("n1", "n3").voters, learners: members("n2").voters };
    leads(n1, 2);
    for (const one of [n1, n2]) one.write({ entries: [change(2, 2, membership)] });
    commits.onSynced(n2);
    expect(committed.lastIndex).toBe(1);
    expect(() => commits.onClaim(n1, 2, 2)).toThrow("committed means durable on a quorum");
  });

  test("a follower's commit is of what it holds", () => {
    const n3 = subjects[2]!;
    committed.record(noop(2, 2), 2, "n1");
    n3.write({ entries: [noop(2, 1)] });
    expect(() => commits.onClaim(n3, 2, undefined)).toThrow("state-machine safety");
  });

  test("what is committed is not cut off, by entries or by a snapshot; what is not may be", () => {
    const n2 = subjects[1]!;
    const hardState = { term: 3, vote: undefined, commit: 1 };
    n2.write({ hardState, entries: [noop(2, 2), noop(3, 2), noop(4, 2)] });
    committed.record(noop(2, 2), 2, "n1");
    committed.record(noop(3, 2), 2, "n1");
    commits.beforeWrite(n2, { entries: [noop(4, 3)] });
    commits.beforeWrite(n2, { entries: [noop(3, 2)] });
    expect(() => commits.beforeWrite(n2, { entries: [noop(3, 3)] })).toThrow("stays");
    expect(() => commits.beforeWrite(n2, { entries: [noop(2, 2)] })).toThrow("stays");
    const discard = { snapshot: FIRST, discardsLog: true, entries: [] } as const;
    expect(() => commits.beforeWrite(n2, discard)).toThrow("what is committed stays");
  });

  test("one that has not come to the term of the commit may still follow a leader before it", () => {
    const n2 = subjects[1]!;
    n2.write({ ...inTerm(3), entries: [noop(2, 2)] });
    committed.record(noop(2, 2), 4, "n1");
    commits.beforeWrite(n2, { entries: [noop(2, 3)] });
    expect(() => commits.beforeWrite(n2, { ...inTerm(4), entries: [noop(2, 3)] })).toThrow("stays");
  });
});

describe("LogMatching", () => {
  test("an entry of an index and term is the same everywhere, and follows on the same", () => {
    const [n1, n2, n3] = subjects as [TestSubject, TestSubject, TestSubject];
    const matching = new LogMatching();
    matching.beforeWrite(n1, { entries: [command(2, 2), noop(3, 3)] });
    matching.beforeWrite(n2, { entries: [command(2, 2), noop(3, 3)] });
    expect(() => matching.beforeWrite(n3, { entries: [command(2, 2, 9)] })).toThrow("log matching");
    const otherBefore = { entries: [noop(2, 1), noop(3, 3)] };
    expect(() => matching.beforeWrite(n3, otherBefore)).toThrow("log matching");
  });

  test("a log has no gaps, and its terms do not fall", () => {
    const n1 = subjects[0]!;
    const matching = new LogMatching();
    expect(() => matching.beforeWrite(n1, { entries: [noop(3, 2)] })).toThrow("no gaps");
    const falling = { entries: [noop(2, 3), noop(3, 2)] };
    expect(() => matching.beforeWrite(n1, falling)).toThrow("no gaps");
  });
});

describe("MembershipChanges", () => {
  const fourth = { voters: FIRST.membership.voters, learners: members("n4").voters };

  test("one at a time, and after an entry of the leader's own term", () => {
    const n1 = subjects[0]!;
    const changes = new MembershipChanges(committed, leaders);
    leads(n1, 2);
    const first = { entries: [change(2, 2, fourth)] };
    expect(() => changes.beforeWrite(n1, first)).toThrow("waits for the term's first commit");
    committed.record(noop(2, 2), 2, "n1");
    n1.write({ entries: [noop(2, 2)] });
    changes.beforeWrite(n1, { entries: [change(3, 2, fourth)] });
    n1.write({ entries: [change(3, 2, fourth)] });
    const second = { entries: [change(4, 2, members("n1", "n2"))] };
    expect(() => changes.beforeWrite(n1, second)).toThrow("at most one uncommitted");
    n1.write(second);
    expect(() => changes.afterWrite(n1, second)).toThrow("at most one uncommitted");
  });

  test("one server at a time", () => {
    const n1 = subjects[0]!;
    const changes = new MembershipChanges(committed, leaders);
    leads(n1, 2);
    committed.record(noop(2, 2), 2, "n1");
    const both = { entries: [change(3, 2, members("n1", "n4"))] };
    expect(() => changes.beforeWrite(n1, both)).toThrow("changes one server");
  });
});

describe("Applying", () => {
  test("in order, once, only what is durable, and to the same state", () => {
    const n1 = subjects[0]!;
    const applying = new Applying(committed);
    committed.record(noop(2, 2), 2, "n1");
    n1.writeOnly({ entries: [noop(2, 2)] });
    applying.onStart(n1);
    expect(() => applying.onHandedOver(n1, 2, 2)).toThrow("applied entries are durable");
    n1.synced.apply({ entries: [noop(2, 2)] });
    applying.onHandedOver(n1, 2, 2);
    expect(() => applying.onHandedOver(n1, 2, 2)).toThrow("in order, once");
    expect(() => applying.onHandedOver(n1, 4, 4)).toThrow("in order, once");
    expect(() => applying.onRestored(n1, FIRST)).toThrow("in order, once");
    const later = { ...FIRST, index: 3 };
    expect(() => applying.onRestored(n1, later)).toThrow("applied entries are durable");
    applying.onApplied(n1, 2, committed.historyHashAt(2)!);
    expect(() => applying.onApplied(n1, 2, 77)).toThrow("the same state at the same index");
  });
});
