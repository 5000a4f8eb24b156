import { describe, expect, test } from "bun:test";
import { SESSION_REFUSALS } from "../raft/mod.ts";
import { answered, proposed, setUp } from "./_test_hand_held_log.ts";

describe("a command in a session", () => {
  test("opens the session first, and the next command does not", () => {
    const { log, outcomes, run } = proposed();
    log.commit();
    run("y");
    log.commit();
    expect(log.list.applied).toEqual(["x", "y"]);
    expect(outcomes).toEqual([
      ["x", answered(1)],
      ["y", answered(2)],
    ]);
    expect(log.machine.sessionCount).toBe(1);
  });

  test("is repeated after a pause when an attempt ended without effect", () => {
    const { log, time, outcomes } = proposed();
    log.end("dropped");
    expect(log.waiting).toHaveLength(0);
    time.pass(10);
    log.commit();
    expect(outcomes).toEqual([["x", answered(1)]]);
    expect(time.waitingCount).toBe(0);
  });

  test("of unknown end is repeated under the same number: it is applied once", () => {
    const { log, time, outcomes } = proposed();
    const { done } = log.waiting[0]!;
    log.commit({ isHeard: false });
    done({ kind: "unknown", reason: "the leader has changed" });
    time.pass(10);
    log.commit();
    expect(log.list.applied).toEqual(["x"]);
    expect(outcomes).toEqual([["x", answered(1)]]);
  });

  test("is repeated beside an attempt that is under way once another leads", () => {
    const { log, time, outcomes } = proposed();
    log.leadership = undefined;
    time.pass(200);
    expect(log.waiting).toHaveLength(1);
    log.leadership = "2 b";
    time.pass(50);
    expect(log.waiting).toHaveLength(2);
    log.commit({ isHeard: false });
    log.commit();
    expect(log.list.applied).toEqual(["x"]);
    expect(outcomes).toEqual([["x", answered(1)]]);
  });

  test("is repeated where nothing is heard for half a second; any attempt's answer will do", () => {
    const { log, time, outcomes } = proposed();
    time.pass(499);
    expect(log.waiting).toHaveLength(1);
    time.pass(1);
    expect(log.waiting).toHaveLength(2);
    log.commit();
    log.commit();
    expect(log.list.applied).toEqual(["x"]);
    expect(outcomes).toEqual([["x", answered(1)]]);
  });

  test("has failed at the deadline if every attempt was dropped, and asks no more", () => {
    const { log, time, outcomes } = proposed();
    for (let elapsedMs = 0; elapsedMs < 1_500; elapsedMs++) {
      while (log.waiting.length > 0) log.end("dropped");
      time.pass(1);
    }
    const detail = "nothing came of it within 1500 ms: there is no leader";
    expect(outcomes).toEqual([["x", { kind: "failed", detail }]]);
    const { proposedCount } = log;
    // Pauses of 10, 20 and 40 ms, and then of 50.
    expect(proposedCount).toBe(1 + 4 + Math.floor((1_500 - 70) / 50));
    time.pass(5_000);
    expect(log.proposedCount).toBe(proposedCount);
    expect(time.waitingCount).toBe(0);
  });

  test.each(["ended unknown", "is under way"])(
    "is unknown at the deadline if one attempt %s, whatever became of the others",
    (which) => {
      const { log, time, outcomes } = proposed();
      log.end("dropped");
      time.pass(10);
      if (which === "ended unknown") log.end("unknown", "the leader has changed");
      else log.waiting.shift();
      for (let elapsedMs = 0; elapsedMs < 1_490; elapsedMs++) {
        while (log.waiting.length > 0) log.end("dropped");
        time.pass(1);
      }
      expect(outcomes).toMatchObject([["x", { kind: "unknown" }]]);
    },
  );

  test("has failed if no session could be opened, however that ended", () => {
    const { log, time, outcomes, run } = setUp();
    run("x");
    log.end("unknown");
    time.pass(1_500);
    expect(outcomes).toMatchObject([["x", { kind: "failed" }]]);
    log.commit();
    expect(log.list.applied).toEqual([]);
  });

  test("given up leaves the session its number: the next command takes another", () => {
    const { log, time, outcomes, run } = proposed();
    const { data } = log.waiting[0]!;
    time.pass(1_500);
    expect(outcomes).toMatchObject([["x", { kind: "unknown" }]]);
    log.waiting.length = 0;
    run("y");
    log.commit();
    // The late one comes after that.
    const late = log.machine.apply({ index: 100, data });
    expect(late).toEqual({ ok: false, error: SESSION_REFUSALS.superseded });
    expect(log.list.applied).toEqual(["y"]);
    expect(outcomes[1]).toEqual(["y", answered(1)]);
  });
});

describe("a session that is of no more use", () => {
  test.each(["expired", "superseded"] as const)(
    "%s at the first attempt: the command runs in another",
    (refusal) => {
      const { log, outcomes } = proposed();
      log.answer({ ok: false, error: SESSION_REFUSALS[refusal] });
      log.commit();
      log.commit();
      expect(log.list.applied).toEqual(["x"]);
      expect(outcomes).toEqual([["x", answered(1)]]);
    },
  );

  test("expired after attempts that were dropped: the command runs in another", () => {
    const { log, time, outcomes } = proposed();
    log.end("dropped");
    time.pass(10);
    log.answer({ ok: false, error: SESSION_REFUSALS.expired });
    log.commit();
    log.commit();
    expect(outcomes).toEqual([["x", answered(1)]]);
  });

  test("expired after an attempt of unknown end: unknown, and never run again", () => {
    const { log, time, outcomes, run } = proposed();
    log.end("unknown");
    time.pass(10);
    log.answer({ ok: false, error: SESSION_REFUSALS.expired });
    expect(outcomes).toEqual([["x", { kind: "unknown", detail: SESSION_REFUSALS.expired }]]);
    expect(log.waiting).toHaveLength(0);
    run("y");
    log.commit();
    log.commit();
    expect(log.list.applied).toEqual(["y"]);
  });

  test("an answer that is no longer kept is unknown: the command was applied", () => {
    const { log, outcomes } = proposed();
    log.answer({ ok: false, error: SESSION_REFUSALS.answerForgotten });
    expect(outcomes).toMatchObject([["x", { kind: "unknown" }]]);
  });

  test("what the machine inside refuses is its answer", () => {
    const { log, outcomes } = proposed();
    log.answer({ ok: false, error: "no" });
    expect(outcomes).toEqual([["x", { kind: "answered", result: { ok: false, error: "no" } }]]);
  });
});
