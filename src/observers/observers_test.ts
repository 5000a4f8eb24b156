import { describe, expect, test } from "bun:test";
import { Lone } from "./_test_lone.ts";

const names = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

describe("telling", () => {
  test("a change is told at the end of its turn, once, as it is by then", async () => {
    const lone = new Lone("s", "t");
    await lone.settle();
    lone.told();
    lone.heartbeat("s");
    lone.heartbeat("t");
    expect(lone.sent).toEqual([]);
    await lone.settle();
    expect(lone.sent).toHaveLength(1);
    expect(lone.told()).toEqual(["all: s up none", "all: t up none"]);
  });

  test("what is remembered is told when it changes, and what all hold then with it", async () => {
    const lone = new Lone("s");
    lone.heartbeat("s");
    await lone.settle();
    lone.told();
    lone.hear("b", { targets: { s: "up" } });
    await lone.settle();
    expect(lone.told()).toEqual(["all: s up free"]);
    expect(lone.observers.combinedVerdict("s")).toBe("up");
  });

  test("everything is repeated in ten beats, and each beat is a sign of life", async () => {
    const lone = new Lone(...names(25));
    await lone.settle();
    lone.told();
    await lone.pass(500 * 10);
    expect(lone.sent).toHaveLength(10);
    const told = lone.told();
    expect(new Set(told).size).toBe(25);
    const idle = new Lone();
    await idle.pass(500 * 3);
    expect(idle.sent.map(({ to, message }) => [to, message.count])).toEqual([
      [undefined, 0],
      [undefined, 0],
      [undefined, 0],
      [undefined, 0],
    ]);
  });

  test("the first beat asks for everything, and no other does by itself", async () => {
    const lone = new Lone("s");
    await lone.pass(2_000);
    const asking = lone.sent
      .filter(({ message }) => message.count <= 1)
      .map(({ message }) => message.asks);
    expect(asking.filter(Boolean)).toHaveLength(1);
  });

  test("a peer that is reached is told everything at once, in messages of bounded size, and asked for the same", async () => {
    const lone = new Lone(...names(2_500));
    await lone.settle();
    lone.sent.length = 0;
    lone.observers.opened("b");
    await lone.settle();
    expect(lone.sent.map(({ to, message }) => [to, message.count, message.asks])).toEqual([
      ["b", 1_000, true],
      ["b", 1_000, false],
      ["b", 500, false],
    ]);
    expect(new Set(lone.told()).size).toBe(2_500);
  });

  test("one that is reached again meanwhile is told all of it from the beginning", async () => {
    const lone = new Lone(...names(2_500));
    await lone.settle();
    lone.sent.length = 0;
    lone.observers.opened("b");
    lone.observers.opened("b");
    await lone.settle();
    expect(lone.sent.map(({ message }) => message.count)).toEqual([1_000, 1_000, 1_000, 500]);
  });

  test("one that asks is told everything, but not more often than there are beats", async () => {
    const lone = new Lone("s", "t");
    await lone.pass(500);
    lone.sent.length = 0;
    for (let count = 0; count < 5; count++) lone.hear("b", { asks: true });
    await lone.settle();
    const toPeer = () =>
      lone.sent.filter(({ to }) => to === "b").map(({ message }) => message.count);
    expect(toPeer()).toEqual([2]);
    await lone.pass(500);
    lone.hear("b", { asks: true });
    expect(toPeer()).toEqual([2, 2]);
  });

  test("doubts go along with every message, and are told at once", async () => {
    const lone = new Lone("s");
    await lone.pass(500);
    lone.sent.length = 0;
    lone.doubt("loop_lag");
    await lone.settle();
    expect(lone.sent.map(({ message }) => message.doubtBits)).toEqual([2]);
    lone.heartbeat("s");
    await lone.settle();
    expect(lone.sent.at(-1)!.message.doubtBits).toBe(2);
  });

  test("after close() nothing is told and nothing waits", async () => {
    const lone = new Lone(...names(2_500));
    lone.observers.opened("b");
    lone.observers.close();
    await lone.settle();
    lone.sent.length = 0;
    lone.heartbeat("s1");
    await lone.pass(10_000);
    expect(lone.sent).toEqual([]);
    expect(lone.time.waitingCount).toBe(0);
  });
});

