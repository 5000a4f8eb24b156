/** What a monitor says that has just begun to look, or begun again. */
import { describe, expect, test } from "bun:test";
import { failure } from "../../test/kit/hand_prober.ts";
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

const ownVote = (lone: Lone) => lone.observers.combined("s")!.votes[0]!.verdict;
const ownCounts = (lone: Lone) => lone.observers.observers()[0]!.targetCounts;

/** As of an earlier process, and the others say that it is up by now. */
async function leftBehind(verdict: "down" | "suspect", url = "http://127.0.0.1/"): Promise<Lone> {
  const lone = new Lone();
  lone.watchRecalled("s", verdict, url);
  for (const peer of ["b", "c"]) lone.hear(peer, { targets: { s: ["up", "free"] } });
  await lone.settle();
  return lone;
}

describe("what is only remembered", () => {
  test("is no vote and is told as unknown, until a probe has failed", async () => {
    for (const verdict of ["down", "suspect"] as const) {
      const lone = await leftBehind(verdict);
      expect(lone.observers.combinedVerdict("s")).toBe("up");
      expect([lone.watches.watch("s")!.verdict, ownVote(lone)]).toEqual([verdict, "unknown"]);
      expect(ownCounts(lone)).toEqual({ unknown: 1, up: 0, suspect: 0, down: 0 });
      await lone.pass(1_000);
      expect(new Set(lone.told())).toEqual(new Set(["all: s unknown free"]));
      lone.watches.watch("s")!.probed(failure("timeout"), lone.time.monotonicMs());
      await lone.pass(500);
      expect(ownVote(lone)).toBe(verdict);
      expect(ownCounts(lone)).toMatchObject({ unknown: 0, [verdict]: 1 });
      expect(new Set(lone.told())).toEqual(new Set([`all: s ${verdict} free`]));
    }
  });

  test("of a target that reports by itself, until its silence since the start says the same", async () => {
    const lone = await leftBehind("down", "push:");
    const watch = lone.watches.watch("s")!;
    while (watch.phi(lone.time.monotonicMs()) < watch.downPhi) {
      expect(ownVote(lone)).toBe("unknown");
      await lone.pass(100);
    }
    await lone.pass(500);
    expect([watch.verdict, ownVote(lone)]).toEqual(["down", "down"]);
  });

  test("becomes up by the heartbeats that it takes, and no vote in between", async () => {
    const lone = await leftBehind("down");
    lone.watches.watch("s")!.heartbeat(lone.time.monotonicMs());
    await lone.pass(1_000);
    expect(ownVote(lone)).toBe("unknown");
    lone.watches.watch("s")!.heartbeat(lone.time.monotonicMs());
    expect(ownVote(lone)).toBe("up");
    await lone.settle();
    expect(lone.combinedChanges).toMatchObject([{ to: "up", isNews: false }]);
  });

  test("of many is looked at in turn", async () => {
    const lone = new Lone();
    for (let index = 0; index < 2_500; index++) lone.watchRecalled(`s${index}`, "down");
    const drops = new Set<number>();
    for (let left = 2_500; left > 0; left = ownCounts(lone)!.unknown) {
      await lone.pass(500);
      drops.add(left - ownCounts(lone)!.unknown);
    }
    expect(drops).toEqual(new Set([0, 1_000, 500]));
  });

  test("is what a monitor goes by that is alone, until it has asked, and said to be since when it was", async () => {
    const lone = new Lone();
    lone.members = ["a"];
    const sinceWallMs = lone.time.wallMs();
    lone.watchRecalled("s", "down");
    await lone.pass(1_000);
    expect(lone.observers.combined("s")).toMatchObject({ verdict: "down", sinceWallMs });
    expect(lone.combinedChanges).toMatchObject([
      {
        isNews: false,
        reason: "a says unknown; it was down, and stays so until enough of them have looked again",
      },
    ]);
  });

  test("holds nothing for down that others have seen up, though they doubt themselves", async () => {
    for (const [said, together] of [
      ["up", "unknown"],
      ["down", "down"],
      ["unknown", "down"],
    ] as const) {
      const lone = new Lone();
      lone.watchRecalled("s", "down");
      for (const peer of ["b", "c"]) {
        lone.hear(peer, { doubts: ["loop_lag"], targets: { s: [said, "held"] } });
      }
      await lone.settle();
      expect([said, lone.observers.combinedVerdict("s")]).toEqual([said, together]);
    }
  });

  test("is no memory beside the vote that it has become: nobody is down by one observer's word", async () => {
    const lone = new Lone();
    lone.watchRecalled("s", "down", "http://127.0.0.1/");
    lone.watches.watch("s")!.probed(failure("timeout"), lone.time.monotonicMs());
    await lone.pass(600);
    lone.hear("b", { targets: { s: ["up", "none"] } });
    await lone.settle();
    // The third may yet say down too, and then it has been down all along.
    expect([ownVote(lone), lone.observers.combinedVerdict("s")]).toEqual(["down", "unknown"]);
    for (let count = 0; count < 5; count++) {
      await lone.pass(500);
      lone.hear("b");
    }
    expect([ownVote(lone), lone.observers.combinedVerdict("s")]).toEqual(["down", "partial"]);
  });

  test("waits for those who may know better, for as long as they may be on their way", async () => {
    const lone = new Lone();
    lone.watchRecalled("s", "down");
    lone.hear("b", { targets: { s: ["unknown", "held"] } });
    await lone.pass(1_000);
    expect(lone.combinedChanges).toEqual([]);
    for (let count = 0; count < 4; count++) {
      await lone.pass(500);
      lone.hear("b");
    }
    expect(lone.combinedChanges).toMatchObject([{ to: "down", isNews: false }]);
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
