/** That a history stays within its bounds, through simulated weeks. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MIN_HISTORY_BYTES } from "../../history/mod.ts";
import {
  bytesOnDisk,
  change,
  DAY_MS,
  MINUTE_MS,
  NOW_MS,
  openTestHistory,
  phiOf,
  record,
  temporaryDirectory,
  type TestHistory,
} from "./_test_storage.ts";
import { HISTORY_FILE } from "./open.ts";

const names = (count: number, prefix = "target") =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** Samples of all targets, every `stepMs`, and what else `also` writes; calls `look` after each. */
async function live(
  { write }: TestHistory,
  targets: readonly string[],
  span: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
  look: (nowWallMs: number) => void = () => {},
): Promise<void> {
  for (let nowWallMs = span.fromMs; nowWallMs < span.toMs; nowWallMs += span.stepMs) {
    const changes = targets.slice(0, 3).map((target) => change(target, nowWallMs));
    await write({ nowWallMs, changes, phi: phiOf(targets, 1) });
    look(nowWallMs);
  }
}

const at = (nowWallMs: number) => ({ nowWallMs, changes: [change("a", nowWallMs)] });

describe("by age", () => {
  test("what is too old goes out, and what is not stays", async () => {
    using directory = temporaryDirectory();
    const limits = { maxAgeMs: 2 * DAY_MS, maxBytes: 64 * MIN_HISTORY_BYTES };
    const history = await openTestHistory(directory.path, { limits });
    const toMs = NOW_MS + 10 * DAY_MS;
    await live(history, names(5), { fromMs: NOW_MS, toMs, stepMs: 10 * MINUTE_MS });
    const { changes, samples } = await history.read("target1");
    for (const list of [changes, samples]) {
      const coveredMs = toMs - list[0]!.atWallMs;
      expect(coveredMs).toBeGreaterThanOrEqual(2 * DAY_MS - 10 * MINUTE_MS);
      expect(coveredMs).toBeLessThan(2 * DAY_MS + 60 * MINUTE_MS);
      expect(list.at(-1)!.atWallMs).toBe(toMs - 10 * MINUTE_MS);
    }
    await history.storage.close();
    expect(bytesOnDisk(directory.path)).toBeLessThan(MIN_HISTORY_BYTES / 2);
  });

  test("what a wrong clock has dated far ahead goes out too", async () => {
    using directory = temporaryDirectory();
    const history = await openTestHistory(directory.path);
    const wrongMs = NOW_MS + 300 * DAY_MS;
    await history.write({ ...at(wrongMs), phi: phiOf(["a"], 1) });
    await history.write({ ...at(NOW_MS), phi: phiOf(["a"], 2) });
    const { changes, samples } = await history.read("a");
    expect(changes.map(({ atWallMs }) => atWallMs)).toEqual([NOW_MS]);
    expect(samples.map(({ phi }) => phi)).toEqual([2]);
    await history.storage.close();
  });

  test("a clock that is wrong for a moment costs a day or so, and neither names nor saved watches", async () => {
    using directory = temporaryDirectory();
    const history = await openTestHistory(directory.path);
    const toMs = NOW_MS + 4 * DAY_MS;
    await live(history, names(5), { fromMs: NOW_MS, toMs, stepMs: 30 * MINUTE_MS });
    await history.write({ nowWallMs: toMs, saved: [record("target1", 9)] });
    await history.write(at(toMs + 300 * DAY_MS));
    await history.write(at(toMs));
    const { samples } = await history.read("target1", { toWallMs: toMs });
    expect(samples.length).toBeGreaterThanOrEqual(4 * 48 - 50);
    await history.storage.close();
    const again = await openTestHistory(directory.path, { nowWallMs: toMs });
    expect(again.saved.map(({ target }) => target)).toEqual(["target1"]);
    await again.storage.close();
  });

  test("a clock that stands still lets no block grow for ever", async () => {
    using directory = temporaryDirectory();
    const history = await openTestHistory(directory.path);
    for (let turn = 0; turn < 400; turn++) await history.write({ phi: phiOf(["a"], turn) });
    expect((await history.read("a")).samples).toHaveLength(240);
    await history.storage.close();
  });
});

