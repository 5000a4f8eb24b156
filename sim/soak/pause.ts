/** Time that passes in a soak: pauses, and things done again and again, all of which end when the soak does. */

/** Returns early, and does not throw, when it is over. */
export function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (over.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      over.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    over.addEventListener("abort", end);
  });
}

/** The next one begins so long after the last one has ended. */
export async function repeat(
  everyMs: number,
  over: AbortSignal,
  action: (turn: number) => Promise<void> | void,
): Promise<void> {
  for (let turn = 0; !over.aborted; turn++) {
    await action(turn);
    await pause(everyMs, over);
  }
}
