/**
 * The history of the models that judge by a window of gaps: a sampling window that begins with an estimate.
 * Before the first heartbeat it says what was told to expect; at that heartbeat two gaps that stand for the estimate go
 * in, and real ones follow. Outages do not. What a silence means is left to whoever extends it.
 */
import { SamplingWindow } from "./_window.ts";
import { ESTIMATE_STD_DEV_SHARE } from "./suspicion_model.ts";

/** The gaps that stand for the first estimate: it less and plus its standard deviation. */
const ESTIMATE_GAPS = 2;

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

  get gapCount(): number {
    return this.#hasEstimate() ? this.count - ESTIMATE_GAPS : this.count;
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
  }

  /**
   * Nothing is kept of which gaps were heard, since each of a hundred thousand windows would be larger by it: those that
   * stand for the estimate have a ratio to one another that no two gaps of a server hit upon to the microsecond. Where the
   * window has let go of the first of them the other counts as heard, until it goes too.
   */
  #hasEstimate(): boolean {
    if (this.count < ESTIMATE_GAPS) return false;
    const [shorterUs, longerUs] = [this.sampleAt(0), this.sampleAt(1)];
    const estimateUs = (shorterUs + longerUs) / 2;
    return (
      shorterUs < longerUs &&
      isAbout(shorterUs, estimateUs * (1 - ESTIMATE_STD_DEV_SHARE)) &&
      isAbout(longerUs, estimateUs * (1 + ESTIMATE_STD_DEV_SHARE))
    );
  }

  /** An outage says nothing about the rhythm, and would hide the next one. */
  addAtLeast(_gapMs: number): void {
    this.begin();
  }
}

/** Both gaps were rounded to the microsecond, and so may their mean be. */
function isAbout(us: number, wantedUs: number): boolean {
  return Math.abs(us - wantedUs) <= 1;
}
