/**
 * Is a budget of false alarms kept? A watch lives through whole traces in virtual time, made up and recorded, and how
 * often it called a live server down is compared with what its budget allows, scaled so that enough are expected.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeTarget } from "../../src/config/mod.ts";
import { WatchSet } from "../../src/monitor/mod.ts";
import { MONTH_MS } from "../../src/qos/mod.ts";

const RECORDED = join(
  process.env["PHI_SHARED_DATA"] ?? join(import.meta.dir, "../../../shared/data"),
  "traces",
);

/** How many alarms there were for each one that the budget allows for. */
function achieved(arrivalsMs: readonly number[], expected: number): number {
  const spanMs = arrivalsMs.at(-1)! - arrivalsMs[0]!;
  const intervalMillis = Math.max(10, Math.round(spanMs / (arrivalsMs.length - 1)));
  const falseAlarmsPerMonth = (expected * MONTH_MS) / spanMs;
  const monitor = { falseAlarmsPerMonth };
  const decoded = decodeTarget({ name: "a", url: "push:", intervalMillis, monitor });
  if (!decoded.ok) throw new Error(decoded.errors[0]!.message);
  let nowMs = 0;
  let alarms = 0;
  const watches = new WatchSet({
    nowMs: () => nowMs,
    wallMsOf: (monitorMs) => monitorMs,
    pausedMs: 0,
    excusingPauses: [],
  });
  watches.onVerdictChange(({ to }) => {
    if (to === "down") alarms++;
  });
  const watch = watches.put(decoded.target);
  for (const arrivalMs of arrivalsMs) {
    nowMs = arrivalMs - arrivalsMs[0]!;
    watches.heartbeat("a");
  }
  // What it says of itself is what was seen of it.
  const { mistakeCount, outageCount } = watch.quality(nowMs);
  expect(mistakeCount + outageCount).toBeGreaterThanOrEqual(alarms - 1);
  return alarms / expected;
}

/** Uniform in (0, 1), the same each time. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** Heartbeats each 100 ms, of which some are lost and the others take as long as `delayMs` says. */
function generated(
  count: number,
  lossShare: number,
  delayMs: (random: () => number) => number,
): number[] {
  const random = seededRandom(2_004);
  const arrivalsMs: number[] = [];
  for (let sequence = 0; sequence < count; sequence++) {
    const arrivalMs = sequence * 100 + delayMs(random);
    if (random() >= lossShare) arrivalsMs.push(arrivalMs);
  }
  return arrivalsMs.toSorted((a, b) => a - b);
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

const made: Readonly<Record<string, () => number[]>> = {
  "delays as of a normal distribution": () =>
    generated(60_000, 0, (random) => 50 + 5 * gaussian(random)),
  "delays with a heavy tail": () => generated(60_000, 0, (random) => 2 * random() ** (-1 / 2.5)),
  "lost heartbeats": () => generated(60_000, 0.004, (random) => 20 + 2 * gaussian(random)),
};

function recorded(file: string): number[] {
  const lines = readFileSync(join(RECORDED, file), "utf8").split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => Number(line.split(" ")[1]));
}

describe("falseAlarmsPerMonth is achieved within a half and twice", () => {
  for (const [name, make] of Object.entries(made)) {
    test.each([25, 120])(`on ${name}, where %i are expected`, (expected) => {
      const ratio = achieved(make(), expected);
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    });
  }

  const files = [
    "planetlab_node1.txt",
    "tmobile_umts_driving_down.txt",
    "verizon_lte_short_up.txt",
  ];
  for (const file of files) {
    const isHere = existsSync(join(RECORDED, file));
    if (!isHere) console.warn(`skipped: ${file} is not in ${RECORDED}`);
    test.skipIf(!isHere)(`on ${file}, where 30 are expected`, () => {
      const ratio = achieved(recorded(file), 30);
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    });
  }
});
