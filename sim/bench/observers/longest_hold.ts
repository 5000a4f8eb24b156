/**
 * How long one monitor's observers hold the event loop at the most, when everything is to be done at once: it tells
 * all it sees, hears all that four others see, and judges all targets anew. Each is done several times over, and
 * of each turn the quickest counts, since the machine may have something else to do in any of them. The argument
 * is the number of targets. Prints the longest turn of each, in milliseconds, as JSON.
 */
import { bunClock, bunTimers } from "../../../src/bun/mod.ts";
import { Observers, type Doubt } from "../../../src/observers/mod.ts";
import { upWatches } from "./watches.ts";

const targetCount = Number(process.argv[2]);
const PEERS = ["b", "c", "d", "e"];
const ROUNDS = 20;

/** What another tells: as this one does, since their targets and verdicts are the same. */
let told: Uint8Array[] = [];
let doubts: readonly Doubt[] = [];
let changeDoubts = () => {};

const observers = new Observers({
  self: "a",
  monitor: upWatches(targetCount),
  members: () => ["a", ...PEERS],
  doubts: {
    doubts: () => doubts,
    onChange: (listener) => {
      changeDoubts = listener;
      return () => {};
    },
  },
  wire: { broadcast: () => {}, exchange: (_peer, bytes) => told.push(bytes) },
  clock: bunClock,
  timers: bunTimers,
  run: 1,
});

/** The longest of those turns; each as quick as it was in any of the rounds. */
async function longestTurnMs(turnCount: number, work: (turn: number) => void): Promise<number> {
  const quickestMs = new Float64Array(turnCount).fill(Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < turnCount; turn++) {
      const startMs = performance.now();
      work(turn);
      await bunTimers.yieldToLoop();
      quickestMs[turn] = Math.min(quickestMs[turn]!, performance.now() - startMs);
    }
  }
  return quickestMs.reduce((longest, ms) => Math.max(longest, ms));
}

const atFirst = (run: () => void) => (turn: number) => {
  if (turn === 0) run();
};
/** More turns than there are slices of all targets. */
const turnCount = Math.ceil(targetCount / 1_000) + 20;

const telling = await longestTurnMs(
  turnCount,
  atFirst(() => {
    told = [];
    observers.opened("b");
  }),
);
const messages = told.flatMap((bytes) => PEERS.map((peer) => ({ peer, bytes })));
const hearing = await longestTurnMs(messages.length, (turn) => {
  const { peer, bytes } = messages[turn]!;
  observers.receive(peer, bytes);
});
const { votes } = observers.combined("server-00000000")!;
if (votes.length !== 5) throw new Error(`${votes.length} of 5 are heard`);
const judging = await longestTurnMs(
  turnCount,
  atFirst(() => {
    doubts = doubts.length === 0 ? ["paused"] : [];
    changeDoubts();
  }),
);
observers.close();
console.log(JSON.stringify({ telling, hearing, judging }));
process.exit(0);
