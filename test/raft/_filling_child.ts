/**
 * One run of a store on a disk that is too small, for a test that sees to the disk. `fill DIRECTORY`
 * appends until a write fails; `open DIRECTORY` looks at what is there, and appends one more. Prints a
 * line of JSON.
 */
import { openRaftStorage, type RaftStorage } from "../../src/bun/mod.ts";
import { firstSnapshot } from "../../src/raft/mod.ts";
import { commandEntry, store, SUITE_MEMBERSHIP } from "../kit/log_storage_suite.ts";

const ENTRY_BYTES = 50_000;
const entryAt = (index: number) => commandEntry(index, 1, ENTRY_BYTES);

async function fill(storage: RaftStorage): Promise<Record<string, unknown>> {
  let wasLow = false;
  for (let acknowledged = 0; ; acknowledged++) {
    const result = await store(storage, { entries: [entryAt(2 + acknowledged)] });
    if (!result.ok) {
      const again = await store(storage, { entries: [] });
      return { acknowledged, detail: result.detail, again, wasLow };
    }
    wasLow ||= storage.isLowOnSpace();
  }
}

const [task, directory] = process.argv.slice(2);
const opened = await openRaftStorage({
  directory: directory!,
  id: "a",
  clusterId: "c",
  firstSnapshot: firstSnapshot(SUITE_MEMBERSHIP, new Uint8Array(10)),
  minFreeBytes: 4 * 1024 * 1024,
});
if (!opened.ok) {
  console.log(JSON.stringify({ refused: opened.error }));
} else if (task === "fill") {
  console.log(JSON.stringify(await fill(opened.storage)));
  await opened.storage.close();
} else {
  const { entries } = opened.stored;
  const isIntact = entries.every((entry) => Bun.deepEquals(entry, entryAt(entry.index), true));
  const goesOn = await store(opened.storage, { entries: [entryAt(2 + entries.length)] });
  console.log(JSON.stringify({ found: entries.length, isIntact, goesOn }));
  await opened.storage.close();
}
