/**
 * What every cause of self-doubt shows, whatever it is found by. A cause has no clock: moments come in as
 * arguments, of the monitor's clock, which stands still while the process does not run. It says when it
 * was there last, and not for how long it should be believed to be: that is `DoubtHold`'s.
 */
import type { Doubt } from "../reading.ts";

export interface Cause {
  readonly doubt: Doubt;
  /** The latest moment at which it is known to have been there; -Infinity if it never was. */
  readonly lastPresentMs: number;
  /** What was seen when it was there last, in a few words, for the log and for people. */
  readonly detail: string;
}
