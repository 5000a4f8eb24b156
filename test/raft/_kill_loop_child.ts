/**
 * The process that is killed: keeps a store in a Worker and writes as fast as it can. On stdout it says
 * when it is open, and then how many of its writes it was told are durable, after each of them, and only
 * then. Arguments: the directory and a seed.
 */
import { writeSync } from "node:fs";
import { openRaftStorage } from "../../src/bun/mod.ts";
import { FIRST, KillLoopWrites, randomOf } from "./_kill_loop_writes.ts";

const MAX_OUTSTANDING = 40;

const [directory, seed] = process.argv.slice(2);
const opened = await openRaftStorage({
  directory: directory!,
  id: "a",
  clusterId: "c",
  firstSnapshot: FIRST,
});
if (!opened.ok) throw new Error(opened.error.detail);
const { storage, stored } = opened;
const writes = new KillLoopWrites(stored, Number(seed));
// Of its own, so that the writes do not depend on how they happened to be gathered.
const random = randomOf(Number(seed) + 1);
let begun = 0;
let done = 0;

say("open");
pump();

function pump(): void {
  while (begun - done < MAX_OUTSTANDING) {
    begun++;
    storage.store(writes.next(), (result) => {
      if (!result.ok) throw new Error(result.detail);
      done++;
      say(String(done));
      pump();
    });
    // Lets groups of all sizes come about.
    if (random() < 0.3) break;
  }
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
