/** Work that is asked for again while it runs: done again once it has ended, however often it was asked for. */

/** What comes of asking. `work` never rejects, and sees what was so at the last asking, or later. */
export function oneAtATime(work: () => Promise<void>): () => void {
  let isRunning = false;
  let isWanted = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      await work();
    }
    isRunning = false;
  };
  return () => {
    isWanted = true;
    if (!isRunning) void run();
  };
}
