import { describe, expect, test } from "bun:test";
import { makeWatch, RecorderBench, settled } from "./_test_world.ts";
import { decodeSavedWatch, type HistoryBatch } from "./mod.ts";

const changesOf = (batches: readonly HistoryBatch[]) => batches.flatMap(({ changes }) => changes);
const samplesOf = (batches: readonly HistoryBatch[]) =>
  batches.flatMap(({ phi }) => phi?.targets ?? []);
const savedOf = (batches: readonly HistoryBatch[]) =>
  batches.flatMap(({ saved }) => saved.map(({ target }) => target));

function many(count: number, part: Parameters<typeof makeWatch>[1] = {}) {
  return Array.from({ length: count }, (_, index) => makeWatch(`t${index}`, part));
}

/** Its storage has been given all that may wait for it, and keeps nothing yet. */
async function hanging(): Promise<RecorderBench> {
  const bench = new RecorderBench(many(2_000));
  await bench.pass(12_000);
  bench.storage.take();
  bench.storage.isPrompt = false;
  for (let round = 0; round < 12; round++) {
    for (const name of bench.watches.keys()) bench.change(name, round % 2 === 0 ? "up" : "down");
  }
  await bench.pass(1_000);
  return bench;
}

async function goOn(bench: RecorderBench): Promise<void> {
  bench.storage.isPrompt = true;
  bench.storage.answer();
  await bench.pass(1_000);
}

describe("Recorder: changes", () => {
  test("are written within half a second, own and combined ones, in the order in which they came", async () => {
    const bench = new RecorderBench([makeWatch("a")]);
    bench.change("a", "down");
    bench.combinedChange({
      isNews: true,
      target: "a",
      from: "up",
      to: "partial",
      dissenters: ["m1"],
      reason: "m1 says down",
      atWallMs: 7,
    });
    await bench.pass(500);
    const at = { target: "a", atWallMs: expect.any(Number) };
    expect(changesOf(bench.storage.take())).toEqual([
      { ...at, scope: "own", from: "unknown", to: "down", phi: 16, reason: "silence" },
      {
        target: "a",
        scope: "combined",
        from: "up",
        to: "partial",
        phi: null,
        reason: "m1 says down",
        atWallMs: 7,
      },
    ]);
  });

  test("save the watch too, so that a verdict is never older than what was said of it", async () => {
    const bench = new RecorderBench([makeWatch("a"), makeWatch("b")]);
    await bench.pass(12_000);
    bench.storage.take();
    bench.change("b", "suspect");
    await bench.pass(500);
    const batches = bench.storage.take();
    expect(savedOf(batches)).toEqual(["b"]);
    const [record] = batches.flatMap(({ saved }) => saved);
    expect(decodeSavedWatch("b", record!.bytes)).toMatchObject({ verdict: "suspect" });
  });

  test("that just happened are part of what is read", async () => {
    const bench = new RecorderBench([makeWatch("a")]);
    bench.change("a", "down");
    await bench.recorder.read({ target: "a", fromWallMs: 0, toWallMs: 1, limit: 1 });
    expect(changesOf(bench.storage.take())).toHaveLength(1);
  });

  test("of more targets at once than may wait in memory are all written", async () => {
    const bench = new RecorderBench(many(5_000));
    for (const verdict of ["suspect", "down", "suspect"] as const) {
      for (const name of bench.watches.keys()) bench.change(name, verdict);
    }
    await bench.pass(2_000);
    expect(changesOf(bench.storage.take())).toHaveLength(15_000);
    expect(bench.recorder.stats.droppedCount).toBe(0);
  });

  test("of all targets at once are written in small batches, with turns of the loop between", async () => {
    const bench = new RecorderBench(many(3_000));
    for (const name of bench.watches.keys()) bench.change(name, "down");
    await bench.pass(2_000);
    const batches = bench.storage.take();
    expect(changesOf(batches)).toHaveLength(3_000);
    expect(new Set(savedOf(batches)).size).toBe(3_000);
    for (const { changes, saved } of batches) {
      expect(Math.max(changes.length, saved.length)).toBeLessThanOrEqual(50);
    }
    expect(bench.yieldCount).toBeGreaterThan(25);
  });
});