describe("hearing", () => {
  test("votes of those who are heard are there with what they said, and missing ones are not", async () => {
    const lone = new Lone("s", "t");
    lone.heartbeat("s");
    lone.hear("b", { targets: { s: "down" } });
    lone.hear("c", { targets: { t: "suspect" } });
    await lone.settle();
    const { votes, ...combined } = lone.observers.combined("s")!;
    expect(combined).toEqual({
      target: "s",
      verdict: "partial",
      sinceWallMs: 1_000,
      dissenters: ["b"],
      neededCount: 2,
      memberCount: 3,
    });
    expect(votes).toEqual([
      {
        observer: "a",
        verdict: "up",
        phi: Number(lone.watches.watch("s")!.phi(lone.time.monotonicMs()).toFixed(4)),
        sinceWallMs: lone.time.wallMs(),
        isCounted: true,
      },
      { observer: "b", verdict: "down", phi: 1.5, sinceWallMs: 1_000, isCounted: true },
    ]);
    expect(lone.observers.combined("nobody")).toBeUndefined();
    expect(lone.observers.combinedVerdict("nobody")).toBeUndefined();
  });

  test("one that has been silent for longer than five beats is not counted, and not heard", async () => {
    const lone = new Lone("s");
    const { members } = lone;
    lone.hear("b", { targets: { s: "down" } });
    lone.hear("c", { targets: { s: "down" } });
    await lone.settle();
    expect(lone.observers.combinedVerdict("s")).toBe("down");
    for (let beat = 0; beat < 10; beat++) {
      await lone.pass(500);
      lone.hear("b");
    }
    expect(lone.observers.combined("s")!.votes.map(({ observer }) => observer)).toEqual(["a", "b"]);
    expect(lone.observers.observers().map(({ isHeard }) => isHeard)).toEqual([true, true, false]);
    expect(lone.observers.isMinority).toBe(false);
    await lone.pass(5_000);
    expect(lone.observers.isMinority).toBe(true);
    expect(lone.observers.combinedVerdict("s")).toBe("unknown");
    expect(lone.combinedChanges.at(-1)!.reason).toBe(
      "a says unknown; b, c are not heard; that is no majority of 3",
    );
    expect(members).toHaveLength(3);
  });

  test("changes of who is heard and who doubts itself are told once each", async () => {
    const lone = new Lone("s");
    lone.hear("b");
    lone.hear("b", { doubts: ["paused"] });
    lone.hear("b", { doubts: ["paused"] });
    lone.doubt("self_probe");
    lone.hear("b");
    await lone.pass(5_000);
    expect(
      lone.observerChanges.map(({ observer: { id, isHeard, doubts } }) => [id, isHeard, ...doubts]),
    ).toEqual([
      ["b", true],
      ["b", true, "paused"],
      ["a", true, "self_probe"],
      ["b", true],
      ["b", false],
    ]);
  });

  test("what a monitor said in an earlier run is void in its next", async () => {
    const lone = new Lone("s", "t", "u");
    lone.hear("b", { run: 1, targets: { s: "down", t: "down", u: "down" } });
    lone.hear("c", { run: 1, targets: { s: "down", t: "down" } });
    await lone.settle();
    expect(lone.observers.combinedVerdict("t")).toBe("down");
    expect(lone.observers.combinedVerdict("u")).toBe("partial");
    lone.hear("b", { run: 2, targets: { s: "up" } });
    await lone.settle();
    expect(lone.observers.combined("s")!.votes.map(({ verdict }) => verdict)).toEqual([
      "unknown",
      "up",
      "down",
    ]);
    expect(lone.observers.combined("t")!.votes.map(({ observer }) => observer)).toEqual(["a", "c"]);
    expect(lone.observers.observers()[1]!.targetCounts).toEqual({
      unknown: 0,
      up: 1,
      suspect: 0,
      down: 0,
    });
    expect(lone.observers.combinedVerdict("u")).toBe("unknown");
    // Two said down, and only one of them is left to say so: it is held.
    expect(lone.observers.combinedVerdict("t")).toBe("down");
  });

  test("one that speaks of a target before it is watched here is asked again", async () => {
    const lone = new Lone("s");
    await lone.pass(500);
    lone.hear("b", { targets: { late: "down" } });
    lone.watch("late");
    lone.sent.length = 0;
    await lone.pass(500);
    expect(lone.sent.some(({ message }) => message.asks)).toBe(true);
    lone.sent.length = 0;
    lone.watch("later");
    await lone.pass(500);
    expect(lone.sent.some(({ message }) => message.asks)).toBe(false);
  });

  test("bytes that cannot be read change nothing, and are told of once a peer", async () => {
    const lone = new Lone("s");
    for (const bytes of [
      Uint8Array.of(),
      Uint8Array.of(0),
      Uint8Array.of(7, 1, 2),
      new Uint8Array(99_999),
    ]) {
      lone.observers.receive("b", bytes);
    }
    lone.observers.receive("c", Uint8Array.of(2));
    expect(lone.unreadable).toEqual([
      "b: it has no version",
      "c: it speaks version 2 of the observers' exchange, this one 1",
    ]);
    expect(lone.observers.observers().map(({ silentMs }) => silentMs)).toEqual([0, null, null]);
    // Nobody speaks in this monitor's own name.
    lone.hear("a", { targets: { s: "down" } });
    await lone.settle();
    expect(lone.observers.combined("s")!.votes).toHaveLength(1);
  });

  test("one that is no member is listened to, not counted, and counted at once when it becomes one", async () => {
    const lone = new Lone("s");
    lone.members = ["a", "b"];
    await lone.pass(500);
    lone.heartbeat("s");
    lone.hear("b", { targets: { s: "up" } });
    lone.hear("c", { targets: { s: "down" } });
    await lone.settle();
    expect(lone.observers.combinedVerdict("s")).toBe("up");
    expect(lone.observers.observers().map(({ id }) => id)).toEqual(["a", "b"]);
    lone.members = ["a", "b", "c"];
    await lone.pass(500);
    expect(lone.observers.combinedVerdict("s")).toBe("partial");
    lone.members = ["a", "b"];
    await lone.pass(500);
    lone.members = ["a", "b", "c"];
    await lone.pass(500);
    // It was removed: what it said is forgotten.
    expect(lone.observers.combined("s")!.votes.map(({ observer }) => observer)).toEqual(["a", "b"]);
  });

  test("a monitor that is no member itself shows its own vote, and does not count it", async () => {
    const lone = new Lone("s");
    lone.members = ["b", "c"];
    await lone.pass(500);
    lone.hear("b", { targets: { s: "up" } });
    lone.hear("c", { targets: { s: "up" } });
    await lone.pass(500);
    const { votes, verdict } = lone.observers.combined("s")!;
    expect(votes.map(({ observer, isCounted }) => [observer, isCounted])).toEqual([
      ["a", false],
      ["b", true],
      ["c", true],
    ]);
    expect([verdict, lone.observers.memberCount]).toEqual(["up", 2]);
  });
});

