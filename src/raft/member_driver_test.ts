/**
 * The driver's daily work: what was asked for is answered as it ended, what was committed is applied
 * once, commands gather, snapshots are taken, sent and followed by compaction.
 */
import { describe, expect, test } from "bun:test";
import { bytes, entriesOf, memberOf, requestId, snapshotOf, textOf } from "./_test_core.ts";
import { LoneDriver } from "./_test_driver.ts";
import { LedgerMachine } from "./_test_ledger_machine.ts";
import { InvariantError } from "./assert.ts";
import { crc32c } from "./crc32c.ts";
import type { ProposalOutcome, ReadOutcome } from "./pending_requests.ts";

const outcomeText = (outcome: ProposalOutcome | undefined) =>
  outcome?.kind === "committed" && outcome.result.ok ? textOf(outcome.result.output) : outcome;

/** Asks, and gives where the outcomes will be. */
function propose(driver: LoneDriver, ...texts: readonly string[]): ProposalOutcome[] {
  const outcomes: ProposalOutcome[] = [];
  for (const text of texts) driver.member.propose(bytes(text), (outcome) => outcomes.push(outcome));
  return outcomes;
}

const forwarded = (sequence: number) =>
  ({
    kind: "proposeRequest",
    proposal: {
      id: requestId(sequence, "b"),
      body: { kind: "command", data: bytes(`${sequence}`) },
    },
  }) as const;

const REMOVE_D = { kind: "remove", id: "d" } as const;

describe("receiveAll()", () => {
  test("writes commands that came together at once, and takes all in the order of their coming", () => {
    const driver = new LoneDriver({ learners: ["d"] }).lead();
    const removal = { id: requestId(3, "b"), body: { kind: "change", change: REMOVE_D } } as const;
    const bodies = [
      forwarded(1),
      forwarded(2),
      { kind: "proposeRequest", proposal: removal } as const,
      forwarded(4),
    ];
    driver.member.receiveAll(bodies.map((body) => driver.messageFrom("b", body)));
    const written = driver.writes.map(({ write }) => write.entries.map(({ body }) => body.kind));
    expect(written).toEqual([["command", "command"], ["membership"], ["command"]]);
  });

  test("answers each once, whatever comes between them", () => {
    const driver = new LoneDriver({});
    const heartbeat = { kind: "heartbeatRequest", leaderCommit: 1, round: 1 } as const;
    const bodies = [forwarded(1), heartbeat, forwarded(2)];
    driver.member.receiveAll(bodies.map((body) => driver.messageFrom("b", body)));
    const answers = driver.sent.flatMap((message) =>
      message.kind === "proposeResponse" ? [message.id.sequence] : [],
    );
    expect(answers).toEqual([1, 2]);
  });

  test("of nothing does nothing", () => {
    const driver = new LoneDriver({}).lead();
    const before = driver.effects.length;
    expect(before).toBeGreaterThan(0);
    driver.member.receiveAll([]);
    expect(driver.effects).toHaveLength(before);
  });
});

describe("what others wait for", () => {
  test("leaves a leader before its own disk is asked", () => {
    const driver = new LoneDriver({}).lead();
    const left = driver.sent.length;
    driver.flushes.length = 0;
    propose(driver, "x");
    expect(driver.sent.length).toBe(left + 2);
    expect(driver.flushes).toEqual([left + 2]);
    expect(driver.writes).toHaveLength(1);
  });

  test("leaves before anything is applied here, and whoever asked here is answered after that", () => {
    const machine = new LedgerMachine();
    const seen: [string, number][] = [];
    const apply = machine.apply.bind(machine);
    const driver = new LoneDriver({ machine }).lead();
    machine.apply = (command) => {
      seen.push(["applied", driver.flushes.at(-1)!]);
      return apply(command);
    };
    driver.member.propose(bytes("x"), () => seen.push(["answered", driver.flushes.at(-1)!]));
    driver.receive("b", forwarded(1));
    driver.flush();
    driver.flushes.length = 0;
    const left = driver.sent.length;
    driver.acknowledge(4);
    // The news of the commit went to who waits for it.
    expect(seen).toEqual([
      ["applied", left + 1],
      ["applied", left + 1],
      ["answered", left + 1],
    ]);
  });
});

