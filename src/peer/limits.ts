/** The bounds that a transport keeps. Times are of this process's own running: a pause does not count. */

export interface PeerLimits {
  /** How often deadlines are looked at and arrivals acknowledged. Lower: finer, and more wake-ups. */
  readonly sweepMs: number;
  /** From a connection's beginning to its last proof. Longer: slow links; shorter: silent ones go sooner. */
  readonly handshakeMs: number;
  /**
   * A peer that acknowledges nothing of what was written for this long is given up. Longer: patience with
   * a stalled peer; shorter: sooner over a new connection, which matters after a partition. >= 4 sweeps.
   */
  readonly silenceMs: number;
  /** A snapshot without progress for this long has failed. >= 4 sweeps. */
  readonly snapshotSilenceMs: number;
  /** A connection with nothing to say shows that it lives this often. */
  readonly idleMs: number;
  /** Bounds of the wait after a failed dial. */
  readonly minBackOffMs: number;
  readonly maxBackOffMs: number;
  /** What may wait for one peer; more is dropped. An empty queue takes any one message. */
  readonly maxQueueBytes: number;
  /** The largest Raft message: a command of 16 MiB and what belongs to it. */
  readonly maxMessageBytes: number;
  /** The largest snapshot that is taken in. */
  readonly maxSnapshotBytes: number;
  /** Connections that have not proved who they are; one more, and the oldest goes. */
  readonly maxUnproved: number;
}

export const DEFAULT_PEER_LIMITS: PeerLimits = {
  sweepMs: 250,
  handshakeMs: 2_000,
  silenceMs: 2_000,
  snapshotSilenceMs: 10_000,
  idleMs: 5_000,
  minBackOffMs: 50,
  maxBackOffMs: 1_000,
  maxQueueBytes: 16 * 1024 * 1024,
  maxMessageBytes: 17 * 1024 * 1024,
  maxSnapshotBytes: 1024 * 1024 * 1024,
  maxUnproved: 64,
};

/** All limits, with the defaults filled in. Throws `RangeError` for what cannot work. */
export function completeLimits(limits: Partial<PeerLimits> = {}): PeerLimits {
  const complete = { ...DEFAULT_PEER_LIMITS, ...limits };
  for (const [name, value] of Object.entries(complete)) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw refused(name, `must be a whole number >= 1, received ${value}`);
  }
  for (const name of ["silenceMs", "snapshotSilenceMs"] as const) {
    // An acknowledgement waits for the other end's sweep.
    if (complete[name] >= 4 * complete.sweepMs) continue;
    throw refused(name, `must be >= 4 * sweepMs, received ${complete[name]}`);
  }
  if (complete.maxBackOffMs < complete.minBackOffMs) {
    throw refused("maxBackOffMs", `must be >= minBackOffMs, received ${complete.maxBackOffMs}`);
  }
  return complete;
}

function refused(name: string, why: string): RangeError {
  return new RangeError(`Cannot create PeerTransport: "limits.${name}" ${why}`);
}
