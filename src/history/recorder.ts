/**
 * Decides what is recorded when, and hands it on in small batches: changes of verdict as they come, φ of every
 * target about once a minute, and the state of each watch whenever enough of it is new. It never holds the event
 * loop (a hundred thousand targets are looked at in slices) and never grows without a bound: what a storage cannot
 * take is lost, counted, and said once.
 */
import type { RememberedMonitor, RememberedWatch, VerdictChange } from "../monitor/mod.ts";
import type { CombinedChange, ObserversReading } from "../observers/mod.ts";
import type { Clock, Timers } from "../port.ts";
import type { HistoryQuery, HistoryReading, HistoryResult, RecordedChange } from "./reading.ts";
import { encodeSavedWatch } from "./saved_watch_codec.ts";
import type { BatchResult, HistoryBatch, HistoryStorage, SavedRecord } from "./storage.ts";
import { isSaveDue, type LastSave, SAMPLE_EVERY_MS } from "./thinning.ts";

export interface RecorderWorld {
  readonly monitor: RememberedMonitor;
  /** Absent where there is nobody to agree with. */
  readonly observers?: Pick<ObserversReading, "onCombinedChange" | "memberCount">;
  readonly storage: HistoryStorage;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly tell: (level: "info" | "warning", line: string) => void;
}

/** Since the start. A record is a change, a sample of φ, or a saved watch. */
export interface RecorderStats {
  readonly keptCount: number;
  readonly droppedCount: number;
}

/** How long a change waits for others. */
const TURN_EVERY_MS = 2_000;
/** How often every watch is looked at. */
const PASS_EVERY_MS = 10_000;
/** Between two turns of the event loop: so many are looked at, or written about. */
const LOOKS_A_SLICE = 500;
const TARGETS_A_SLICE = 50;
/** A batch of saved watches with large windows ends sooner. */
const SAVED_BYTES_A_BATCH = 128 * 1024;
/** Batches that may wait for the disk, and changes that may wait for those. */
const MAX_WAITING_BATCHES = 400;
const MAX_WAITING_CHANGES = 10_000;
const CHANGES_AT_ONCE = 1_000;
/** Nothing is lost any more once nothing was lost for so long. */
const MENDED_AFTER_MS = 60_000;
/** How long the end waits for a disk that takes nothing. */
const LONGEST_END_MS = 5_000;
const LOOK_AGAIN_MS = 10;

interface Kept extends LastSave {
  /** The last pass that found the target watched. */
  passNumber: number;
}

export class Recorder implements HistoryReading {
  readonly #world: RecorderWorld;
  readonly #unsubscribe: (() => void)[] = [];
  #changes: RecordedChange[] = [];
  /** Watches whose verdict has changed since they were saved. */
  readonly #changed = new Set<string>();
  /** By the target's name. */
  readonly #saves = new Map<string, Kept>();
  #waitingBatches = 0;
  #keptCount = 0;
  #droppedCount = 0;
  /** Of those, how many when it was last said that nothing is lost any more. */
  #toldCount = 0;
  #isLosing = false;
  #lastLossMs = Number.NEGATIVE_INFINITY;
  #passNumber = 0;
  #lastPassMs = Number.NEGATIVE_INFINITY;
  #lastSampleMs = Number.NEGATIVE_INFINITY;
  #cancelTurn: () => void = () => {};
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** Listens from now on, and records from `start` on. */
  constructor(world: RecorderWorld) {
    this.#world = world;
    const { monitor, observers } = world;
    this.#unsubscribe.push(monitor.onVerdictChange((change) => this.#onChange(change)));
    if (observers === undefined) return;
    this.#unsubscribe.push(observers.onCombinedChange((change) => this.#onCombined(change)));
  }