describe("propose()", () => {
  test("is answered with the index and what the state machine said, once it is committed and applied", () => {
    const driver = new LoneDriver({}).lead();
    const outcomes = propose(driver, "x", "!no");
    driver.flush();
    expect(outcomes).toEqual([]);
    driver.acknowledge(4);
    expect(outcomes.map(outcomeText)).toEqual([
      "1 x",
      { kind: "committed", index: 4, result: { ok: false, error: "refused !no" } },
    ]);
  });

  test("is `dropped`, with the reason, where it is refused", () => {
    const driver = new LoneDriver({});
    const reason = "there is no leader";
    expect(propose(driver, "x")).toEqual([{ kind: "dropped", reason }]);
  });

  test("is answered as the leader says, where it was forwarded", () => {
    const driver = new LoneDriver({});
    driver.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
    const outcomes = propose(driver, "x", "y");
    const ids = driver.sent.flatMap((of) => (of.kind === "proposeRequest" ? [of.proposal.id] : []));
    expect(ids).toEqual([requestId(1), requestId(2)]);
    for (const [place, outcome] of (["dropped", "unknown"] as const).entries()) {
      driver.receive("b", { kind: "proposeResponse", id: ids[place]!, outcome, reason: "full" });
    }
    expect(outcomes).toEqual([
      { kind: "dropped", reason: "full" },
      { kind: "unknown", reason: "full" },
    ]);
  });

  test("that was forwarded is committed here when its entry is applied here", () => {
    const driver = new LoneDriver({});
    driver.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
    const outcomes = propose(driver, "x");
    const body = { kind: "command", id: requestId(1), data: bytes("x") } as const;
    driver.receive("b", {
      kind: "appendRequest",
      prevLogIndex: 1,
      prevLogTerm: 1,
      entries: [{ index: 2, term: 2, body }],
      leaderCommit: 2,
    });
    expect(outcomes.map(outcomeText)).toEqual(["1 x"]);
  });

  test("is `unknown` after requestTimeoutTicks, and whatever comes then changes nothing", () => {
    const driver = new LoneDriver({}, { requestTimeoutTicks: 4 }).lead();
    const outcomes = propose(driver, "x");
    driver.tick(3);
    expect(outcomes).toEqual([]);
    driver.tick(1);
    expect(outcomes).toEqual([{ kind: "unknown", reason: "no outcome was seen in time" }]);
    driver.acknowledge(driver.member.status().lastIndex);
    expect(outcomes).toHaveLength(1);
  });

  test("is not taken for one of an earlier start, which had the same number", () => {
    const driver = new LoneDriver({});
    driver.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
    const outcomes = propose(driver, "new");
    const commit = (index: number, incarnation: number, text: string) =>
      driver.receive("b", {
        kind: "appendRequest",
        prevLogIndex: index - 1,
        prevLogTerm: index === 2 ? 1 : 2,
        entries: [
          {
            index,
            term: 2,
            body: { kind: "command", id: requestId(1, "a", incarnation), data: bytes(text) },
          },
        ],
        leaderCommit: index,
      });
    commit(2, 7, "old");
    expect(outcomes).toEqual([]);
    commit(3, 1, "new");
    expect(outcomes.map(outcomeText)).toEqual(["2 new"]);
  });

  test("within a callback waits for its turn", () => {
    const driver = new LoneDriver({ voters: ["a"] });
    driver.tick(10);
    driver.flush();
    const order: string[] = [];
    driver.member.propose(bytes("x"), () => {
      driver.member.propose(bytes("y"), () => order.push("y"));
      order.push("x");
    });
    driver.flush();
    expect(order).toEqual(["x", "y"]);
  });
});

