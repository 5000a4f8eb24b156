/**
 * What a timeout detector is: arrivals go in, and the moment at which it would give up on the next one
 * comes out. It has no φ, only a parameter of its own (a safety margin, a factor, a confidence), and whoever compares it
 * with others sweeps that. It has no clock: arrivals bring the time along.
 */
export interface TimeoutModel {
  /**
   * Heartbeat `sequence` arrived. Sequence numbers rise by 1 with each heartbeat sent (or each slot, where the
   * receiver asks), so that a lost one leaves a hole; an arrival that is no newer than the last one counts for nothing.
   */
  heard(sequence: number, arrivalMs: number): void;
  /**
   * Milliseconds from the last arrival until suspicion, for this value of the model's parameter: >= 0, never
   * falling with the parameter. NaN before the first arrival.
   */
  silenceAt(parameter: number): number;
}
