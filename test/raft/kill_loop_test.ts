/**
 * A real process on real SQLite, killed at random moments, again and again, in one directory. This
 * process keeps the ledger: what the other said it was told is durable. After each kill the store has to hold
 * exactly what some number of its writes leave behind, and no fewer than it was told of. `KILL_ROUNDS`
 * makes the loop longer; `KILL_SEED` repeats it, as far as a race can be repeated.
 */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openRaftStorage } from "../../src/bun/mod.ts";
import type { StoredState } from "../../src/raft/mod.ts";
import { FIRST, KillLoopWrites, randomOf } from "./_kill_loop_writes.ts";

const CHILD = fileURLToPath(new URL("./_kill_loop_child.ts", import.meta.url));
/** More than the process ever has under way. */
const MAX_UNTOLD_WRITES = 100;
const rounds = Number(process.env["KILL_ROUNDS"] ?? 20);
const seed = Number(process.env["KILL_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);

interface Run {
  readonly hasOpened: boolean;
  /** How many writes it was told are durable. */
  readonly told: number;
}

/** Starts the process, and kills it a while after it has said so many lines. */
async function runAndKill(
  directory: string,
  childSeed: number,
  lineCount: number,
  waitMs: number,
): Promise<Run> {
  const child = Bun.spawn([process.execPath, CHILD, directory, String(childSeed)], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const problems = new Response(child.stderr).text();
  const decoder = new TextDecoder();
  let text = "";
  let isDue = false;
  const killIfDue = (lines: number) => {
    if (isDue || lines < lineCount) return;
    isDue = true;
    setTimeout(() => child.kill("SIGKILL"), waitMs);
  };
  killIfDue(0);
  let lines = 0;
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    lines += chunk.filter((byte) => byte === 0x0a).length;
    killIfDue(lines);
  }
  await child.exited;
  if (child.signalCode !== "SIGKILL") throw new Error(`it ended by itself: ${await problems}`);
  // A last line without its end may be half of a number.
  const whole = text.split("\n").slice(0, -1);
  return { hasOpened: whole.length > 0, told: Math.max(0, whole.length - 1) };
}

/** What is in the directory, while nobody else uses it. */
async function look(directory: string): Promise<StoredState> {
  const founding = { id: "a", clusterId: "c", firstSnapshot: FIRST };
  const result = await openRaftStorage({ directory, ...founding, inThread: true });
  if (!result.ok) throw new Error(`${result.error.kind}: ${result.error.detail}`);
  await result.storage.close();
  return result.stored;
}

/** After how many of the writes of a run the store is as it was found. Throws if after none. */
function writesIn(
  found: StoredState,
  before: StoredState,
  childSeed: number,
  told: number,
): number {
  const writes = new KillLoopWrites(before, childSeed);
  for (let count = 0; count < told; count++) writes.next();
  for (let count = told; count <= told + MAX_UNTOLD_WRITES; count++) {
    const expected = { ...writes.state, incarnation: found.incarnation };
    if (Bun.deepEquals(found, expected, true)) return count;
    writes.next();
  }
  // For the difference to be shown.
  const least = new KillLoopWrites(before, childSeed);
  for (let count = 0; count < told; count++) least.next();
  expect(found).toEqual({ ...least.state, incarnation: found.incarnation });
  throw new Error("the store holds something else than its writes");
}

test(
  `nothing acknowledged is missing after kill -9 (${rounds} rounds, KILL_SEED=${seed})`,
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "phi-kill-loop-"));
    const random = randomOf(seed);
    let told = 0;
    let untold = 0;
    try {
      let before = await look(directory);
      for (let round = 0; round < rounds; round++) {
        // One in ten is killed while it starts.
        const lineCount = random() < 0.1 ? 0 : 1 + Math.floor(random() * 600);
        const waitMs = random() * (lineCount === 0 ? 150 : 5);
        const childSeed = Math.floor(random() * 2 ** 31);
        const run = await runAndKill(directory, childSeed, lineCount, waitMs);
        const found = await look(directory);
        untold += writesIn(found, before, childSeed, run.told) - run.told;
        told += run.told;
        // This process' own start is counted, and the other's if it came that far.
        const starts = found.incarnation - before.incarnation;
        if (run.hasOpened) expect(starts).toBe(2);
        else expect([1, 2]).toContain(starts);
        before = found;
      }
      expect(told).toBeGreaterThan(rounds);
    } finally {
      rmSync(directory, { recursive: true });
    }
    console.info(`${rounds} kills: ${told} writes acknowledged, ${untold} more had become durable`);
  },
  30_000 + rounds * 5_000,
);
