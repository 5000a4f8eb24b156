/** Signals that ask the process to end, as a promise. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Resolves with the first such signal. A second one finds the default action in its place again, so
 * that an impatient Ctrl-C always ends the process.
 */
export function shutdownRequested(): Promise<string> {
  return new Promise((resolve) => {
    const heard = (signal: NodeJS.Signals) => {
      for (const name of SIGNALS) process.off(name, heard);
      resolve(signal);
    };
    for (const name of SIGNALS) process.on(name, heard);
  });
}
