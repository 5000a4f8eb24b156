/**
 * How a generated heartbeat comes to be: a sender gives moments at which it sends, a network loses some and
 * delays the others, and what a receiver would have written down comes out, one after the other. The network keeps
 * the order, as a connection does: what was delayed long holds up what was sent after it, which then arrives
 * with it.
 */

export interface Heartbeat {
  readonly sequence: number;
  /** Since the first one was sent. */
  readonly arrivalMs: number;
}

export interface Network {
  isLost(sequence: number): boolean;
  delayMs(sentMs: number): number;
}

export function* delivered(sendsMs: Iterable<number>, network: Network): Generator<Heartbeat> {
  let sequence = 0;
  let lastArrivalMs = 0;
  for (const sentMs of sendsMs) {
    if (!network.isLost(sequence)) {
      lastArrivalMs = Math.max(lastArrivalMs, sentMs + network.delayMs(sentMs));
      yield { sequence, arrivalMs: lastArrivalMs };
    }
    sequence++;
  }
}

/** One every `intervalMs`, on an absolute schedule, the first at 0. */
export function* regularSends(count: number, intervalMs: number): Generator<number> {
  for (let sequence = 0; sequence < count; sequence++) yield sequence * intervalMs;
}

export const nothingLost = (): boolean => false;