describe("Recorder: φ", () => {
  test("is sampled once a minute, with the highest since the last time", async () => {
    const bench = new RecorderBench([makeWatch("a"), makeWatch("b")]);
    await bench.pass(600_000);
    const batches = bench.storage.take().filter(({ phi }) => phi !== null);
    expect(batches.length).toBeGreaterThanOrEqual(9);
    expect(batches.length).toBeLessThanOrEqual(11);
    const { phi, nowWallMs } = batches[0]!;
    expect(phi).toEqual({
      targets: ["a", "b"],
      phi: Float64Array.of(0.5, 0.5),
      peakPhi: Float64Array.of(1.5, 1.5),
    });
    expect(batches[1]!.nowWallMs - nowWallMs).toBeLessThan(75_000);
  });

  test("of many targets is taken in slices", async () => {
    const bench = new RecorderBench(many(5_000));
    await bench.pass(30_000);
    const batches = bench.storage.take();
    expect(samplesOf(batches)).toHaveLength(5_000);
    expect(new Set(batches.map(({ phi }) => phi?.targets.length ?? 0))).toEqual(new Set([50]));
    expect(bench.yieldCount).toBeGreaterThanOrEqual(50);
  });
});

describe("Recorder: saved watches", () => {
  test("are saved when something arrived, not when they begin", async () => {
    const bench = new RecorderBench([makeWatch("a"), makeWatch("b")]);
    await bench.pass(12_000);
    expect(savedOf(bench.storage.take())).toEqual([]);
    Object.assign(bench.watches.get("a")!, { heartbeatCount: 1, sampleCount: 2, verdict: "up" });
    await bench.pass(12_000);
    expect(savedOf(bench.storage.take())).toEqual(["a"]);
    await bench.pass(60_000);
    expect(savedOf(bench.storage.take())).toEqual([]);
  });

  test("are forgotten with their target, whose history stays", async () => {
    const up = { heartbeatCount: 9, sampleCount: 10, verdict: "up" } as const;
    const bench = new RecorderBench([makeWatch("a", up), makeWatch("b", up)]);
    await bench.pass(12_000);
    bench.storage.take();
    bench.watches.delete("a");
    await bench.pass(12_000);
    expect(bench.storage.take().flatMap(({ forgotten }) => forgotten)).toEqual(["a"]);
    await bench.pass(24_000);
    expect(bench.storage.take().flatMap(({ forgotten }) => forgotten)).toEqual([]);
  });

  test("are all saved at the end, as they are then, before the storage is closed", async () => {
    const bench = new RecorderBench(many(250, { heartbeatCount: 9, sampleCount: 10 }));
    await bench.pass(12_000);
    bench.storage.take();
    bench.change("t7", "down");
    await bench.recorder.close();
    const batches = bench.storage.take();
    expect(new Set(savedOf(batches)).size).toBe(250);
    expect(changesOf(batches)).toHaveLength(1);
    expect(bench.storage.isClosed).toBe(true);
    expect([bench.listenerCount, bench.time.waitingCount]).toEqual([0, 0]);
    await bench.recorder.close();
  });

  test("a watch that nothing is known of is not saved at the end", async () => {
    const bench = new RecorderBench([makeWatch("a")]);
    await bench.recorder.close();
    expect(savedOf(bench.storage.take())).toEqual([]);
  });

  test("one that is large makes a batch of its own", async () => {
    const windowed = { heartbeatCount: 9, sampleCount: 100_000, verdict: "up" } as const;
    const bench = new RecorderBench(many(5, windowed));
    await bench.recorder.close();
    const sizes = bench.storage
      .take()
      .map(({ saved }) => saved.reduce((sum, { bytes }) => sum + bytes.length, 0));
    expect(Math.max(...sizes)).toBeLessThan(300_000);
    expect(sizes.length).toBeGreaterThan(2);
  });
});

