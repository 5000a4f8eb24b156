/**
 * `make docker-compose-down`: stops what `make run` started, and only that. (The name is the proof of
 * concept's.) That nothing runs is no failure.
 */
import { findDocker } from "./docker.ts";
import { endProcesses } from "./end_processes.ts";
import { isRunning } from "./process_identity.ts";
import { deleteRecord, readRecords } from "./run_record.ts";
import { readSettings } from "./settings.ts";

/** Of those that a `make run` left in containers, or runs. */
async function stopContainers(): Promise<boolean> {
  const found = await findDocker();
  if (!found.ok || !(await found.docker.hasContainers())) return false;
  await found.docker.down();
  return true;
}

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
  // A demo on ports of its own is none in containers.
  const isElsewhere = Object.keys(process.env).some((name) => name.startsWith("PHI_DEMO_"));
  if (!isElsewhere && (await stopContainers())) process.stdout.write("stopped the containers\n");
  else if (stoppedCount === 0) process.stdout.write("nothing runs\n");
  const what = stoppedCount === 1 ? "1 process" : `${stoppedCount} processes`;
  if (stoppedCount > 0) process.stdout.write(`stopped ${what}\n`);
}

await stopDemo();
