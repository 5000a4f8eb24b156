/**
 * `make docker-compose-down`: stops what `make run` started, and only that. (The name is the proof of
 * concept's.) That nothing runs is no failure.
 */
import { endProcesses } from "./end_processes.ts";
import { isRunning } from "./process_identity.ts";
import { deleteRecord, readRecords } from "./run_record.ts";
import { readSettings } from "./settings.ts";

async function stopDemo(): Promise<void> {
  const settings = readSettings(process.env);
  if (typeof settings === "string") {
    process.stderr.write(`make docker-compose-down: ${settings}\n`);
    process.exitCode = 1;
    return;
  }
  let stoppedCount = 0;
  for (const stored of readRecords(settings.runDirectory)) {
    const { record } = stored;
    const running = [record.runner, ...record.children].filter(isRunning);
    stoppedCount += running.length;
    // The runner first: it ends the others itself, and says so on its terminal.
    if (isRunning(record.runner)) await endProcesses([record.runner]);
    await endProcesses(running);
    deleteRecord(stored);
  }
  const what = stoppedCount === 1 ? "1 process" : `${stoppedCount} processes`;
  process.stdout.write(stoppedCount === 0 ? "nothing runs\n" : `stopped ${what}\n`);
}

await stopDemo();
