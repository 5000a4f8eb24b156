/** What a monitor says that has just begun to look, or begun again. */
import { describe, expect, test } from "bun:test";
import { Lone } from "./_test_lone.ts";

/** As of an earlier process: its watch says up at once. */
function recalled(): Lone {
  const lone = new Lone();
  lone.watchRecalled("s", "up");
  return lone;
}

describe("a monitor that was restarted", () => {
  test("waits until a majority is heard, and then has learnt what is no news", async () => {
    const lone = recalled();
    await lone.pass(1_000);
    expect(lone.observers.combinedVerdict("s")).toBe("unknown");
    expect(lone.combinedChanges).toEqual([]);
    lone.hear("b", { targets: { s: "up" } });
    await lone.settle();
    expect(lone.combinedChanges).toMatchObject([{ from: "unknown", to: "up", isNews: false }]);
    for (const peer of ["b", "c"]) lone.hear(peer, { targets: { s: "down" } });
    await lone.settle();
    expect(lone.combinedChanges.slice(1)).toMatchObject([{ to: "down", isNews: true }]);
  });

  test("says what it sees by itself once the others have had their time", async () => {
    const lone = recalled();
    await lone.pass(2_500);
    expect(lone.combinedChanges).toEqual([]);
    await lone.pass(1_000);
    expect(lone.observers.isMinority).toBe(true);
    expect(lone.combinedChanges).toMatchObject([{ from: "unknown", to: "up", isNews: false }]);
  });

  test("dates what all hold as those do who have seen it", async () => {
    const lone = new Lone();
    lone.watchRecalled("s", "down");
    const nowMs = lone.time.wallMs();
    lone.hear("b", { targets: { s: "down" }, sinceWallMs: nowMs - 60_000 });
    lone.hear("c", { targets: { s: "down" }, sinceWallMs: nowMs - 90_000 });
    await lone.settle();
    // It takes two of them, and the second said so a minute ago.
    expect(lone.observers.combined("s")).toMatchObject({
      verdict: "down",
      sinceWallMs: nowMs - 60_000,
    });
  });

  test("never dates anything after now, whatever another's clock says", async () => {
    const lone = recalled();
    const nowMs = lone.time.wallMs();
    lone.hear("b", { targets: { s: "down" }, sinceWallMs: nowMs + 3_600_000 });
    await lone.settle();
    expect(lone.observers.combined("s")!.sinceWallMs).toBe(nowMs);
  });
});

test("what is new to all is news", async () => {
  const lone = new Lone("s");
  lone.hear("b", { targets: { s: "up" } });
  lone.heartbeat("s");
  await lone.settle();
  expect(lone.combinedChanges).toMatchObject([{ from: "unknown", to: "up", isNews: true }]);
});

/** One of three says down of a target that is well. */
async function partial(): Promise<Lone> {
  const lone = new Lone("s");
  lone.heartbeat("s");
  lone.hear("c", { targets: { s: "up" } });
  lone.hear("b", { targets: { s: "down" } });
  await lone.settle();
  expect(lone.observers.combined("s")).toMatchObject({ verdict: "partial", dissenters: ["b"] });
  lone.combinedChanges.length = 0;
  return lone;
}

/** All go on as they are, and b doubts itself or not. */
async function stay(lone: Lone, ms: number, doubts: readonly "loop_lag"[]): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 500) {
    for (const peer of ["b", "c"]) lone.hear(peer, peer === "b" ? { doubts } : {});
    lone.heartbeat("s");
    await lone.pass(500);
  }
}

describe("a dissenter that begins to doubt itself", () => {
  test("for a moment changes nothing", async () => {
    const lone = await partial();
    await stay(lone, 5_000, ["loop_lag"]);
    expect(lone.observers.combined("s")).toMatchObject({ verdict: "partial", dissenters: ["b"] });
    await stay(lone, 5_000, []);
    expect(lone.combinedChanges).toEqual([]);
  });

  test("for long is as good as silent", async () => {
    const lone = await partial();
    await stay(lone, 29_000, ["loop_lag"]);
    expect(lone.combinedChanges).toEqual([]);
    await stay(lone, 3_000, ["loop_lag"]);
    expect(lone.combinedChanges).toMatchObject([{ from: "partial", to: "up" }]);
  });

  test("and then says up ends it at once", async () => {
    const lone = await partial();
    await stay(lone, 2_000, ["loop_lag"]);
    lone.hear("b", { doubts: ["loop_lag"], targets: { s: "up" } });
    await lone.settle();
    expect(lone.combinedChanges).toMatchObject([{ from: "partial", to: "up" }]);
  });

  test("makes nothing partial that was not", async () => {
    const lone = new Lone("s");
    lone.heartbeat("s");
    lone.hear("c", { targets: { s: "up" } });
    lone.hear("b", { doubts: ["loop_lag"], targets: { s: "down" } });
    await lone.settle();
    expect(lone.observers.combinedVerdict("s")).toBe("up");
  });
});
