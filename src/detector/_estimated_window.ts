/**
 * The history of the models that judge by a window of gaps: a sampling window that begins with an estimate.
 * Before the first heartbeat it says what was told to expect; at that heartbeat two gaps that stand for the estimate go
 * in, and real ones follow. Outages do not. What a silence means is left to whoever extends it.
 */
import { SamplingWindow } from "./_window.ts";
import { ESTIMATE_STD_DEV_SHARE } from "./suspicion_model.ts";

export abstract class EstimatedWindow extends SamplingWindow {
  constructor(maxSampleSize: number, firstHeartbeatEstimateMs: number) {
    super(maxSampleSize);
    this.expectEstimate(firstHeartbeatEstimateMs);
  }

  protected expectEstimate(estimateMs: number): void {
    this.expect(estimateMs, estimateMs * ESTIMATE_STD_DEV_SHARE);
  }

  get sampleCount(): number {
    return this.count;
  }

  /** Two gaps stand for the first estimate: it less and plus its standard deviation. */
  begin(): void {
    if (this.count > 0) return;
    const { meanMs, stdDevMs } = this;
    super.add(meanMs - stdDevMs);
    super.add(meanMs + stdDevMs);
  }

  override add(gapMs: number): void {
    this.begin();
    super.add(gapMs);
  }

  /** An outage says nothing about the rhythm, and would hide the next one. */
  addAtLeast(_gapMs: number): void {
    this.begin();
  }
}
