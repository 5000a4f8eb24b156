/**
 * A power cut at any moment: strace says what a real process with real SQLite did to its files, and what the
 * disk may hold afterwards is put together and opened: at every acknowledgement what was synced and nothing
 * else, and there, in the starts and all along, what was synced and any part of the rest. All that the
 * process had been told is durable has to be there, and nothing of it may look like damage. `POWER_CUTS` is how
 * many writes are acknowledged and cut.
 */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openRaftStorage } from "../../src/bun/mod.ts";
import type { StoredState } from "../../src/raft/mod.ts";
import { PowerCutDisk } from "../kit/power_cut.ts";
import { canTrace, type FileEvent, traceFiles } from "../kit/system_calls.ts";
import { FIRST, KillLoopWrites, randomOf } from "./_kill_loop_writes.ts";

const CHILD = fileURLToPath(new URL("./_power_cut_child.ts", import.meta.url));
/** How many acknowledgements: each is cut to what was synced, and there are as many other cuts. */
const wanted = process.env["POWER_CUTS"];
const cuts = Number(wanted ?? 400);
const seed = Number(process.env["POWER_CUT_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);

/** A short run and a long one in turn, each on what the last one left: starts, and checkpoints of 4 MB. */
const RUN_WRITES = [50, 350] as const;

/** Where it is cut, and but for the first, to what was synced and any part of the rest. */
const KINDS = ["syncedAtDone", "partAtDone", "partInStart", "partAnywhere"] as const;
type Kind = (typeof KINDS)[number];

/** A start has few calls, and much can go wrong in it. */
const PART_KINDS: readonly Kind[] = ["partAtDone", "partInStart", "partAnywhere", "partAnywhere"];

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

function hasSaid(event: FileEvent, line: string): boolean {
  return event.kind === "said" && event.line === line;
}

/** Which cuts are made after each event: at every acknowledgement one, and as many others. */
function cutsOf(events: readonly FileEvent[], random: () => number): Kind[][] {
  const plan = events.map((event): Kind[] => (hasSaid(event, "done") ? ["syncedAtDone"] : []));
  const done = [...events.keys()].filter((place) => hasSaid(events[place]!, "done"));
  const opened = events.findIndex((event) => hasSaid(event, "opened"));
  for (const number of done.keys()) {
    const kind = PART_KINDS[number % PART_KINDS.length]!;
    const below = (count: number) => Math.floor(random() * count);
    const place =
      kind === "partAtDone"
        ? done[below(done.length)]!
        : below(kind === "partInStart" ? opened : events.length);
    plan[place]!.push(kind);
  }
  return plan;
}

class PowerCuts {
  readonly made = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  readonly #home: string;
  readonly #random = randomOf(seed);
  readonly #disk = new PowerCutDisk();

  constructor(home: string) {
    this.#home = home;
  }

  /** One run of the process, cut all along; gives what it leaves behind. */
  async run(before: StoredState, run: number, count: number): Promise<StoredState> {
    const directory = join(this.#home, "data");
    mkdirSync(directory, { recursive: true });
    const childSeed = seed + run;
    const end = run % 2 === 0 ? "kill" : "close";
    const command = [process.execPath, CHILD, directory, String(childSeed), String(count), end];
    const events = await traceFiles(command, directory);
    expect(events.filter((event) => event.kind === "said")).toHaveLength(1 + 2 * count);
    const states = statesOf(before, childSeed, count);
    const plan = cutsOf(events, this.#random);
    const told = { begun: 0, done: 0 };
    for (const [place, event] of events.entries()) {
      this.#disk.apply(event);
      if (hasSaid(event, "begun")) told.begun++;
      if (hasSaid(event, "done")) told.done++;
      for (const kind of plan[place]!) {
        const problem = await this.#cut(kind, states.slice(told.done, told.begun + 1));
        if (problem === undefined) continue;
        throw new Error(`${kind}, run ${run}, ${told.done} of ${count} acknowledged: ${problem}`);
      }
    }
    return states.at(-1)!;
  }

  /** What is wrong with what is found after a cut. */
  async #cut(kind: Kind, possible: readonly StoredState[]): Promise<string | undefined> {
    const files =
      kind === "syncedAtDone" ? this.#disk.syncedState() : this.#disk.stateAfterCut(this.#random);
    this.made[kind]++;
    try {
      const found = await openFiles(files, join(this.#home, "cut"));
      return possible.some((state) => isSame(found, state)) ? undefined : "not what was stored";
    } catch (error) {
      return String(error);
    }
  }
}

const isPossible = canTrace();
// Whoever asks for so many must not take their absence for a success.
if (wanted !== undefined && !isPossible)
  throw new Error("POWER_CUTS needs an strace that can trace");

test.skipIf(!isPossible)(
  `nothing acknowledged is missing after a power cut (POWER_CUTS=${cuts}, POWER_CUT_SEED=${seed})`,
  async () => {
    // What is synced is known from the calls; the disk itself need not do it.
    const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
    const home = mkdtempSync(join(memory, "phi-power-cut-"));
    const powerCuts = new PowerCuts(home);
    try {
      let before = await openFiles(new Map(), join(home, "empty"));
      for (let run = 0, left = cuts; left > 0; run++) {
        const count = Math.min(RUN_WRITES[run % RUN_WRITES.length]!, left);
        before = await powerCuts.run(before, run, count);
        left -= count;
      }
    } finally {
      rmSync(home, { recursive: true });
    }
    const { syncedAtDone, ...parts } = powerCuts.made;
    console.log(
      `power cuts: ${syncedAtDone} to synced bytes only, one at each acknowledgement; to these and ` +
        `parts of the rest ${parts.partAtDone} at acknowledgements, ${parts.partInStart} in starts, ` +
        `${parts.partAnywhere} anywhere`,
    );
    expect(syncedAtDone).toBe(cuts);
    expect(parts.partAtDone + parts.partInStart + parts.partAnywhere).toBe(cuts);
    if (cuts >= PART_KINDS.length) expect(Math.min(...Object.values(parts))).toBeGreaterThan(0);
  },
  120_000 + cuts * 1_000,
);
