/**
 * One run of a history on a disk that is too small, for a test that sees to the disk: writes until something is
 * lost, makes room by deleting the file BALLAST, writes on, and looks at what is there. Prints a line of JSON. Its
 * arguments are a word, and a directory; the ballast lies beside that. The word is `fill`, or `spare`: then some of
 * the disk is to stay free.
 */
import { mkdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { openHistoryStorage } from "../../src/bun/mod.ts";
import type { BatchResult, HistoryBatch } from "../../src/history/mod.ts";

const [task, directory] = process.argv.slice(2);
const isSparing = task === "spare";
const MIB = 1024 * 1024;
mkdirSync(directory!, { recursive: true });
const NOON_MS = Date.UTC(2026, 0, 31, 12);
const targets = Array.from({ length: 500 }, (_, index) => `target${index}`);
const notices: string[] = [];
const { storage, saved } = openHistoryStorage({
  directory: directory!,
  // More than the disk has.
  limits: { maxAgeMs: 365 * 86_400_000, maxBytes: (isSparing ? 32 : 256) * MIB },
  minFreeBytes: isSparing ? 16 * MIB : Number.NEGATIVE_INFINITY,
  nowWallMs: NOON_MS,
  onNotice: (line) => notices.push(line),
});
await saved;
let turn = 0;
let leastFreeBytes = Number.POSITIVE_INFINITY;

function write(): Promise<BatchResult> {
  const nowWallMs = NOON_MS + turn++ * 1_800_000;
  const column = new Float64Array(targets.length).fill(turn);
  const batch: HistoryBatch = {
    nowWallMs,
    changes: [],
    phi: { targets, phi: column, peakPhi: column },
    saved: targets.map((target) => ({ target, bytes: new Uint8Array(400) })),
    forgotten: [],
  };
  return new Promise((resolve) => {
    storage.write(batch, (written) => {
      const { bavail, bsize } = statfsSync(directory!);
      leastFreeBytes = Math.min(leastFreeBytes, bavail * bsize);
      resolve(written);
    });
  });
}

let kept = 0;
let result = await write();
for (; result.ok && turn < 1_500; result = await write()) kept++;
const detail = result.ok ? undefined : result.detail;
// Losing goes on, and nothing else happens.
const lostToo = await Promise.all(Array.from({ length: 20 }, write));
const fileBytes = () => statSync(`${directory!}/history.sqlite`).size;
const fullBytes = fileBytes();
rmSync(`${directory!}/../ballast`);
const goesOn: boolean[] = [];
for (let count = 0; count < 200; count++) goesOn.push((await write()).ok);
const read = await storage.read({
  target: "target7",
  fromWallMs: NOON_MS,
  toWallMs: NOON_MS + turn * 1_800_000,
  limit: 10_000,
});
await storage.close();
console.log(
  JSON.stringify({
    kept,
    detail,
    lost: lostToo.filter(({ ok }) => !ok).length,
    goesOn: goesOn.every(Boolean),
    samples: read.ok ? read.page.samples.length : read.detail,
    notices,
    leastFreeBytes,
    fullBytes,
    grownBytes: fileBytes() - fullBytes,
  }),
);