describe("commands that come until soon() runs", () => {
  test("go into the log as one write and one round of messages", () => {
    const driver = new LoneDriver({ gathers: true }).lead();
    driver.sent.length = 0;
    propose(driver, "x", "y", "z");
    expect([driver.soon.length, driver.writes.length, driver.sent.length]).toEqual([1, 0, 0]);
    driver.soon.shift()!();
    expect(driver.writes.map(({ write }) => write.entries.length)).toEqual([3]);
    const appends = driver.sent.filter(({ kind }) => kind === "appendRequest");
    expect(appends.map((of) => of.kind === "appendRequest" && of.entries.length)).toEqual([3, 3]);
    propose(driver, "later");
    expect(driver.soon).toHaveLength(1);
  });

  test("leave before a change of the members that is asked for after them: a leader takes up nothing else", () => {
    const follower = new LoneDriver({ gathers: true }, { maxCommandBytes: 5 });
    follower.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
    propose(follower, "x");
    // Whoever is refused at once asks for another: that comes after the change.
    follower.member.propose(bytes("too long"), () => propose(follower, "later"));
    follower.member.changeMembership({ kind: "remove", id: "c" }, () => {});
    for (const run of follower.soon) run();
    const asked = follower.sent.filter((message) => message.kind === "proposeRequest");
    expect(asked.map(({ proposal: { id, body } }) => [id.sequence, body.kind])).toEqual([
      [1, "command"],
      [3, "change"],
      [4, "command"],
    ]);
  });

  test("without it each goes by itself", () => {
    const driver = new LoneDriver({}).lead();
    propose(driver, "x", "y");
    expect(driver.writes.map(({ write }) => write.entries.length)).toEqual([1, 1]);
  });
});

describe("read()", () => {
  test("is answered in the state that it may see", () => {
    const machine = new LedgerMachine();
    const driver = new LoneDriver({ machine }).lead();
    propose(driver, "x");
    driver.flush();
    driver.acknowledge(3);
    const seen: (ReadOutcome | string)[] = [];
    driver.member.read((outcome) => seen.push(outcome, machine.ledger.join("")));
    expect(seen).toEqual([]);
    const round = driver.sent.findLast((of) => of.kind === "heartbeatRequest")?.round ?? 0;
    driver.receive("b", { kind: "heartbeatResponse", round });
    expect(seen).toEqual([{ ok: true, index: 3 }, "x"]);
  });

  test("fails, with the reason, where there is no leader", () => {
    const outcomes: ReadOutcome[] = [];
    new LoneDriver({}).member.read((outcome) => outcomes.push(outcome));
    expect(outcomes).toEqual([{ ok: false, reason: "there is no leader" }]);
  });
});

describe("changeMembership()", () => {
  test("is committed like a command, and refused like one", () => {
    const driver = new LoneDriver({}).lead();
    const outcomes: ProposalOutcome[] = [];
    const add = { kind: "addLearner", member: memberOf("d") } as const;
    for (let time = 0; time < 2; time++) {
      driver.member.changeMembership(add, (outcome) => outcomes.push(outcome));
    }
    driver.flush();
    driver.acknowledge(3);
    expect(outcomes).toMatchObject([
      { kind: "dropped", reason: "another membership change is under way" },
      { kind: "committed", index: 3, result: { ok: true } },
    ]);
  });
});

describe("at the start", () => {
  test("the state is that of the snapshot, and what was known to be committed is applied at once", () => {
    const machine = new LedgerMachine();
    machine.ledger = ["of another life"];
    const driver = new LoneDriver({ machine, terms: [1, 1, 1], commit: 3 });
    expect(machine.ledger).toEqual(["2@1", "3@1"]);
    expect(driver.member.status().appliedIndex).toBe(3);
  });

  test("throws InvariantError for what no member can have stored, RangeError for options that cannot work", () => {
    expect(() => new LoneDriver({ terms: [1], commit: 9 })).toThrow(InvariantError);
    expect(() => new LoneDriver({}, { electionTicks: 1 })).toThrow(RangeError);
    expect(() => new LoneDriver({}, { maxBatchBytes: 0 })).toThrow(RangeError);
  });
});

test("unreachable() takes back what was sent ahead", () => {
  const driver = new LoneDriver({}).lead();
  propose(driver, "x");
  const peers = () =>
    driver.member.status().peers.map(({ state, nextIndex }) => [state, nextIndex]);
  expect(peers()).toEqual([
    ["replicate", 4],
    ["replicate", 4],
  ]);
  driver.member.unreachable("b");
  expect(peers()).toEqual([
    ["probe", 3],
    ["replicate", 4],
  ]);
});

