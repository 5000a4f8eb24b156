import { describe, expect, test } from "bun:test";
import { proposed, setUp } from "./_test_hand_held_log.ts";

describe("many commands", () => {
  test("run as many at a time as there are sessions, the others in the order of their coming", () => {
    const { log, outcomes, run } = setUp();
    for (const name of ["a", "b", "c", "d"]) run(name);
    expect(log.waiting).toHaveLength(2);
    while (log.waiting.length > 0) log.commit();
    expect(log.list.applied).toEqual(["a", "b", "c", "d"]);
    expect(outcomes.map(([name]) => name)).toEqual(["a", "b", "c", "d"]);
    expect(log.machine.sessionCount).toBe(2);
  });

  test("are refused as failed where too many wait already", () => {
    const { outcomes, run } = setUp();
    for (const name of ["a", "b", "c", "d", "e"]) run(name);
    expect(outcomes).toEqual([["e", { kind: "failed", detail: "2 others wait already" }]]);
  });

  test("that wait for too long have failed, and are never begun", () => {
    const { log, time, outcomes, run } = setUp({ maxSessions: 1 });
    run("a");
    time.pass(1_000);
    run("b");
    log.commit();
    time.pass(499);
    log.waiting.length = 0;
    time.pass(1);
    expect(outcomes).toMatchObject([["a", { kind: "unknown" }]]);
    expect(log.waiting).toHaveLength(1);
    const { outcomes: others, time: otherTime, run: runOther } = setUp({ maxSessions: 1 });
    runOther("a");
    runOther("b");
    otherTime.pass(1_500);
    expect(others).toMatchObject([
      ["a", { kind: "failed" }],
      ["b", { kind: "failed" }],
    ]);
  });

  test("end at once where the member has halted, those that wait too", () => {
    const { log, time, outcomes, run } = setUp();
    for (const name of ["a", "b", "c", "d"]) run(name);
    log.commit();
    log.halted = "the disk is gone";
    while (log.waiting.length > 0) {
      log.end(outcomes.length === 0 ? "unknown" : "dropped", log.halted);
    }
    expect(outcomes.map(([name, { kind }]) => [name, kind])).toContainEqual(["d", "failed"]);
    expect(outcomes).toHaveLength(4);
    expect(time.waitingCount).toBe(0);
  });

  test("are not even begun where the member takes no part any more", () => {
    const { log, time, outcomes, run } = setUp();
    log.halted = "this monitor was removed";
    run("a");
    expect(outcomes).toEqual([["a", { kind: "failed", detail: log.halted }]]);
    expect([log.proposedCount, time.waitingCount]).toEqual([0, 0]);
    // What was under way when it was removed may have been made.
    log.halted = undefined;
    run("b");
    log.commit();
    log.halted = "this monitor was removed";
    log.end("unknown", "there is no leader");
    expect(outcomes[1]).toEqual(["b", { kind: "unknown", detail: log.halted }]);
  });

  test("close() ends them all with what is known of them", () => {
    const { log, time, sessions, outcomes, run } = proposed({ maxSessions: 1 });
    run("y");
    sessions.close();
    run("z");
    expect(outcomes.map(([name, { kind }]) => [name, kind])).toEqual([
      ["y", "failed"],
      ["x", "unknown"],
      ["z", "failed"],
    ]);
    expect(log.waiting).toHaveLength(1);
    expect(time.waitingCount).toBe(0);
  });
});
