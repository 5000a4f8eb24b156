/**
 * One target's failure detector over any suspicion model. As `PhiAccrualDetector`, which is the same over
 * Akka's, it turns moments into silences and asks the model; and it lets whoever knows that a gap was an outage say so.
 */
import { CalibratedModel } from "./_calibrated_model.ts";
import { FirstGapsModel } from "./_first_gaps_model.ts";
import { SilenceWatch } from "./_silence.ts";
import { createModel, type ModelOptions } from "./create_model.ts";

export class ModelDetector extends SilenceWatch {
  /** The same model, where it can be saved as it is. */
  readonly #learning: FirstGapsModel | null;

  /**
   * φ from `threshold`, > 0, makes an outage of a gap, if nobody says what it was; with none it is left to those who know.
   *
   * @throws {RangeError} If an option is out of its range.
   */
  constructor(options: ModelOptions, threshold = Infinity) {
    const plain = createModel(options);
    const isLearning = options.model === "calibrated" && plain instanceof CalibratedModel;
    const learning = isLearning ? new FirstGapsModel(plain, options) : null;
    super(learning ?? plain, threshold);
    this.#learning = learning;
  }

  /** All that the model knows, as whole numbers >= 0, for `recall`; null where only its gaps could be kept. */
  memory(): number[] | null {
    return this.#learning?.save() ?? null;
  }

  /** As `learn`, with what `memory` gave; false, and nothing is learnt, if it never gave that. */
  recall(memory: ArrayLike<number>, lastHeartbeatMs: number, silenceStartMs: number): boolean {
    if (this.#learning?.restore(memory) !== true) return false;
    this.resume(lastHeartbeatMs, silenceStartMs);
    return true;
  }

  /**
   * Gaps of a live server from an earlier watch, in whole microseconds and oldest first, and when its last
   * heartbeat came: for a detector that has heard nothing yet. The running silence begins at `silenceStartMs`.
   * With no gaps it is as after a first heartbeat.
   */
  learn(gapsUs: ArrayLike<number>, lastHeartbeatMs: number, silenceStartMs: number): void {
    if (gapsUs.length === 0) this.model.begin();
    for (let index = 0; index < gapsUs.length; index++) this.model.add(gapsUs[index]! / 1000);
    this.resume(lastHeartbeatMs, silenceStartMs);
  }
}