describe("targets", () => {
  test("what was said of one that was removed is not said of the next", async () => {
    const lone = new Lone("s");
    lone.hear("b", { targets: { s: "down" } });
    lone.hear("c", { targets: { s: "down" } });
    await lone.settle();
    lone.watches.remove("s");
    expect(lone.observers.combined("s")).toBeUndefined();
    const counts = () => lone.observers.observers().map(({ targetCounts }) => targetCounts!.down);
    expect(counts()).toEqual([0, 0, 0]);
    lone.watch("t");
    lone.watch("s");
    await lone.settle();
    for (const name of ["s", "t"]) {
      expect(lone.observers.combined(name)!.votes.map(({ observer }) => observer)).toEqual(["a"]);
    }
    // Late words of the one that was removed.
    lone.watches.remove("s");
    lone.hear("b", { targets: { s: "down" } });
    await lone.settle();
    expect(lone.observers.combinedVerdict("t")).toBe("unknown");
  });

  test("own counts follow the verdicts", async () => {
    const lone = new Lone("s", "t", "u");
    lone.heartbeat("s");
    lone.heartbeat("t");
    const own = () => lone.observers.observers()[0]!.targetCounts;
    expect(own()).toEqual({ unknown: 1, up: 2, suspect: 0, down: 0 });
    lone.watches.remove("t");
    lone.time.pass(60_000);
    lone.watches.settle();
    expect(own()).toEqual({ unknown: 0, up: 0, suspect: 0, down: 2 });
  });

  test("those that come last are judged however often the circle changes meanwhile", async () => {
    const lone = new Lone(...names(5_000));
    lone.heartbeat("s4999");
    for (const peer of ["b", "c"]) lone.hear(peer, { targets: { s4999: "suspect" } });
    await lone.settle();
    expect(lone.observers.combinedVerdict("s4999")).toBe("suspect");
    lone.combinedChanges.length = 0;
    let turns = 0;
    let changesMeanwhile = 0;
    lone.time.yieldToLoop = () => {
      turns++;
      // More often than all of them can be gone through.
      if (turns < 200 && turns % 3 === 0) {
        lone.hear("b", { doubts: turns % 2 === 0 ? ["paused"] : [] });
        changesMeanwhile = lone.combinedChanges.length;
      }
      return Promise.resolve();
    };
    lone.hear("b", { doubts: ["paused"] });
    for (let round = 0; round < 5; round++) await lone.settle();
    expect(turns).toBeGreaterThan(200);
    expect(changesMeanwhile).toBeGreaterThan(0);
    expect(lone.combinedChanges.map(({ target }) => target)).toContain("s4999");
  });

  test("many are judged in slices when the circle changes", async () => {
    const lone = new Lone(...names(20_000));
    await lone.settle();
    let turns = 0;
    lone.time.yieldToLoop = () => {
      turns++;
      return Promise.resolve();
    };
    lone.hear("b");
    await lone.settle();
    expect(turns).toBeGreaterThanOrEqual(19);
  });
});
