/** Ends processes: asks first, then insists, and returns once none of them runs. */
import { isRunning, type ProcessIdentity } from "./process_identity.ts";

/** The binary ends in under a second; this is for a machine that is busy with other things. */
const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 20;

export async function endProcesses(processes: readonly ProcessIdentity[]): Promise<void> {
  send(processes, "SIGTERM");
  await waitForEnd(processes);
  send(processes, "SIGKILL");
  await waitForEnd(processes);
}

function send(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const identity of processes.filter(isRunning)) {
    try {
      process.kill(identity.pid, signal);
    } catch (error) {
      // It may have ended since we looked; anything else is worth knowing.
      if (isRunning(identity)) throw error;
    }
  }
}

/** Returns early once none of them runs, and after the patience whatever they do. */
export async function waitForEnd(processes: readonly ProcessIdentity[]): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (processes.some(isRunning) && performance.now() < deadlineMs) {
    // One look after the other.
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