describe("Recorder: a storage that takes nothing", () => {
  test("costs history and a bounded amount of memory, and is said once", async () => {
    const bench = new RecorderBench(many(2_000));
    bench.storage.isPrompt = false;
    for (let round = 0; round < 20; round++) {
      for (const name of bench.watches.keys()) bench.change(name, round % 2 === 0 ? "down" : "up");
      await bench.pass(10_000);
    }
    expect(bench.storage.batches.length).toBeLessThanOrEqual(400);
    expect(bench.recorder.stats.keptCount).toBe(0);
    expect(bench.recorder.stats.droppedCount).toBeGreaterThan(10_000);
    expect(bench.told).toEqual([expect.stringContaining("warning: history is being lost: ")]);
  });

  test("and takes it again later: said once more, with what was lost", async () => {
    const bench = new RecorderBench([makeWatch("a")]);
    bench.storage.result = { ok: false, detail: "the disk is full" };
    bench.change("a", "down");
    await bench.pass(2_000);
    expect(bench.told).toEqual([
      "warning: history is being lost: the disk is full. Watching goes on",
    ]);
    bench.storage.result = { ok: true };
    for (let second = 0; second < 200; second += 10) {
      bench.change("a", "up");
      bench.change("a", "down");
      await bench.pass(10_000);
    }
    expect(bench.told.slice(1)).toEqual(["info: history is kept again; 3 records were lost"]);
    const { keptCount, droppedCount } = bench.recorder.stats;
    expect([keptCount > 40, droppedCount]).toEqual([true, 3]);
  });

  test("is given again, in the next pass, the verdict whose save it lost", async () => {
    const bench = new RecorderBench([makeWatch("a"), makeWatch("b")]);
    bench.storage.result = { ok: false, detail: "the disk is full" };
    bench.change("a", "down");
    // In the pass that comes at once, and in the one after that.
    await bench.pass(13_000);
    expect(savedOf(bench.storage.take())).toEqual(["a", "a"]);
    bench.storage.result = { ok: true };
    await bench.pass(60_000);
    expect(savedOf(bench.storage.take())).toEqual(["a"]);
  });

  test("is given a verdict that changed meanwhile as soon as it has room again", async () => {
    const bench = await hanging();
    expect(bench.storage.take()).toHaveLength(400);
    bench.change("t7", "suspect");
    await bench.pass(30_000);
    expect(bench.storage.take()).toEqual([]);
    await goOn(bench);
    expect(savedOf(bench.storage.take())).toContain("t7");
  });

  test("is given nothing of a target that is not watched any more", async () => {
    const bench = await hanging();
    bench.watches.delete("t7");
    await bench.pass(12_000);
    // It is watched again, from where it was saved long ago: nothing of that is new.
    bench.watches.set("t7", makeWatch("t7", { verdict: "up", sampleCount: 10 }));
    await bench.pass(12_000);
    bench.storage.take();
    await goOn(bench);
    const saved = savedOf(bench.storage.take());
    expect(saved).toContain("t6");
    expect(saved).not.toContain("t7");
  });

  test("that fails now and then is not said again and again", async () => {
    const bench = new RecorderBench([makeWatch("a")]);
    for (let round = 0; round < 30; round++) {
      bench.storage.result = round % 2 === 0 ? { ok: false, detail: "no" } : { ok: true };
      bench.change("a", "down");
      await bench.pass(2_000);
    }
    expect(bench.told).toHaveLength(1);
  });

  test("does not hold the end up for good", async () => {
    const bench = new RecorderBench(many(40_000, { heartbeatCount: 9, sampleCount: 10 }));
    bench.storage.isPrompt = false;
    const closing = bench.recorder.close();
    for (let second = 0; second < 10 && !bench.storage.isClosed; second++) await bench.pass(1_000);
    await settled();
    expect(bench.storage.isClosed).toBe(true);
    await closing;
    expect(bench.recorder.stats.droppedCount).toBeGreaterThan(10_000);
  });

  test("and never says that it is closed does not hold the end up for good either", async () => {
    const bench = new RecorderBench([makeWatch("a")]);
    bench.storage.isEnding = false;
    let hasEnded = false;
    const closing = bench.recorder.close().then(() => (hasEnded = true));
    await settled();
    await bench.pass(4_000);
    expect([bench.storage.isClosed, hasEnded]).toEqual([true, false]);
    await bench.pass(1_000);
    expect(hasEnded).toBe(true);
    expect(bench.told).toEqual([expect.stringContaining("the disk keeps the end waiting")]);
    await closing;
    expect(bench.time.waitingCount).toBe(0);
  });
});