test("transferLeadership() has the leader ask its successor", () => {
  const driver = new LoneDriver({}).lead();
  driver.member.transferLeadership("b");
  expect(driver.sent.at(-1)).toMatchObject({ kind: "timeoutNow", to: "b" });
});

describe("low space", () => {
  test("is looked at with the first tick, too", () => {
    const driver = new LoneDriver({ voters: ["a"] });
    driver.isLowOnSpace = true;
    driver.tick(10);
    expect(propose(driver, "x")).toMatchObject([{ reason: "the leader's disk is almost full" }]);
  });

  test("is looked at with each tick: commands are refused while it lasts", () => {
    const driver = new LoneDriver({ voters: ["a"] });
    driver.tick(10);
    driver.flush();
    driver.isLowOnSpace = true;
    driver.tick();
    expect(propose(driver, "x")).toEqual([
      { kind: "dropped", reason: "the leader's disk is almost full" },
    ]);
    driver.isLowOnSpace = false;
    driver.tick();
    const outcomes = propose(driver, "y");
    driver.flush();
    expect(outcomes.map(outcomeText)).toEqual(["1 y"]);
  });
});

const ledgerSnapshot = (index: number, term: number, ledger: readonly string[]) =>
  snapshotOf(index, term, undefined, JSON.stringify(ledger));

const withJoining = () => {
  const driver = new LoneDriver({}, { snapshotAfterBytes: 1, keepTailEntries: 0 }).lead();
  driver.joinEmpty("d");
  driver.disk.snapshot = { ...driver.disk.snapshot!, data: bytes("[]") };
  return driver;
};
const peer = (driver: LoneDriver) => driver.member.status().peers.find(({ id }) => id === "d");

