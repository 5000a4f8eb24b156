/**
 * A power cut at any moment: strace says what a real process with real SQLite did to its files, and at
 * moments all along, a disk that has lost any part of what was not synced yet is put together and opened. All
 * that the process had been told is durable has to be there, and nothing of it may look like damage.
 * `POWER_CUTS` makes it longer.
 */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openRaftStorage } from "../../src/bun/mod.ts";
import type { StoredState } from "../../src/raft/mod.ts";
import { PowerCutDisk } from "../kit/power_cut.ts";
import { canTrace, traceFiles } from "../kit/system_calls.ts";
import { FIRST, KillLoopWrites, randomOf } from "./_kill_loop_writes.ts";

const CHILD = fileURLToPath(new URL("./_power_cut_child.ts", import.meta.url));
const cuts = Number(process.env["POWER_CUTS"] ?? 400);
const seed = Number(process.env["POWER_CUT_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);

const RUNS = [
  { childSeed: 1, count: 250, end: "kill" },
  { childSeed: 2, count: 350, end: "close" },
] as const;

/** Opens what is in `files`, in a directory of its own. */
async function openFiles(
  files: ReadonlyMap<string, Uint8Array>,
  directory: string,
): Promise<StoredState> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  for (const [name, bytes] of files) writeFileSync(join(directory, name), bytes);
  const founding = { id: "a", clusterId: "c", firstSnapshot: FIRST };
  const result = await openRaftStorage({ directory, ...founding, inThread: true });
  if (!result.ok) throw new Error(`${result.error.kind}: ${result.error.detail}`);
  await result.storage.close();
  return result.stored;
}

/** What each number of a run's writes leaves behind. */
function statesOf(before: StoredState, childSeed: number, count: number): StoredState[] {
  const writes = new KillLoopWrites(before, childSeed);
  const states = [writes.state];
  for (let made = 0; made < count; made++) {
    writes.next();
    states.push(writes.state);
  }
  return states;
}

function isSame(found: StoredState, state: StoredState): boolean {
  return Bun.deepEquals(found, { ...state, incarnation: found.incarnation }, true);
}

test.skipIf(!canTrace())(
  `nothing acknowledged is missing after a power cut (${cuts} cuts, POWER_CUT_SEED=${seed})`,
  async () => {
    // What is synced is known from the calls; the disk itself need not do it.
    const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
    const home = mkdtempSync(join(memory, "phi-power-cut-"));
    const directory = join(home, "data");
    const random = randomOf(seed);
    const disk = new PowerCutDisk();
    try {
      mkdirSync(directory);
      let before = await openFiles(new Map(), join(home, "empty"));
      for (const { childSeed, count, end } of RUNS) {
        const command = [process.execPath, CHILD, directory, String(childSeed), String(count), end];
        const events = await traceFiles(command, directory);
        expect(events.filter((event) => event.kind === "said")).toHaveLength(1 + 2 * count);
        const states = statesOf(before, childSeed, count);
        const told = { begun: 0, done: 0 };
        // A start has few calls, and much can go wrong in it.
        let share = 0.5;
        for (const event of events) {
          if (event.kind !== "said") disk.apply(event);
          else if (event.line === "opened") share = cuts / RUNS.length / events.length;
          else if (event.line === "begun") told.begun++;
          else if (event.line === "done") told.done++;
          if (random() >= share) continue;
          const found = await openFiles(disk.stateAfterCut(random), join(home, "cut"));
          const possible = states.slice(told.done, told.begun + 1);
          expect(possible.some((state) => isSame(found, state))).toBe(true);
        }
        before = states.at(-1)!;
      }
    } finally {
      rmSync(home, { recursive: true });
    }
  },
  120_000 + cuts * 100,
);
