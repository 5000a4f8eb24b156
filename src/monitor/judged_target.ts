/**
 * How one target is judged: its model's detector, the verdict that its φ leads to, and the account of how well that
 * went. It is the half of a watch that answers questions; what happens to a target is the other one's.
 */
import type { ModelName, Target } from "../config/mod.ts";
import {
  NO_EPISODES,
  qualityOf,
  type BudgetReading,
  type EpisodeCounts,
  type FeasibleNumbers,
  type Quality,
  type RecordedGap,
  type SuspicionCurve,
} from "../qos/mod.ts";
import { VerdictMachine, type Verdict } from "../verdict/mod.ts";
import { makeDetector, windowGapsUs, type Detector } from "./detector.ts";
import { JudgementRecord } from "./judgement_record.ts";
import { ProbeCounts } from "./probe_counts.ts";
import type { JudgementReading } from "./reading.ts";
import { verdictOptions } from "./translate.ts";

export abstract class JudgedTarget extends ProbeCounts implements JudgementReading, SuspicionCurve {
  #target: Target;
  protected detector: Detector;
  protected readonly machine: VerdictMachine;
  readonly watchedSinceMs: number;
  verdictSinceMs: number;

  /** With a `verdict` it goes on from there. */
  constructor(target: Target, nowMs: number, verdict?: Verdict) {
    super();
    this.#target = target;
    this.detector = makeDetector(target);
    this.machine = new VerdictMachine(verdictOptions(target), verdict);
    this.watchedSinceMs = nowMs;
    this.verdictSinceMs = nowMs;
  }

  get target(): Target {
    return this.#target;
  }

  protected set target(target: Target) {
    this.#target = target;
  }

  get verdict(): Verdict {
    return this.machine.verdict;
  }

  get model(): ModelName {
    return this.#target.monitor.model;
  }

  get suspectPhi(): number {
    return this.machine.options.suspectPhi;
  }

  get downPhi(): number {
    return this.machine.options.downPhi;
  }

  phi(nowMs: number): number {
    return this.detector.phi(nowMs);
  }

  takePeakPhi(nowMs: number): number {
    return this.detector.takePeakPhi(nowMs);
  }

  isConfident(nowMs: number): boolean {
    return this.detector.isConfident(nowMs);
  }

  phiAfter(silenceMs: number): number {
    return this.detector.phiAfter(silenceMs);
  }

  silenceAtPhi(phi: number): number {
    return this.detector.elapsedAtPhi(phi);
  }

  get detectionMs(): number {
    return this.silenceAtPhi(this.downPhi);
  }

  get intervalMs(): number {
    return this.record?.budget?.intervalMs ?? this.#target.intervalMillis;
  }

  get lastHeartbeatMs(): number {
    return this.detector.lastHeartbeatMs;
  }

  get intervalMeanMs(): number {
    return this.detector.meanMs;
  }

  get intervalStdDevMs(): number {
    return this.detector.stdDevMs;
  }

  get sampleCount(): number {
    return this.detector.sampleCount;
  }

  get gapCount(): number {
    return this.detector.gapCount;
  }

  get recoveryCount(): number {
    return this.machine.recoveryCount;
  }

  get judgedSinceMs(): number {
    return this.record?.sinceMs ?? this.watchedSinceMs;
  }

  get episodes(): EpisodeCounts {
    return this.record?.episodes ?? NO_EPISODES;
  }

  quality(nowMs: number): Quality {
    const { episodes, judgedSinceMs, detectionMs } = this;
    const downSinceMs = Math.max(this.verdictSinceMs, judgedSinceMs);
    const openMs = this.verdict === "down" ? nowMs - downSinceMs : 0;
    return qualityOf({ judgedMs: nowMs - judgedSinceMs, episodes, openMs, detectionMs });
  }

  budget(): BudgetReading | null {
    return this.record?.budget?.reading() ?? null;
  }

  feasibleInstead(): FeasibleNumbers | null {
    return this.record?.budget?.feasibleInstead() ?? null;
  }

  gaps(): RecordedGap[] {
    return this.record?.gaps.gaps() ?? this.#windowGaps();
  }

  #windowGaps(): RecordedGap[] {
    const gapsUs = windowGapsUs(this.detector);
    return Array.from(gapsUs, (gapUs) => ({ gapMs: gapUs / 1_000, isOutage: false }));
  }

  /** Silence so far; none where it has yet to begin. */
  silenceMs(nowMs: number): number {
    return Math.max(nowMs - this.detector.silenceStartMs, 0);
  }

  /** Judges anew from now on: by its budget, if it has one. */
  protected beginRecord(nowMs: number): JudgementRecord {
    const record = new JudgementRecord(this.#target, nowMs, this);
    this.record = record;
    this.setLevels();
    return record;
  }

  /** The record of one that had nothing worth a record until now. */
  protected recordMade(): JudgementRecord {
    const known = this.record;
    if (known !== null) return known;
    const gaps = this.#windowGaps();
    const record = this.beginRecord(this.watchedSinceMs);
    record.take(gaps);
    return record;
  }

  /** By the config's threshold, or by what its budget comes to now. */
  protected setLevels(): void {
    const budget = this.record?.budget ?? null;
    if (budget === null) return this.machine.reconfigure(verdictOptions(this.#target));
    const { upAfterHeartbeats } = this.#target.monitor;
    const [suspectPhi, downPhi] = [budget.suspectThreshold, budget.threshold];
    this.machine.reconfigure({ suspectPhi, downPhi, upAfterHeartbeats });
    this.detector.judgeByThreshold?.(downPhi);
  }
}
