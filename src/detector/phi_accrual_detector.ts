/**
 * One target's failure detector: the moments of its heartbeats go in, the suspicion φ that it has
 * failed comes out. It has no clock and schedules nothing: every question brings the time along,
 * and the answer rises with it, so that a scrape between two probes sees a silence grow. The idea
 * of an accrual detector (φ accrual, Hayashibara et al. 2004) is to say how surprising the present
 * silence is after the gaps of the past, and to leave what is too surprising to whoever asks.
 */
import { requireOptions } from "./_option_rules.ts";
import { requireMoment, SilenceWatch } from "./_silence.ts";
import { WINDOW_MODEL_OPTIONS, WindowModel, type WindowModelOptions } from "./_window_model.ts";
import { AKKA_CURVE } from "./suspicion.ts";

/** Times are in milliseconds and may have a fraction. */
export interface PhiAccrualDetectorOptions extends WindowModelOptions {
  /**
   * φ from which the target counts as failed; > 0. Higher takes longer to notice a failure, lower
   * takes more hiccups for one.
   */
  readonly threshold: number;
}

/** What a detector leaves to one that goes on in its place. */
export interface DetectorMemory {
  /** The history's gaps in whole microseconds, 0..LONGEST_GAP_MS, oldest first. */
  readonly windowUs: ArrayLike<number>;
  /** When the last heartbeat came. Means nothing, and may be NaN, with an empty window. */
  readonly lastHeartbeatMs: number;
}

const OPTIONS = ["threshold", ...WINDOW_MODEL_OPTIONS] as const;

/**
 * Detects one target's failure from its heartbeats, as Akka's `PhiAccrualFailureDetector` does:
 * y = (t - (mean + acceptable pause)) / max(sd, least sd), φ = log10(1 + e^(y (1.5976 +
 * 0.070566 y²))), t the silence so far. All moments are milliseconds of one clock that the caller
 * chooses, monotonic, with any origin; gaps are kept to the microsecond.
 *
 * The watch begins at `start`, or else at the first moment that any method is told. From there φ
 * rises on the first estimate, so that a target that never answers is not one without suspicion.
 * A clock that goes back counts as one that stands still.
 *
 * ```ts
 * const detector = new PhiAccrualDetector({
 *   threshold: 8,
 *   maxSampleSize: 200,
 *   minStdDeviationMs: 100,
 *   acceptableHeartbeatPauseMs: 0,
 *   firstHeartbeatEstimateMs: 1000,
 * });
 * detector.heartbeat(0);
 * detector.phi(1000); // 0.3
 * detector.phi(3000); // 21.2
 * ```
 */
export class PhiAccrualDetector extends SilenceWatch<WindowModel> {
  /** @throws {RangeError} If an option is out of its range. */
  constructor(options: PhiAccrualDetectorOptions) {
    requireOptions("create PhiAccrualDetector", options, OPTIONS);
    super(new WindowModel(AKKA_CURVE, options), options.threshold);
  }

  /** The history's gaps in whole microseconds, oldest first: for `restore`. */
  windowUs(): Float64Array<ArrayBuffer> {
    return this.model.samplesUs();
  }

  /**
   * Goes on with the history of another detector, of which the newest gaps that fit are kept. The running
   * silence begins at `silenceStartMs`, for nobody listened before; that may be later than now, if
   * nothing can be heard before then. All else is as if it had come to that history by itself.
   *
   * @throws {RangeError} If it has a history already, a gap or a moment is none, or the last heartbeat is
   * later than the start of the silence; then nothing has changed.
   */
  restore({ windowUs, lastHeartbeatMs }: DetectorMemory, silenceStartMs: number): void {
    if (this.sampleCount > 0) {
      throw new RangeError("Cannot restore PhiAccrualDetector: it has a history already");
    }
    requireMoment(silenceStartMs);
    requireGaps(windowUs);
    if (windowUs.length > 0) requireMoment(lastHeartbeatMs);
    if (lastHeartbeatMs > silenceStartMs) {
      throw new RangeError(
        `Cannot restore PhiAccrualDetector: "lastHeartbeatMs" must be <= "silenceStartMs" ` +
          `(${silenceStartMs}), received ${lastHeartbeatMs}`,
      );
    }
    this.model.restore(windowUs);
    this.resume(windowUs.length === 0 ? NaN : lastHeartbeatMs, silenceStartMs);
  }

  /**
   * Goes on with other settings and the same history, of which the newest gaps that fit are kept.
   * Another first estimate matters only before the first heartbeat.
   *
   * @throws {RangeError} If an option is out of its range; then nothing has changed.
   */
  reconfigure(options: PhiAccrualDetectorOptions): void {
    requireOptions("reconfigure PhiAccrualDetector", options, OPTIONS);
    this.model.reconfigure(options);
    this.judgeFrom(options.threshold);
  }

  /**
   * Goes on with other settings and none of the history, as after a first heartbeat: for a caller
   * who knows that the rhythm is another now. The running silence goes on.
   *
   * @throws {RangeError} If an option is out of its range; then nothing has changed.
   */
  restart(options: PhiAccrualDetectorOptions): void {
    requireOptions("restart PhiAccrualDetector", options, OPTIONS);
    this.model.restart(options);
    this.judgeFrom(options.threshold);
  }
}

function requireGaps(windowUs: ArrayLike<number>): void {
  for (let index = 0; index < windowUs.length; index++) {
    const gapUs = windowUs[index]!;
    if (Number.isSafeInteger(gapUs) && gapUs >= 0) continue;
    throw new RangeError(
      `Cannot restore PhiAccrualDetector: "windowUs" must be whole numbers >= 0, received ${gapUs}`,
    );
  }
}
