/** How a request that was waited for too long is told from one that is not wanted any more: by why it was aborted. */

/** The reason that `AbortSignal.timeout()` gives too. */
export function tooLate(): DOMException {
  return new DOMException("It was waited for too long", "TimeoutError");
}

/** False as well for a signal that was not aborted. */
export function isTooLate(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return reason instanceof DOMException && reason.name === "TimeoutError";
}
