/**
 * What is known of the rhythm of one target: which of its heartbeats tell of it, whether its interval fits what was learnt, and how
 * that is forgotten. It hears nothing, and decides nothing: what happens to a target is the watch's.
 */
import type { Target } from "../config/mod.ts";
import type { RecordedGap } from "../qos/mod.ts";
import { makeDetector } from "./detector.ts";
import { JudgedTarget } from "./judged_target.ts";
import { liveGapsUs } from "./judgement_record.ts";
import { isPushed, modelsAlike } from "./translate.ts";

/** A beat that comes sooner after the last regular one than this share of the rhythm is one of a burst. */
const BURST_SHARE = 0.5;
/** A gap up to this many intervals is of a target that reports as often as it should. */
const PUNCTUAL_INTERVALS = 1.25;

export abstract class RhythmicTarget extends JudgedTarget {
  /** A beat that comes sooner after the last regular one is one of a burst. */
  protected get burstMs(): number {
    return this.#rhythmMs * BURST_SHARE;
  }

  /** How often it is to be heard. One whose usual beat would be one of a burst reports more often than its interval says. */
  get #rhythmMs(): number {
    const { intervalMs, detector } = this;
    const isEager = isPushed(this.target) && detector.meanMs < intervalMs * BURST_SHARE;
    return isEager ? detector.meanMs : intervalMs;
  }

  /** Whether a live server that is to be heard every `everyMs` would have been heard by now. */
  protected isOverdue(everyMs: number, nowMs: number): boolean {
    const { lastHeartbeatMs, watchedSinceMs } = this;
    // It may be one that an earlier process heard.
    const heardMs = Number.isNaN(lastHeartbeatMs)
      ? watchedSinceMs
      : Math.max(lastHeartbeatMs, watchedSinceMs);
    return nowMs - heardMs > everyMs + this.target.timeoutMillis;
  }

  protected get isIntervalSuspicious(): boolean {
    return this.detector.elapsedAtPhi(this.suspectPhi) <= this.intervalMs;
  }

  /**
   * Whether the gap that a heartbeat now ends, in which φ rose to `phi`, is the rhythm of a target that has reported more often and
   * does so at its interval now. A model that learns no suspicious gap would call it down for good. One such gap may be a
   * short outage, and is taken for one; not so the second in a row, nor the first where a single heartbeat ends a down.
   */
  protected hasSlowedDown(gapMs: number, phi: number): boolean {
    const { detector, target } = this;
    if (detector.forget === undefined || !isPushed(target)) return false;
    if (phi < this.suspectPhi || gapMs > this.intervalMs * PUNCTUAL_INTERVALS) return false;
    const wasDownBefore = this.verdictSinceMs < detector.silenceStartMs;
    return this.verdict === "down" && (wasDownBefore || target.monitor.upAfterHeartbeats === 1);
  }

  /** The config was `before`. What is known of the rhythm stays, as far as the model of now can use it. */
  protected judgeOtherwise(before: Target, gaps: readonly RecordedGap[]): void {
    const { target, detector } = this;
    const isSameModel = before.monitor.model === target.monitor.model;
    if (isSameModel && detector.configure) return detector.configure(target);
    // It may know far more than the gaps that are kept of it; of another server the last of them are a first guess.
    const isSameServer = before.url === target.url;
    if (isSameServer && modelsAlike(before, target)) return;
    const memory = isSameServer ? detector.memory?.() : null;
    this.#changeModel(liveGapsUs(gaps), memory ?? []);
  }

  /** Another model begins, with what is known of the rhythm. */
  #changeModel(windowUs: ArrayLike<number>, memory: ArrayLike<number>): void {
    const { silenceStartMs, lastHeartbeatMs } = this.detector;
    const wasHeard = this.detector.sampleCount > 0;
    this.detector = makeDetector(this.target);
    if (wasHeard) this.detector.restore({ windowUs, lastHeartbeatMs, memory }, silenceStartMs);
    this.detector.start(silenceStartMs);
  }

  protected forgetHistory(): void {
    if (this.detector.forget === undefined) this.#changeModel([], []);
    else this.detector.forget(this.target);
    if (this.record === null) return;
    this.record.forgetGaps(this.target, this);
    this.setLevels();
  }
}
