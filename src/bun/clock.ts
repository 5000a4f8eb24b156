/** The two clocks, from the runtime. */
import type { Clock } from "../port.ts";

export const bunClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};
