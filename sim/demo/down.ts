/**
 * `make docker-compose-down`: stops what `make run` started, and only that. (The name is the proof of
 * concept's.) That nothing runs is no failure.
 */
import { findDocker } from "./docker.ts";
import { endProcesses } from "./end_processes.ts";
import { isRunning } from "./process_identity.ts";
import { deleteRecord, readRecords } from "./run_record.ts";
import { ownSetting, readSettings } from "./settings.ts";

/** Of those that a `make run` left in containers, or runs. `trouble` is why some may be left. */
async function stopContainers(): Promise<{ hadSome: boolean; trouble?: string | undefined }> {
  const found = await findDocker();
  if (!found.ok || !(await found.docker.hasContainers())) return { hadSome: false };
  return { hadSome: true, trouble: await found.docker.down() };
}

function complain(why: string): void {
  process.stderr.write(`make docker-compose-down: ${why}\n`);
  process.exitCode = 1;
}

async function stopDemo(): Promise<void> {
  const settings = readSettings(process.env);
  if (typeof settings === "string") return complain(settings);
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
  // A demo on ports of its own is none in containers.
  const isElsewhere = ownSetting(process.env) !== undefined;
  const { hadSome, trouble } = isElsewhere ? { hadSome: false } : await stopContainers();
  if (trouble !== undefined) complain(trouble);
  else if (hadSome) process.stdout.write("stopped the containers\n");
  else if (stoppedCount === 0) process.stdout.write("nothing runs\n");
  const what = stoppedCount === 1 ? "1 process" : `${stoppedCount} processes`;
  if (stoppedCount > 0) process.stdout.write(`stopped ${what}\n`);
}

await stopDemo();
