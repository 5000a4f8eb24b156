/**
 * The history of the models that judge by a window of gaps: a sampling window that begins with an estimate.
 * Before the first heartbeat it says what was told to expect; at that heartbeat two gaps that stand for the estimate go
 * in, and real ones follow. Outages do not. What a silence means is left to whoever extends it.
 */
import { SamplingWindow, wholeUs } from "./_window.ts";
import { ESTIMATE_STD_DEV_SHARE } from "./suspicion_model.ts";

/** The gaps that stand for the first estimate: it less and plus its standard deviation. */
const ESTIMATE_GAPS = 2;

export abstract class EstimatedWindow extends SamplingWindow {
  /** Of live gaps that came in, as far as the window might hold them. */
  #gapCount = 0;

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

  get gapCount(): number {
    return Math.min(this.#gapCount, this.count);
  }

  begin(): void {
    if (this.count > 0) return;
    const { meanMs, stdDevMs } = this;
    super.add(meanMs - stdDevMs);
    super.add(meanMs + stdDevMs);
  }

  override add(gapMs: number): void {
    this.begin();
    super.add(gapMs);
    if (this.#gapCount < this.count) this.#gapCount++;
  }

  override restore(samplesUs: ArrayLike<number>): void {
    const estimateCount = this.#beginsWithEstimate(samplesUs) ? ESTIMATE_GAPS : 0;
    super.restore(samplesUs);
    this.#gapCount = samplesUs.length - estimateCount;
  }

  /** Nobody keeps apart what stood for the estimate, and no server hits upon it to the microsecond. */
  #beginsWithEstimate(samplesUs: ArrayLike<number>): boolean {
    const { meanMs, stdDevMs } = this;
    return (
      samplesUs[0] === wholeUs(meanMs - stdDevMs) && samplesUs[1] === wholeUs(meanMs + stdDevMs)
    );
  }

  override clear(): void {
    super.clear();
    this.#gapCount = 0;
  }

  /** An outage says nothing about the rhythm, and would hide the next one. */
  addAtLeast(_gapMs: number): void {
    this.begin();
  }
}
