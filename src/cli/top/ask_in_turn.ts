/**
 * Whom the live view asks: one monitor as long as it answers, and then the next one. Requests in, the answers of whoever
 * is asked by then out. One that refuses is left at once, one that hangs with the first request whose time is over.
 */
import type { Fetch } from "../../port.ts";
import { isTooLate, type LiveWorld } from "../../ui/mod.ts";

export interface Asking extends Pick<LiveWorld, "fetch"> {
  /** Who is asked now. */
  api(): string;
}

/** The only answer that has no end: the others end, or are given up, by themselves. */
const STREAM_PATH = "/events";

/** `apis` has one at least. */
export function askInTurn(apis: readonly string[], fetch: Fetch): Asking {
  /** Rises with each monitor that is left. */
  let turn = 0;
  /** Of all of them. */
  let answerCount = 0;
  let leaving = new AbortController();
  const api = () => apis[turn % apis.length]!;
  const leave = () => {
    if (apis.length === 1) return;
    turn++;
    // Nothing would be heard on the stream of one that hangs, while the next one's answers look like its life.
    leaving.abort();
    leaving = new AbortController();
  };
  return {
    api,
    async fetch(path, init) {
      const [askedTurn, answersBefore] = [turn, answerCount];
      const { signal = null } = init;
      const isStream = path === STREAM_PATH && signal !== null;
      const endsWith = isStream ? AbortSignal.any([signal, leaving.signal]) : signal;
      try {
        const response = await fetch(
          new Request(new URL(path, api()), { ...init, signal: endsWith }),
        );
        answerCount++;
        return response;
      } catch (error) {
        const isSlow = answerCount > answersBefore;
        // Several requests fail at once; the first of them decides.
        if (turn === askedTurn && provesSilence(signal, isSlow)) leave();
        throw error;
      }
    },
  };
}

/** A failure does, unless nobody wants the answer any more, or others were answered while this one was waited for. */
function provesSilence(signal: AbortSignal | null, isSlow: boolean): boolean {
  if (signal?.aborted !== true) return true;
  return isTooLate(signal) && !isSlow;
}
