/**
 * The detector of a target, by the model that its config names. Akka's is the library's own, which judges every gap
 * by its threshold alone, as it always did. The others are told which gaps were outages, and learn from
 * all the rest, so that a lasting change of rhythm is not taken for an outage for ever.
 */
import type { Target } from "../config/mod.ts";
import { ModelDetector, PhiAccrualDetector, type DetectorMemory } from "../detector/mod.ts";
import { detectorOptions, modelOptions } from "./translate.ts";

export interface DetectorPast extends DetectorMemory {
  /** What `memory` gave; none of the numbers where it gave nothing. */
  readonly memory: ArrayLike<number>;
}

/** What a watch needs of a detector; see `PhiAccrualDetector` for what each does. */
export interface Detector {
  readonly silenceStartMs: number;
  readonly lastHeartbeatMs: number;
  readonly meanMs: number;
  readonly stdDevMs: number;
  readonly sampleCount: number;
  readonly gapCount: number;
  start(nowMs: number): void;
  heartbeat(nowMs: number): void;
  /** A heartbeat after an outage: the server was alive for `aliveMs` of the silence, if not for longer. */
  heartbeatAfterOutage(nowMs: number, aliveMs: number): void;
  touch(nowMs: number): void;
  /** Takes that much out of the running silence. */
  discount(ms: number): void;
  phi(nowMs: number): number;
  phiAfter(silenceMs: number): number;
  isConfident(nowMs: number): boolean;
  takePeakPhi(nowMs: number): number;
  elapsedAtPhi(level: number): number;
  /** Goes on with what another detector knew; for one that has heard nothing yet. */
  restore(past: DetectorPast, silenceStartMs: number): void;
  /** What the model knows beyond gaps, as whole numbers >= 0; null or absent where that is nothing. */
  memory?(): number[] | null;
  /** Absent where a budget's threshold changes nothing in the detector. */
  judgeByThreshold?(threshold: number): void;
  /** The gaps of the sampling window; absent where nobody keeps them in order. */
  windowUs?(): Float64Array<ArrayBuffer>;
  /** Goes on with other settings of the same model; absent where it takes another detector. */
  configure?(target: Target): void;
  /** Goes on without its history; absent where any gap gets into it. */
  forget?(target: Target): void;
}

export function makeDetector(target: Target): Detector {
  return target.monitor.model === "akka" ? new AkkaDetector(target) : new OtherDetector(target);
}

class AkkaDetector extends PhiAccrualDetector implements Detector {
  constructor(target: Target) {
    super(detectorOptions(target));
  }

  /** Evidence or not, it is φ that makes an outage of a gap. */
  override heartbeatAfterOutage(nowMs: number): void {
    this.heartbeat(nowMs);
  }

  judgeByThreshold(threshold: number): void {
    this.judgeFrom(threshold);
  }

  configure(target: Target): void {
    this.reconfigure(detectorOptions(target));
  }

  forget(target: Target): void {
    this.restart(detectorOptions(target));
  }
}

class OtherDetector extends ModelDetector implements Detector {
  constructor(target: Target) {
    super(modelOptions(target));
  }

  restore({ windowUs, lastHeartbeatMs, memory }: DetectorPast, silenceStartMs: number): void {
    if (memory.length > 0 && this.recall(memory, lastHeartbeatMs, silenceStartMs)) return;
    this.learn(windowUs, lastHeartbeatMs, silenceStartMs);
  }
}

/** The gaps that a sampling window holds in order, without those that stand for the first estimate. */
export function windowGapsUs(detector: Detector): ArrayLike<number> {
  const windowUs = detector.windowUs?.() ?? new Float64Array(0);
  return windowUs.subarray(Math.max(windowUs.length - detector.gapCount, 0));
}