  start(): void {
    if (this.#isClosed) return;
    this.#cancelTurn = this.#world.timers.after(TURN_EVERY_MS, () => {
      this.#turn = this.#takeTurn();
    });
  }

  get stats(): RecorderStats {
    return { keptCount: this.#keptCount, droppedCount: this.#droppedCount };
  }

  get sizeBytes(): number {
    return this.#world.storage.sizeBytes;
  }

  read(query: HistoryQuery): Promise<HistoryResult> {
    // What happened just now is part of the answer.
    this.#sendChanges();
    return this.#world.storage.read(query);
  }

  /** Saves every watch as it is now, and ends. Never rejects. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTurn();
    await this.#turn;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    const giveUpMs = this.#world.clock.monotonicMs() + LONGEST_END_MS;
    await this.#untilRoom(giveUpMs);
    this.#sendChanges();
    await this.#pass(giveUpMs);
    await this.#world.storage.close();
  }

  #onChange({ target, from, to, phi, reason, atWallMs }: VerdictChange): void {
    this.#changed.add(target);
    this.#note({ target, scope: "own", from, to, phi, reason, atWallMs });
  }

  /** A monitor that is alone has said it all with its own verdicts. */
  #onCombined({ isNews, target, from, to, reason, atWallMs }: CombinedChange): void {
    if (!isNews || this.#world.observers!.memberCount < 2) return;
    this.#note({ target, scope: "combined", from, to, phi: null, reason, atWallMs });
  }

  #note(change: RecordedChange): void {
    // In a large outage thousands come before the next turn.
    if (this.#changes.length >= CHANGES_AT_ONCE) this.#sendChanges();
    if (this.#changes.length < MAX_WAITING_CHANGES) this.#changes.push(change);
    else this.#lose(1, "more happens than can be written down");
  }

  async #takeTurn(): Promise<void> {
    this.#sendChanges();
    const nowMs = this.#world.clock.monotonicMs();
    if (nowMs - this.#lastPassMs >= PASS_EVERY_MS) {
      this.#lastPassMs = nowMs;
      await this.#pass();
    } else {
      await this.#saveChanged();
    }
    this.start();
  }

  #sendChanges(): void {
    while (this.#changes.length > 0 && this.#hasRoom) {
      this.#send({ changes: this.#changes.splice(0, TARGETS_A_SLICE) });
    }
  }

  /** What is known of a verdict must not be older than what was said of it. */
  async #saveChanged(): Promise<void> {
    const { monitor, timers } = this.#world;
    const slice = new Slice();
    for (const name of this.#changed) {
      if (!this.#hasRoom) break;
      this.#changed.delete(name);
      const watch = monitor.watch(name);
      if (watch !== undefined) this.#save(watch, slice);
      if (!slice.isFull) continue;
      this.#send(slice.take());
      await timers.yieldToLoop();
    }
    if (!slice.isEmpty) this.#send(slice.take());
  }

  /**
   * Looks at every watch: takes samples if it is time for those, and saves those whose time it is; all of them
   * if it is the last time, which then may take until `giveUpMs`.
   */
  async #pass(giveUpMs?: number): Promise<void> {
    const { monitor, timers, clock } = this.#world;
    const startMs = clock.monotonicMs();
    const isSampling = startMs - this.#lastSampleMs >= SAMPLE_EVERY_MS;
    if (isSampling) this.#lastSampleMs = startMs;
    const slice = new Slice();
    const passNumber = ++this.#passNumber;
    let lookCount = 0;
    for (const watch of monitor.watches()) {
      const nowMs = monitor.nowMs();
      const isDue = this.#isDue(watch, nowMs, passNumber);
      if (isSampling) slice.sample(watch.target.name, watch.phi(nowMs), watch.takePeakPhi(nowMs));
      if (isDue || giveUpMs !== undefined) this.#save(watch, slice);
      if (++lookCount % LOOKS_A_SLICE !== 0 && !slice.isFull) continue;
      this.#sendOrLose(slice.take());
      await timers.yieldToLoop();
      if (giveUpMs !== undefined) await this.#untilRoom(giveUpMs);
    }
    this.#sendOrLose({ ...slice.take(), forgotten: this.#forget(lookCount, passNumber) });
  }

  /** The targets that are not watched any more. */
  #forget(watchCount: number, passNumber: number): string[] {
    if (this.#saves.size <= watchCount) return [];
    const names = [...this.#saves.keys()];
    const forgotten = names.filter((name) => this.#saves.get(name)!.passNumber !== passNumber);
    for (const name of forgotten) this.#saves.delete(name);
    return forgotten;
  }

  #isDue(watch: RememberedWatch, nowMs: number, passNumber: number): boolean {
    const { name } = watch.target;
    const kept = this.#saves.get(name);
    if (kept === undefined) {
      // Just begun, or restored; neither is worth saving before something arrives.
      this.#saves.set(name, { heartbeatCount: 0, atMs: nowMs, passNumber });
      return this.#changed.delete(name) || watch.heartbeatCount > 0;
    }
    kept.passNumber = passNumber;
    return this.#changed.delete(name) || isSaveDue(watch, kept, nowMs);
  }

  #save(watch: RememberedWatch, slice: Slice): void {
    const nowMs = this.#world.monitor.nowMs();
    const { heartbeatCount, target, verdict, sampleCount } = watch;
    const passNumber = this.#passNumber;
    this.#saves.set(target.name, { heartbeatCount, atMs: nowMs, passNumber });
    if (verdict === "unknown" && sampleCount === 0) return;
    slice.save({ target: target.name, bytes: encodeSavedWatch(watch.save(nowMs)) });
  }

  get #hasRoom(): boolean {
    return this.#waitingBatches < MAX_WAITING_BATCHES;
  }

  async #untilRoom(giveUpMs: number): Promise<void> {
    const { clock, timers } = this.#world;
    while (!this.#hasRoom && clock.monotonicMs() < giveUpMs) {
      await new Promise<void>((resolve) => {
        timers.after(LOOK_AGAIN_MS, resolve);
      });
    }
  }

  #sendOrLose(part: Partial<HistoryBatch>): void {
    if (recordCount(part) === 0 && (part.forgotten ?? []).length === 0) return;
    if (this.#hasRoom) this.#send(part);
    else this.#lose(recordCount(part), "the disk does not keep up");
  }

  #send(part: Partial<HistoryBatch>): void {
    const nowWallMs = this.#world.clock.wallMs();
    const batch = { nowWallMs, changes: [], phi: null, saved: [], forgotten: [], ...part };
    this.#waitingBatches++;
    this.#world.storage.write(batch, (result) => {
      this.#waitingBatches--;
      this.#onWritten(result, recordCount(batch));
    });
  }

  #onWritten(result: BatchResult, count: number): void {
    if (!result.ok) return this.#lose(count, result.detail);
    this.#keptCount += count;
    const lossAgoMs = this.#world.clock.monotonicMs() - this.#lastLossMs;
    if (!this.#isLosing || lossAgoMs < MENDED_AFTER_MS) return;
    this.#isLosing = false;
    const lostCount = this.#droppedCount - this.#toldCount;
    this.#toldCount = this.#droppedCount;
    this.#world.tell("info", `history is kept again; ${lostCount} records were lost`);
  }

  #lose(count: number, why: string): void {
    if (count === 0) return;
    this.#droppedCount += count;
    this.#lastLossMs = this.#world.clock.monotonicMs();
    if (this.#isLosing) return;
    this.#isLosing = true;
    this.#world.tell("warning", `history is being lost: ${why}. Watching goes on`);
  }
}

