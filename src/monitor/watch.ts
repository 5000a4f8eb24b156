/**
 * One target under watch: outcomes and heartbeats in, suspicion and a verdict out. A watch has no clock
 * and no timer. It knows the moment at which its verdict will change if nothing arrives (`nextChangeMs`),
 * and whoever owns it calls `settle` then, or whenever somebody asks: the change is dated to the
 * moment it happened either way.
 */
import type { Target } from "../config/mod.ts";
import type { ProbeOutcome, ProbeSchedule } from "../probe/mod.ts";
import { savedIntervalMs } from "../qos/mod.ts";
import type { Verdict } from "../verdict/mod.ts";
import type { OwnPause } from "./awake_clock.ts";
import { windowGapsUs } from "./detector.ts";
import { endsExcuse, heardAgainMs } from "./excuses.ts";
import { PushSequence, type PushResult } from "./push_sequence.ts";
import { judgesAlike, questionDigest } from "./question.ts";
import { isRestorable, type RememberedWatch, type SavedWatch } from "./saved_watch.ts";
import { heartbeatReason, recoveryReason, silenceReason } from "./change_reason.ts";
import { budgetsAlike, isPushed, leastStdDevMs, mistakeMaxMs } from "./translate.ts";
import { RhythmicTarget } from "./rhythmic_target.ts";
import { keepsRecord, liveGapsUs } from "./judgement_record.ts";
import { isOutageEvidence } from "./outage_evidence.ts";

/** An interval that becomes shorter than this share of what it was is another rhythm. */
const SHORTER_SHARE = 0.8;
/** A gap in which the monitor itself was paused for more than this share of the interval says nothing of the server's rhythm. */
const CUT_SHARE = 0.05;

/** What all watches of one set share. */
export interface WatchOwner {
  /** All time that the monitor's own pauses took, which its clock leaves out. */
  readonly pausedMs: number;
  /** Those of them that may excuse a target that is not heard. */
  readonly excusingPauses: readonly OwnPause[];
  wallMsOf(monitorMs: number): number;
  /** The verdict has just become what it is now; it was `from`. */
  verdictChanged(watch: Watch, from: Verdict, atMs: number, phi: number, reason: string): void;
  /** `nextChangeMs` may have moved. */
  moved(watch: Watch): void;
  /** It is to be asked at another interval from now on. */
  retimed(watch: Watch): void;
  /** The watch's own alarm rang. */
  rang(watch: Watch, nowMs: number): void;
}

export class Watch extends RhythmicTarget implements RememberedWatch {
  readonly #owner: WatchOwner;
  /** For the owner, where the target is asked: when. */
  schedule: ProbeSchedule<Watch> | null = null;
  heartbeatCount = 0;
  certificateExpiresWallMs = Number.NaN;
  /** Of the last heartbeat that was not one of a burst; NaN before the first. */
  #lastRegularMs = Number.NaN;
  /** That one answered a question that is not asked any more: the gap since then is none of the rhythm. */
  #isGapForeign = false;
  /** The owner's `pausedMs` when the silence began. */
  #pausedBeforeMs: number;
  /** Of the last accepted pushed heartbeat. */
  #sequence: PushSequence | undefined;
  /** When it was first asked since a pause of the monitor's own that excused it then; -Infinity before it ever was. */
  #askedSinceWakingMs = Number.NEGATIVE_INFINITY;
  /** Up to here the verdict is settled: no change is dated before it. */
  #settledMs: number;

  /** `saved` is where a watch of an earlier process ended; it counts for nothing if it does not fit. */
  constructor(target: Target, nowMs: number, owner: WatchOwner, saved?: SavedWatch) {
    const nowWallMs = owner.wallMsOf(nowMs);
    const past = saved && isRestorable(saved, target, nowWallMs) ? saved : undefined;
    super(target, nowMs, past?.verdict);
    this.#owner = owner;
    this.#settledMs = nowMs;
    this.#pausedBeforeMs = owner.pausedMs;
    if (keepsRecord(target)) this.beginRecord(nowMs);
    if (past !== undefined) this.#goOn(past, nowMs, nowWallMs);
    this.detector.start(nowMs);
  }

