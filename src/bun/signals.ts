/** Signals that ask the process for something. */

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Resolves with the first signal that asks the process to end. A second one finds the default action in its
 * place again, so that an impatient Ctrl-C always ends the process. With `outlivesHangup` SIGHUP is none.
 */
export function shutdownRequested(
  { outlivesHangup }: { readonly outlivesHangup: boolean } = { outlivesHangup: false },
): Promise<string> {
  const signals = ENDING.filter((name) => name !== "SIGHUP" || !outlivesHangup);
  return new Promise((resolve) => {
    const heard = (signal: NodeJS.Signals) => {
      for (const name of signals) process.off(name, heard);
      resolve(signal);
    };
    for (const name of signals) process.on(name, heard);
  });
}

/** Calls `run` at each SIGHUP, which then does not end the process. */
export function onHangup(run: () => void): void {
  process.on("SIGHUP", run);
}