/** What one batch is put together from. */
class Slice {
  #names: string[] = [];
  #phi: number[] = [];
  #peakPhi: number[] = [];
  #saved: SavedRecord[] = [];
  #savedBytes = 0;

  sample(name: string, phi: number, peakPhi: number): void {
    this.#names.push(name);
    this.#phi.push(phi);
    this.#peakPhi.push(peakPhi);
  }

  save(record: SavedRecord): void {
    this.#saved.push(record);
    this.#savedBytes += record.bytes.length;
  }

  get isEmpty(): boolean {
    return this.#names.length === 0 && this.#saved.length === 0;
  }

  get isFull(): boolean {
    const count = Math.max(this.#names.length, this.#saved.length);
    return count >= TARGETS_A_SLICE || this.#savedBytes >= SAVED_BYTES_A_BATCH;
  }

  /** What is in it, which it forgets. */
  take(): Pick<HistoryBatch, "phi" | "saved"> {
    const [targets, saved] = [this.#names, this.#saved];
    const phi = Float64Array.from(this.#phi);
    const peakPhi = Float64Array.from(this.#peakPhi);
    this.#names = [];
    this.#phi = [];
    this.#peakPhi = [];
    this.#saved = [];
    this.#savedBytes = 0;
    return { phi: targets.length === 0 ? null : { targets, phi, peakPhi }, saved };
  }
}

function recordCount({ changes, phi, saved }: Partial<HistoryBatch>): number {
  return (changes?.length ?? 0) + (phi?.targets.length ?? 0) + (saved?.length ?? 0);
}
