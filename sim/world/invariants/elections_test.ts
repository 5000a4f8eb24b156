import { beforeEach, describe, expect, test } from "bun:test";
import { FIRST, IDS, committedLog, members, message, noop, TestSubject } from "./_test_subject.ts";
import type { CommittedLog } from "./committed_log.ts";
import { Disruption } from "./disruption.ts";
import { Leaders } from "./leaders.ts";
import { Promises } from "./promises.ts";
import { Votes } from "./votes.ts";
import { takeViolation } from "./violation.ts";

let committed: CommittedLog;
let leaders: Leaders;
let [n1, n2, n3] = IDS.map((id) => new TestSubject(id)) as [TestSubject, TestSubject, TestSubject];

beforeEach(() => {
  takeViolation();
  committed = committedLog();
  leaders = new Leaders(committed);
  [n1, n2, n3] = IDS.map((id) => new TestSubject(id)) as [TestSubject, TestSubject, TestSubject];
});

const leads = (subject: TestSubject, term: number) =>
  leaders.onRole(subject, { kind: "role", role: "leader", term, leader: subject.id });
const follows = (subject: TestSubject, term: number) =>
  leaders.onRole(subject, { kind: "role", role: "follower", term, leader: undefined });
const heartbeat = { kind: "heartbeatRequest", leaderCommit: 0, round: 1 } as const;
const question = { kind: "preVoteRequest", lastLogIndex: 1, lastLogTerm: 1 } as const;
const campaign = { ...question, kind: "voteRequest", isTransfer: false } as const;
const vote = { kind: "voteResponse", isGranted: true } as const;

const inTerm = (subject: TestSubject, term: number, given?: string) =>
  subject.write({ hardState: { term, vote: given, commit: 1 }, entries: [] });
const agree = (matchIndex: number) =>
  message("n2", "n1", 2, { kind: "appendResponse", result: { ok: true, matchIndex } });
const nothing = () => {};
const gives = (subject: TestSubject) => () => {
  subject.says = { term: 3, vote: "n1" };
};

describe("Leaders", () => {
  test("at most one leads a term, by its word or by its messages", () => {
    leads(n1, 2);
    leads(n1, 2);
    leads(n2, 3);
    expect(() => leads(n3, 2)).toThrow("at most one leader a term");
    const beat = message("n3", "n1", 3, heartbeat);
    expect(() => leaders.onSend(n3, beat)).toThrow("at most one leader a term");
  });

  test("a leader has all that was committed in earlier terms, and may lack what came later", () => {
    committed.record(noop(2, 2), 2, "test");
    leads(n1, 2);
    expect(() => leads(n2, 3)).toThrow("leader completeness");
    n3.write({ entries: [noop(2, 2)] });
    leads(n3, 4);
    committed.record(noop(3, 2), 2, "test");
    expect(() => leaders.onCommitted(2, 3)).toThrow("leader completeness");
  });

  test("a leader only appends", () => {
    leads(n1, 2);
    n1.write({ entries: [noop(2, 2)] });
    leaders.beforeWrite(n1, { entries: [noop(3, 2)] });
    const again = { entries: [noop(2, 2)] };
    expect(() => leaders.beforeWrite(n1, again)).toThrow("append-only leaders");
    const discard = { snapshot: FIRST, discardsLog: true, entries: [] } as const;
    expect(() => leaders.beforeWrite(n1, discard)).toThrow("append-only leaders");
    follows(n1, 3);
    leaders.beforeWrite(n1, again);
  });

  test("a leader is one no more after a step down or a crash", () => {
    leads(n1, 2);
    expect(leaders.inOffice(2)).toBe(n1);
    leaders.event = 7;
    follows(n1, 2);
    expect([leaders.inOffice(2), leaders.termLedInEvent(n1)]).toEqual([undefined, 2]);
    leaders.event = 8;
    expect(leaders.termLedInEvent(n1)).toBeUndefined();
    leads(n2, 3);
    n2.life++;
    expect(leaders.inOffice(3)).toBeUndefined();
  });

  test("only voters campaign", () => {
    for (const role of ["preCandidate", "candidate", "leader"] as const) {
      const says = { kind: "role", role, term: 2, leader: undefined } as const;
      leaders.onRole(n1, says);
      const learner = new TestSubject("n4");
      expect(() => leaders.onRole(learner, says)).toThrow("learners never campaign");
    }
  });

  test("a leader that is removed, and knows it, steps down", () => {
    const without = { kind: "membership", membership: members("n2", "n3") } as const;
    const id = { node: "n1", incarnation: 1, sequence: 1 };
    n1.write({ entries: [{ index: 2, term: 2, body: { ...without, id } }] });
    n1.says = { role: "leader", commitIndex: 1 };
    leaders.afterEvent(n1, n1.status());
    n1.says = { role: "leader", commitIndex: 2 };
    expect(() => leaders.afterEvent(n1, n1.status())).toThrow("a removed leader steps down");
  });
});

