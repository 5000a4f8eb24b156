/**
 * Notices that the `make` which started this process was told to stop. A Ctrl-C reaches the whole
 * process group, but an interrupt sent to make alone does not: make then waits for its children and
 * tells them nothing. Seen from outside, the handler of that signal is gone while it waits.
 */
import { processName, signalsOf } from "./signal_mask.ts";

const LOOK_EVERY_MS = 250;

/** Calls `onStop` once, when make is gone or waits for us to end. */
export function watchParentMake(onStop: () => void): void {
  const makePid = process.ppid;
  if (!/^g?make$/u.test(processName(makePid) ?? "")) return;
  const caughtBefore = signalsOf(makePid, "caught").length;
  const timer = setInterval(() => {
    if (signalsOf(makePid, "caught").length >= caughtBefore) return;
    clearInterval(timer);
    onStop();
  }, LOOK_EVERY_MS);
}