describe("a snapshot", () => {
  test("is taken of what is applied, and the log is compacted once it is durable", () => {
    const options = { snapshotAfterBytes: 100, keepTailEntries: 1 };
    const driver = new LoneDriver({ voters: ["a"], commits: false }, options);
    driver.tick(10);
    driver.flush();
    propose(driver, "x".repeat(30));
    driver.flush();
    expect(driver.disk.snapshot?.index).toBe(1);
    propose(driver, "y".repeat(30));
    const taken = driver.writes.splice(0);
    for (const { write, done } of taken) {
      driver.disk.write(write);
      done({ ok: true });
    }
    // Applied, and the snapshot on its way: nothing goes before it is there.
    const [waiting] = driver.writes;
    expect(waiting?.write.snapshot?.index).toBe(4);
    expect(driver.member.status()).toMatchObject({ snapshotIndex: 1, compacted: { index: 1 } });
    driver.flush();
    expect(driver.member.status()).toMatchObject({ snapshotIndex: 4, compacted: { index: 3 } });
    expect(driver.disk.entries.map(({ index }) => index)).toEqual([4]);
  });

  test("is made in parts, of what was applied when it was begun, and all goes on meanwhile", () => {
    const options = { snapshotAfterBytes: 100, keepTailEntries: 0 };
    const driver = new LoneDriver({ voters: ["a"], pauses: true }, options);
    driver.tick(10);
    const say = (text: string) => {
      const outcomes = propose(driver, text);
      driver.flush();
      expect(outcomes).toMatchObject([{ kind: "committed" }]);
    };
    say("one");
    say("two");
    expect(driver.betweenParts).toHaveLength(1);
    const steps: number[] = [];
    for (let count = 0; driver.disk.snapshot?.index === 1; count++) {
      driver.betweenParts.shift()!();
      driver.flush();
      steps.push(driver.betweenParts.length);
      if (count === 3) say("three");
    }
    const { index, data, checksum } = driver.disk.snapshot!;
    // The no-op is 2, "one" 3, "two" 4; what came meanwhile is 5, and for the next one.
    expect([index, textOf(data), checksum]).toEqual([4, '["one","two"]', crc32c(data)]);
    expect(steps.length).toBeGreaterThan(data.length);
    expect(driver.member.status()).toMatchObject({ lastIndex: 5, compacted: { index: 4 } });
    expect(driver.betweenParts).toEqual([]);
    say("four");
    say("five");
    expect(driver.betweenParts).toHaveLength(1);
  });

  test("that was overtaken by one of the leader's comes to nothing", () => {
    const options = { snapshotAfterBytes: 1, keepTailEntries: 0 };
    const driver = new LoneDriver({ terms: [1, 1, 1], pauses: true }, options);
    driver.receive("b", { kind: "heartbeatRequest", leaderCommit: 3, round: 1 }, 2);
    expect(driver.betweenParts).toHaveLength(1);
    driver.receive("b", { kind: "installSnapshot", snapshot: ledgerSnapshot(9, 2, ["x"]) }, 2);
    expect(driver.disk.snapshot?.index).toBe(9);
    while (driver.betweenParts.length > 0) driver.betweenParts.shift()!();
    driver.flush();
    expect([driver.disk.snapshot?.index, driver.halts]).toEqual([9, []]);
  });

  test("at which the state machine throws halts the member, in the middle of it too", () => {
    class Throwing extends LedgerMachine {
      override *snapshotParts(): Iterable<Uint8Array> {
        yield Uint8Array.of(1);
        throw new Error("it has a defect");
      }
    }
    const options = { snapshotAfterBytes: 1 };
    const driver = new LoneDriver(
      { voters: ["a"], pauses: true, machine: new Throwing() },
      options,
    );
    driver.tick(10);
    driver.flush();
    expect(driver.halts).toEqual([]);
    const outcomes = propose(driver, "x");
    while (driver.betweenParts.length > 0) driver.betweenParts.shift()!();
    expect(driver.halts).toEqual(["it has a defect"]);
    expect(outcomes).toMatchObject([{ kind: "unknown", reason: "it has a defect" }]);
  });

  test("goes to a follower that needs it by its own stream, as the storage has it then", () => {
    const driver = withJoining();
    expect(peer(driver)).toMatchObject({ state: "snapshot" });
    const { term } = driver.member.status();
    // A later one than was asked for is as good.
    driver.snapshotReads.shift()!({ ok: true, snapshot: snapshotOf(2, term) });
    expect(driver.snapshots.map(({ message }) => message)).toMatchObject([
      { to: "d", kind: "installSnapshot", term, snapshot: { index: 2 } },
    ]);
    driver.snapshots[0]!.done(true);
    expect(peer(driver)).toMatchObject({ state: "probe", nextIndex: 3 });
  });

  test("whose stream broke is sent again", () => {
    const driver = withJoining();
    driver.snapshotReads.shift()!({ ok: true, snapshot: driver.disk.snapshot! });
    driver.snapshots[0]!.done(false);
    expect(peer(driver)).toMatchObject({ state: "probe" });
    driver.tick(10);
    driver.receive("d", { kind: "heartbeatResponse", round: 0 });
    expect(driver.snapshotReads).toHaveLength(1);
  });

  test("of a later term than this member led in is not sent in that term's name", () => {
    const driver = withJoining();
    const { term } = driver.member.status();
    driver.snapshotReads.shift()!({ ok: true, snapshot: snapshotOf(9, term + 1) });
    expect(driver.snapshots).toEqual([]);
    expect(driver.halts).toEqual([]);
  });

  test("from the leader replaces the state, and the entries after it follow on it", () => {
    const machine = new LedgerMachine();
    const driver = new LoneDriver({ machine, terms: [1], commit: 2 });
    expect(machine.ledger).toEqual(["2@1"]);
    const snapshot = snapshotOf(9, 2, undefined, '["of", "the leader"]');
    driver.receive("b", { kind: "installSnapshot", snapshot }, 2);
    const entries = entriesOf([2], 10);
    driver.receive("b", {
      kind: "appendRequest",
      prevLogIndex: 9,
      prevLogTerm: 2,
      entries,
      leaderCommit: 10,
    });
    expect(machine.ledger).toEqual(["of", "the leader", "10@2"]);
  });
});
