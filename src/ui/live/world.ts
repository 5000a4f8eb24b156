/** What the live view needs of wherever it runs: a browser's page or a terminal's process. */
import type { Clock, Timers } from "../../port.ts";

export interface LiveWorld {
  /**
   * `path` begins with a slash; which monitor it is asked of is the world's affair. A request that is waited for too long
   * is aborted with a `TimeoutError`, one that is not wanted any more with an `AbortError`.
   */
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  readonly timers: Pick<Timers, "after">;
}
