/**
 * What one probe found. Every prober, whatever its protocol, ends in exactly one `ProbeOutcome`;
 * the reasons for failure are a closed list, because they are a metric's label.
 */

/** Every reason a probe can fail for, in the order in which they are counted. */
export const PROBE_FAILURE_REASONS = [
  "resolve",
  "refused",
  "unreachable",
  "tls",
  "timeout",
  "reset",
  "protocol",
  "status",
  "body",
  "too_large",
  "not_allowed",
] as const;

export type ProbeFailureReason = (typeof PROBE_FAILURE_REASONS)[number];

/** How long each phase took, in milliseconds. A phase that a reused connection skipped is 0. */
export interface ProbeTimings {
  resolveMs: number;
  connectMs: number;
  tlsMs: number;
  /** From the request's last byte out to the answer's first byte in. */
  firstByteMs: number;
  /** From the answer's first byte to its last. */
  bodyMs: number;
  totalMs: number;
}

export type ProbeOutcome =
  | {
      readonly ok: true;
      readonly status: number;
      readonly reusedConnection: boolean;
      readonly timings: Readonly<ProbeTimings>;
      /** When the server's certificate ends, by the wall clock; undefined without TLS. */
      readonly certificateExpiresWallMs: number | undefined;
    }
  | {
      readonly ok: false;
      readonly reason: ProbeFailureReason;
      /** For people: what happened, in words, with the numbers that matter. */
      readonly detail: string;
      readonly timings: Readonly<ProbeTimings>;
      readonly certificateExpiresWallMs: number | undefined;
    };

/** Asks one target. The schedule sees to it that not too many questions are out at once. */
export interface Prober {
  /**
   * Asks once; `done` is called exactly once, never before `ask` has returned, and no later than
   * the deadline allows. One that is asked while others are out must not hang where they do.
   */
  ask(done: (outcome: ProbeOutcome) => void): void;
  /** Frees the connection that is kept for the next question, if any: it may lead nowhere by now. */
  dropKept?(): void;
  /** Gives up whatever is out (its `done` is not called) and frees every socket. */
  close(): void;
}
