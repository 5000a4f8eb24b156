/** When whoever runs the demo wants it to end. */
import { watchParentMake } from "./parent_make.ts";
import { signalsOf, STOP_SIGNALS } from "./signal_mask.ts";

export const STOP = "stop";

/** Resolves when a signal, or the end of the `make` above, asks for the end. */
export function stopRequested(): Promise<typeof STOP> {
  return new Promise((resolve) => {
    const stop = () => resolve(STOP);
    // Under nohup the end of the terminal is nothing to us.
    const isDeaf = signalsOf(process.pid, "ignored").includes("SIGHUP");
    // They stay until the end: a second Ctrl-C must not leave the parts behind.
    for (const signal of STOP_SIGNALS) {
      if (signal !== "SIGHUP" || !isDeaf) process.on(signal, stop);
    }
    watchParentMake(stop);
  });
}
