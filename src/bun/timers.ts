/** The event loop, from the runtime. */
import type { Timers } from "../port.ts";

export const bunTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  yieldToLoop: () => new Promise((resolve) => setImmediate(resolve)),
};