describe("Promises", () => {
  test("a vote is durable when it leaves, a candidate's own too", () => {
    const promises = new Promises(leaders);
    const granted = message("n1", "n2", 2, vote);
    expect(() => promises.onSend(n1, granted)).toThrow("a vote is durable before it is given");
    inTerm(n1, 2, "n2");
    promises.onSend(n1, granted);
    const asked = message("n2", "n1", 2, campaign);
    expect(() => promises.onSend(n2, asked)).toThrow("a vote is durable before it is given");
  });

  test("one vote a term, across crashes", () => {
    const promises = new Promises(leaders);
    inTerm(n1, 2, "n2");
    promises.onSend(n1, message("n1", "n2", 2, vote));
    n1.life++;
    inTerm(n1, 2, "n3");
    const second = message("n1", "n3", 2, vote);
    expect(() => promises.onSend(n1, second)).toThrow("one vote a term");
    inTerm(n1, 3, "n3");
    promises.onSend(n1, message("n1", "n3", 3, vote));
  });

  test("an agreed entry is durable, and the leader's", () => {
    const promises = new Promises(leaders);
    leads(n1, 2);
    n1.write({ entries: [noop(2, 2), noop(3, 2)] });
    inTerm(n2, 2);
    n2.writeOnly({ entries: [noop(2, 2)] });
    expect(() => promises.onSend(n2, agree(2))).toThrow("an agreed entry is durable");
    n2.synced.apply({ entries: [noop(2, 2)] });
    promises.onSend(n2, agree(2));
    n2.write({ entries: [noop(3, 1)] });
    expect(() => promises.onSend(n2, agree(3))).toThrow("an agreed entry is the leader's");
  });
});

describe("Votes", () => {
  const asked = { ...campaign, lastLogIndex: 2, lastLogTerm: 2 };
  const runs = { kind: "role", role: "candidate", term: 3, leader: undefined } as const;

  test("a vote goes to a log that is as up to date", () => {
    n2.write({ entries: [noop(2, 2), noop(3, 2)] });
    const request = message("n1", "n2", 3, asked);
    expect(() => new Votes().onReceive(n2, request, gives(n2))).toThrow("logs that are up to date");
    const longer = message("n1", "n2", 3, { ...asked, lastLogIndex: 3 });
    n2.says = {};
    new Votes().onReceive(n2, longer, gives(n2));
    // The term of the last entry comes first.
    const later = message("n1", "n2", 3, { ...asked, lastLogTerm: 3 });
    n2.says = {};
    new Votes().onReceive(n2, later, gives(n2));
    new Votes().onReceive(n3, request, nothing);
  });

  test("a pre-vote too", () => {
    n2.write({ entries: [noop(2, 2), noop(3, 2)] });
    const some = new Votes();
    const request = message("n1", "n2", 3, { ...question, lastLogIndex: 2, lastLogTerm: 2 });
    const granted = message("n2", "n1", 3, { kind: "preVoteResponse", isGranted: true });
    const grants = () => some.onSend(n2, granted);
    expect(() => some.onReceive(n2, request, grants)).toThrow("logs that are up to date");
  });

  test("a candidate has a majority that would vote for it, in that very term", () => {
    const some = new Votes();
    expect(() => some.onRole(n1, runs)).toThrow("a candidate was found electable");
    some.onSend(n2, message("n2", "n1", 4, { kind: "preVoteResponse", isGranted: true }));
    expect(() => some.onRole(n1, runs)).toThrow("a candidate was found electable");
    some.onSend(n2, message("n2", "n1", 3, { kind: "preVoteResponse", isGranted: true }));
    some.onRole(n1, runs);
  });

  test("or was asked by the leader, and only then says so", () => {
    const some = new Votes();
    const transfer = message("n1", "n2", 3, { ...campaign, isTransfer: true });
    expect(() => some.onSend(n1, transfer)).toThrow("only the leader's successor");
    some.onSend(n2, message("n2", "n1", 2, { kind: "timeoutNow" }));
    some.onRole(n1, runs);
    some.onSend(n1, transfer);
  });
});

describe("Disruption", () => {
  const electionTicks = 10;
  let disruption: Disruption;
  const hear = (subject: TestSubject) => {
    subject.says = { term: 2 };
    disruption.onReceive(subject, message("n1", subject.id, 2, heartbeat), nothing);
  };
  const grant = message("n2", "n3", 3, { kind: "preVoteResponse", isGranted: true });

  beforeEach(() => {
    disruption = new Disruption(leaders, electionTicks);
  });

  test("a pre-vote changes neither term nor role nor vote", () => {
    const asked = message("n3", "n2", 3, question);
    disruption.onReceive(n2, asked, nothing);
    const moves = () => {
      n2.says = { term: 3 };
    };
    expect(() => disruption.onReceive(n2, asked, moves)).toThrow("a pre-vote changes nothing");
  });

  test("who hears a leader grants no pre-vote, until it has heard nothing for long enough", () => {
    disruption.onSend(n2, grant);
    hear(n2);
    expect(() => disruption.onSend(n2, grant)).toThrow("who hears a leader grants no pre-vote");
    for (let tick = 0; tick < electionTicks; tick++) disruption.onTick(n2);
    disruption.onSend(n2, grant);
  });

  test("a request for votes moves nobody who hears a leader, unless the leader asked for it", () => {
    hear(n2);
    const moves = () => {
      n2.says = { term: 3, vote: "n3" };
    };
    const asked = message("n3", "n2", 3, campaign);
    expect(() => disruption.onReceive(n2, asked, moves)).toThrow("a working leader is left alone");
    hear(n2);
    disruption.onReceive(n2, { ...asked, isTransfer: true }, moves);
  });
});