describe("by bytes", () => {
  test("files never take more than they may, and the newest of it is there", async () => {
    for (const maxBytes of [MIN_HISTORY_BYTES, 3 * MIN_HISTORY_BYTES]) {
      using directory = temporaryDirectory();
      const limits = { maxAgeMs: 365 * DAY_MS, maxBytes };
      const history = await openTestHistory(directory.path, { limits });
      let largestBytes = 0;
      const look = () => (largestBytes = Math.max(largestBytes, bytesOnDisk(directory.path)));
      const span = { fromMs: NOW_MS, toMs: NOW_MS + 21 * DAY_MS, stepMs: 60 * MINUTE_MS };
      await live(history, names(300), span, look);
      expect(largestBytes).toBeLessThanOrEqual(maxBytes);
      // Most of what is allowed is used.
      expect(largestBytes).toBeGreaterThan(maxBytes / 2);
      const { changes, samples } = await history.read("target1");
      expect(samples.at(-1)!.atWallMs).toBe(span.toMs - span.stepMs);
      expect(changes.at(-1)!.atWallMs).toBe(span.toMs - span.stepMs);
      expect(samples.length).toBeGreaterThan(50);
      expect(samples.length).toBeLessThan(21 * 24);
      await history.storage.close();
      expect(bytesOnDisk(directory.path)).toBeLessThanOrEqual(maxBytes);
    }
  }, 60_000);

  test("a storm of changes is bounded as well", async () => {
    using directory = temporaryDirectory();
    const limits = { maxAgeMs: 365 * DAY_MS, maxBytes: MIN_HISTORY_BYTES };
    const history = await openTestHistory(directory.path, { limits });
    for (let turn = 0; turn < 200; turn++) {
      const nowWallMs = NOW_MS + turn * 2_000;
      const changes = names(100).map((target) => change(target, nowWallMs));
      await history.write({ nowWallMs, changes });
      expect(bytesOnDisk(directory.path)).toBeLessThanOrEqual(MIN_HISTORY_BYTES);
    }
    expect((await history.read("target7")).changes.at(-1)!.atWallMs).toBe(NOW_MS + 398_000);
    await history.storage.close();
  }, 60_000);

  test("names that come and go leave nothing behind", async () => {
    using directory = temporaryDirectory();
    const limits = { maxAgeMs: 3 * DAY_MS, maxBytes: MIN_HISTORY_BYTES };
    const history = await openTestHistory(directory.path, { limits });
    for (let hour = 0; hour < 24 * 12; hour++) {
      const nowWallMs = NOW_MS + hour * 60 * MINUTE_MS;
      const targets = names(50, `pod-${hour}-`);
      await history.write({
        nowWallMs,
        phi: phiOf(targets, 1),
        saved: targets.map((target) => record(target, 100)),
      });
      expect(bytesOnDisk(directory.path)).toBeLessThanOrEqual(MIN_HISTORY_BYTES);
    }
    expect((await history.read("pod-0-0")).isKnown).toBe(false);
    expect((await history.read("pod-287-49")).samples).toHaveLength(1);
    await history.storage.close();
  }, 60_000);

  test("watches that do not fit are lost, and all else goes on", async () => {
    using directory = temporaryDirectory();
    const limits = { maxAgeMs: DAY_MS, maxBytes: MIN_HISTORY_BYTES };
    const history = await openTestHistory(directory.path, { limits });
    let lostCount = 0;
    for (const target of names(200)) {
      const result = await history.tryToWrite({ saved: [record(target, 20_000)] });
      if (!result.ok) lostCount++;
      expect(bytesOnDisk(directory.path)).toBeLessThanOrEqual(MIN_HISTORY_BYTES);
    }
    expect(lostCount).toBeGreaterThan(100);
    await history.storage.close();
  }, 60_000);

  test("a file that is larger than it may be now becomes smaller", async () => {
    using directory = temporaryDirectory();
    const large = { maxAgeMs: 365 * DAY_MS, maxBytes: 16 * MIN_HISTORY_BYTES };
    const before = await openTestHistory(directory.path, { limits: large });
    const toMs = NOW_MS + 3 * DAY_MS;
    await live(before, names(1_000), { fromMs: NOW_MS, toMs, stepMs: 30 * MINUTE_MS });
    await before.storage.close();
    expect(bytesOnDisk(directory.path)).toBeGreaterThan(2.5 * MIN_HISTORY_BYTES);
    const limits = { ...large, maxBytes: 2 * MIN_HISTORY_BYTES };
    const after = await openTestHistory(directory.path, { limits, nowWallMs: toMs });
    await live(after, names(300), { fromMs: toMs, toMs: toMs + 60 * MINUTE_MS, stepMs: MINUTE_MS });
    expect(bytesOnDisk(directory.path)).toBeLessThanOrEqual(2 * MIN_HISTORY_BYTES);
    const { samples } = await after.read("target7");
    expect(samples.at(-1)!.atWallMs).toBe(toMs + 59 * MINUTE_MS);
    await after.storage.close();
  }, 60_000);

  test("with what was put aside, which stays as long as there is room for it", async () => {
    for (const damagedPart of [1, 0.3]) {
      using directory = temporaryDirectory();
      const [path, maxBytes] = [join(directory.path, HISTORY_FILE), 2 * MIN_HISTORY_BYTES];
      const limits = { maxAgeMs: 365 * DAY_MS, maxBytes };
      const span = { fromMs: NOW_MS, toMs: NOW_MS + 12 * DAY_MS, stepMs: 60 * MINUTE_MS };
      const before = await openTestHistory(directory.path, { limits });
      const toMs = span.fromMs + damagedPart * (span.toMs - span.fromMs);
      await live(before, names(300), { ...span, toMs });
      await before.storage.close();
      const damaged = readFileSync(path).fill(0xa5, 0, 100);
      writeFileSync(path, damaged);
      const history = await openTestHistory(directory.path, { limits });
      expect(history.storage.sizeBytes).toBeGreaterThan(damaged.length);
      let [largestBytes, keptCount, lookCount] = [0, 0, 0];
      await live(history, names(300), span, () => {
        largestBytes = Math.max(largestBytes, bytesOnDisk(directory.path));
        keptCount += existsSync(`${path}.aside`) ? 1 : 0;
        lookCount++;
      });
      expect(history.notices).toHaveLength(1);
      expect(largestBytes).toBeLessThanOrEqual(maxBytes);
      expect(largestBytes).toBeGreaterThan(maxBytes / 2);
      // All of a limit's worth gives way at once, a part of it once the new one has grown.
      if (damagedPart < 1) expect(keptCount).toBeGreaterThan(5);
      expect(keptCount).toBeLessThan(lookCount);
      expect((await history.read("target7")).samples.length).toBeGreaterThan(50);
      await history.storage.close();
    }
  }, 60_000);
});