  /**
   * The silence begins now, since nobody listened before; and as much later as an answer takes, because a
   * target that is asked now cannot be heard sooner.
   */
  #goOn(saved: SavedWatch, nowMs: number, nowWallMs: number): void {
    const momentOf = (wallMs: number) => nowMs - Math.max(nowWallMs - wallMs, 0);
    this.verdictSinceMs = momentOf(saved.verdictSinceWallMs);
    const { windowUs, memory } = saved;
    if (windowUs.length === 0) return;
    const answerMs = Math.min(saved.answerMs, this.target.timeoutMillis);
    this.answerMs = answerMs;
    const lastHeartbeatMs = momentOf(saved.lastHeartbeatWallMs);
    this.detector.restore({ windowUs, lastHeartbeatMs, memory }, nowMs + answerMs);
    this.record?.goOn(this.#gapsUs(windowUs), saved.budget, this);
    this.setLevels();
    // Without a budget it was asked as its config says, which is the same or nothing would be gone on with.
    this.#intervalChanged(savedIntervalMs(saved.budget) ?? this.target.intervalMillis, nowMs);
    this.#requireLearnable();
  }

  /** Those of a window that was saved with what stands for the first estimate, without that. */
  #gapsUs(windowUs: ArrayLike<number>): ArrayLike<number> {
    return this.detector.windowUs === undefined ? windowUs : windowGapsUs(this.detector);
  }

  save(nowMs: number): SavedWatch {
    const wallMsOf = (monitorMs: number) => this.#owner.wallMsOf(monitorMs);
    return {
      target: this.target.name,
      question: questionDigest(this.target),
      verdict: this.verdict,
      verdictSinceWallMs: wallMsOf(this.verdictSinceMs),
      lastHeartbeatWallMs: wallMsOf(this.lastHeartbeatMs),
      answerMs: this.answerMs,
      windowUs: this.detector.windowUs?.() ?? liveGapsUs(this.gaps()),
      memory: Float64Array.from(this.detector.memory?.() ?? []),
      budget: Float64Array.from(this.record?.budget?.save() ?? []),
      savedWallMs: wallMsOf(nowMs),
    };
  }

  /** As an alarm it is its owner's, who may set it for `nextChangeMs`. */
  ring(nowMs: number): void {
    this.#owner.rang(this, nowMs);
  }

  /** New settings. The history stays, if it can. */
  update(target: Target, nowMs: number): void {
    this.settle(nowMs);
    const { target: before, intervalMs } = this;
    const isServerOther = before.url !== target.url;
    if (isServerOther) this.#forgetServer();
    const isAlike = judgesAlike(before, target);
    const gaps = isAlike ? [] : this.gaps();
    this.target = target;
    if (!isAlike) {
      this.judgeOtherwise(before, gaps);
      this.forgetCalibration();
      const budget = budgetsAlike(before, target) ? this.record?.budget?.save() : undefined;
      this.beginRecord(nowMs).take(gaps);
      if (budget !== undefined) this.#keepBudget(budget);
      this.#intervalChanged(intervalMs, nowMs);
    }
    // An answer that was asked for at the old interval is no burst at the new one, nor its gap the rhythm.
    if (this.intervalMs !== intervalMs) this.#lastRegularMs = Number.NaN;
    this.#requireLearnable();
    const isDropped = isServerOther && this.schedule?.isAsking === true;
    if (isDropped || isPushed(before) !== isPushed(target)) this.#questionDropped(nowMs);
    this.settle(nowMs);
    this.#owner.moved(this);
  }

  /**
   * The answer of one server is no sign of another, so a question that is out then is given up; that is no silence. Nor is the time
   * until a target that was asked reports, or one that reported is asked. But only while a live server may still be going to be
   * heard: what is dead is found, however often its URL is changed.
   */
  #questionDropped(nowMs: number): void {
    if (this.isOverdue(this.intervalMs, nowMs)) return;
    this.#beginSilence(nowMs);
    // The gap that the next answer ends is not the rhythm.
    this.#lastRegularMs = Number.NaN;
  }

  /** Now, and as much later as an answer takes: what is only asked from now on cannot be heard sooner. */
  #beginSilence(nowMs: number): void {
    const startMs = nowMs + Math.min(this.answerMs, this.target.timeoutMillis);
    this.detector.discount(Math.max(startMs - this.detector.silenceStartMs, 0));
  }

  /** What was changed has nothing to do with it: interval and threshold stay what they had come to. */
  #keepBudget(budget: readonly number[]): void {
    this.record?.budget?.restore(budget, this);
    this.setLevels();
  }

  /**
   * It was asked every `beforeMs`. Asked less often, a model that would learn that in time would first take each interval for a
   * silence; asked much more often, it would wait for a crash as long as before until the old gaps are forgotten. Nobody
   * has asked at the new interval yet, so the silence begins anew; but not of what is dead, which is found however often its interval
   * is changed.
   */
  #intervalChanged(beforeMs: number, nowMs: number): void {
    // The rhythm of a target that reports is its own.
    const isShorter = this.intervalMs < beforeMs * SHORTER_SHARE && !isPushed(this.target);
    if (!isShorter && !(this.intervalMs > beforeMs && this.isIntervalSuspicious)) return;
    if (!this.isOverdue(beforeMs, nowMs)) this.#beginSilence(nowMs);
    this.forgetHistory();
  }

  /**
   * Where no gap that is suspicious ever enters the history, one that makes the interval itself suspicious would keep the
   * target down for good.
   */
  #requireLearnable(): void {
    // One that reports may do so more often than its interval says. `hasSlowedDown` sees when it no longer does.
    if (isPushed(this.target)) return;
    if (this.detector.forget !== undefined && this.isIntervalSuspicious) this.forgetHistory();
  }

  /** What was said of, or by, another server. */
  #forgetServer(): void {
    this.certificateExpiresWallMs = Number.NaN;
    this.forgetFailure();
    this.#sequence = undefined;
  }

  /** A probe ended. A valid answer is a heartbeat. */
  probed(outcome: ProbeOutcome, nowMs: number): void {
    this.countProbe(outcome.timings.totalMs);
    this.certificateExpiresWallMs =
      outcome.certificateExpiresWallMs ?? this.certificateExpiresWallMs;
    if (outcome.ok) {
      this.answerMs = outcome.timings.totalMs;
      this.heartbeat(nowMs);
      return;
    }
    this.settle(nowMs);
    const { lastHeartbeatMs } = this;
    this.noteFailure(outcome, { nowMs, wallMs: this.#owner.wallMsOf(nowMs), lastHeartbeatMs });
    // What was asked before the last heartbeat and got nothing says nothing of the time since. A bad answer is of now.
    const isOverdue = nowMs - outcome.timings.totalMs < lastHeartbeatMs;
    if (!isOverdue || isOutageEvidence(outcome.reason)) this.machine.failedProbe();
  }

  /**
   * The same of a question that was changed while it was out. A valid answer is a heartbeat all the same, but the gap from it to
   * the next may be none of the rhythm, and where the change has put off the silence it begins no sooner for it. What failed may
   * be what was changed.
   */
  probedBefore(outcome: ProbeOutcome, nowMs: number): void {
    if (!outcome.ok) return;
    const { silenceStartMs } = this.detector;
    this.probed(outcome, nowMs);
    this.detector.discount(Math.max(silenceStartMs - this.detector.silenceStartMs, 0));
    // Not without a last one: what came at the same time would be no burst, and end a down.
    this.#isGapForeign = true;
  }

  /** What is not `heard` changes nothing. `isHandedOn`: it was pushed to another monitor. */
  pushed(nowMs: number, sequence: number | undefined, isHandedOn: boolean): PushResult {
    // Most targets have none, and there are many.
    if (sequence !== undefined) this.#sequence ??= new PushSequence();
    const result =
      this.#sequence?.take(sequence, { isHandedOn, nowMs, burstMs: this.burstMs }) ?? "heard";
    if (result === "heard") this.heartbeat(nowMs);
    return result;
  }

  heartbeat(nowMs: number): void {
    this.settle(nowMs);
    const detector = this.detector;
    this.heartbeatCount++;
    const evidenceMs = this.evidenceSince(this.lastHeartbeatMs);
    if (this.verdict === "down" && !Number.isNaN(evidenceMs)) this.recordMade().sawEvidence();
    if (nowMs - this.#lastRegularMs < this.burstMs) {
      // The second answer of a burst shows life, but its gap is not the server's rhythm.
      detector.touch(nowMs);
    } else {
      // An earlier process heard how the first gap began, if anybody did.
      const isGapKnown = !Number.isNaN(this.#lastRegularMs) && !this.#isGapForeign;
      this.#lastRegularMs = nowMs;
      this.#isGapForeign = false;
      const silenceMs = this.silenceMs(nowMs);
      if (isGapKnown || detector.sampleCount === 0) this.#endGap(nowMs, silenceMs, evidenceMs);
      else detector.touch(nowMs);
      this.#applyHeartbeat(nowMs, silenceMs);
    }
    this.#pausedBeforeMs = this.#owner.pausedMs;
    this.#owner.moved(this);
  }

  /** A heartbeat ended a gap: whether it was a live server's is what the model, the counts and the budget need to know. */
  #endGap(nowMs: number, silenceMs: number, evidenceMs: number): void {
    const detector = this.detector;
    if (detector.sampleCount === 0) return detector.heartbeat(nowMs);
    const phi = detector.phi(nowMs);
    const startMs = detector.silenceStartMs;
    const hasEvidence = !Number.isNaN(evidenceMs);
    const isOutage =
      hasEvidence ||
      (phi >= this.downPhi && silenceMs - this.detectionMs > mistakeMaxMs(this.target));
    const isCut = this.pausedUnheardMs > CUT_SHARE * this.intervalMs;
    const isAlarmOfItsOwn = this.verdict !== "down" || this.verdictSinceMs >= startMs;
    if (isCut && isPushed(this.target)) {
      // It kept its rhythm through the pause, which the monitor's clock left out. One that is asked had to wait.
      detector.touch(nowMs);
    } else if (isOutage) {
      // It was alive for some of it, and nobody knows for how long.
      const aliveMs = hasEvidence ? evidenceMs - startMs : detector.meanMs;
      detector.heartbeatAfterOutage(nowMs, Math.min(Math.max(aliveMs, 0), silenceMs));
    } else {
      if (this.hasSlowedDown(silenceMs, phi)) this.forgetHistory();
      detector.heartbeat(nowMs);
    }
    if (!isCut) this.record?.gaps.add(silenceMs, isOutage);
    if (isOutage || isCut) return;
    // A timeout's φ is no probability, and not held against one.
    if (this.model !== "fixed") this.countInterval(phi);
    const budget = this.record?.budget;
    if (budget?.gapEnded(silenceMs, phi, isAlarmOfItsOwn, this) !== true) return;
    this.setLevels();
    this.#owner.retimed(this);
  }

  /** For how long the monitor was paused since the last heartbeat. */
  get pausedUnheardMs(): number {
    return this.#owner.pausedMs - this.#pausedBeforeMs;
  }

  /** The moment at which the verdict changes if nothing arrives; Infinity if it would not. */
  nextChangeMs(): number {
    const level = this.machine.nextLevel;
    return level === null ? Number.POSITIVE_INFINITY : this.#reachesMs(level);
  }

  worsensMs(to: "suspect" | "down"): number {
    const { verdict } = this.machine;
    if (verdict === "down" || verdict === to) return Number.POSITIVE_INFINITY;
    return this.#reachesMs(to === "down" ? this.downPhi : this.suspectPhi);
  }

  isOnlyRemembered(nowMs: number): boolean {
    const { verdict, verdictSinceMs, watchedSinceMs } = this;
    if (verdict !== "down" && verdict !== "suspect") return false;
    if (verdictSinceMs > watchedSinceMs || this.lastError !== null) return false;
    return nowMs < this.#reachesMs(verdict === "down" ? this.downPhi : this.suspectPhi);
  }

  /** When φ gets to `level` in silence and counts, which after a pause of the monitor's own is later. */
  #reachesMs(level: number): number {
    const crossingMs = this.detector.silenceStartMs + this.detector.elapsedAtPhi(level);
    return Math.max(crossingMs, this.#heardAgainMs(), this.#settledMs);
  }

  /** A probe of it has left. */
  asked(nowMs: number): void {
    if (!endsExcuse(nowMs, this.#askedSinceWakingMs, this.#owner.excusingPauses)) return;
    this.#askedSinceWakingMs = nowMs;
    this.#owner.moved(this);
  }

  #heardAgainMs(): number {
    const excuses = {
      intervalMs: this.intervalMs,
      timeoutMs: this.target.timeoutMillis,
      isPushed: isPushed(this.target),
      watchedSinceMs: this.watchedSinceMs,
      askedSinceWakingMs: this.#askedSinceWakingMs,
    };
    return heardAgainMs(excuses, this.#owner.excusingPauses);
  }

  /** Makes every change of verdict that was due by `nowMs`, each dated to its own moment. */
  settle(nowMs: number): void {
    for (let atMs = this.nextChangeMs(); atMs <= nowMs; atMs = this.nextChangeMs()) {
      const from = this.machine.verdict;
      const level = this.machine.nextLevel!;
      // Rounding may leave φ at its own crossing a hair below the level.
      const phi = Math.max(this.detector.phi(atMs), level);
      this.machine.suspicion(phi);
      const silenceMs = this.silenceMs(atMs);
      const { watchedSinceMs } = this;
      const leastMs = leastStdDevMs(this.target);
      const reason = silenceReason(this.detector, level, silenceMs, watchedSinceMs, leastMs);
      this.#report(from, atMs, phi, reason);
    }
    this.#settledMs = nowMs;
  }

  #applyHeartbeat(nowMs: number, silenceMs: number): void {
    const from = this.machine.verdict;
    this.machine.heartbeat();
    // Nearly always, and then a sentence would be made for nobody.
    if (this.machine.verdict === from) return;
    const reason = from === "down" ? this.#recoveryReason(nowMs) : heartbeatReason(from, silenceMs);
    this.#report(from, nowMs, this.detector.phi(nowMs), reason);
  }

  /** As long as whoever compares the two changes sees, our own pauses in between included. */
  #recoveryReason(nowMs: number): string {
    const downMs = this.#owner.wallMsOf(nowMs) - this.#owner.wallMsOf(this.verdictSinceMs);
    return recoveryReason(this.target.monitor.upAfterHeartbeats, downMs);
  }

  #report(from: Verdict, atMs: number, phi: number, reason: string): void {
    const to = this.machine.verdict;
    if (to === from) return;
    if (from === "down") this.recordMade().cameUp(this.target, this.verdictSinceMs, atMs);
    if (to === "down") this.recordMade().wentDown();
    this.verdictSinceMs = atMs;
    this.#owner.verdictChanged(this, from, atMs, phi, reason);
  }
}
