/**
 * The process that is traced: makes so many of the kill loop's writes, and says which it has begun and
 * which it was told are durable. Arguments: the directory, a seed, how many, and whether it ends by "kill" or
 * by "close".
 */
import { writeSync } from "node:fs";
import { openRaftStorage } from "../../src/bun/mod.ts";
import { FIRST, KillLoopWrites } from "./_kill_loop_writes.ts";

const MAX_OUTSTANDING = 3;

const [directory, seed, count, end] = process.argv.slice(2);
const founding = { id: "a", clusterId: "c", firstSnapshot: FIRST };
// A planted bug is not in Workers: what is loaded there is not edited.
const inThread = process.env["PHI_PLANTED_BUG"] !== undefined;
const opened = await openRaftStorage({ directory: directory!, ...founding, inThread });
if (!opened.ok) throw new Error(opened.error.detail);
const { storage, stored } = opened;
say("opened");
const writes = new KillLoopWrites(stored, Number(seed));
let begun = 0;
let done = 0;
await new Promise<void>((resolve) => {
  const pump = () => {
    while (begun - done < MAX_OUTSTANDING && begun < Number(count)) {
      begun++;
      say("begun");
      storage.store(writes.next(), (result) => {
        if (!result.ok) throw new Error(result.detail);
        done++;
        say("done");
        if (done === Number(count)) resolve();
        else pump();
      });
    }
  };
  pump();
});
if (end === "kill") process.kill(process.pid, "SIGKILL");
await storage.close();

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
