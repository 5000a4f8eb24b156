/**
 * Decides what is recorded when, and hands it on in small batches: changes of verdict as they come, φ of every
 * target about once a minute, and the state of each watch whenever enough of it is new. It never holds the event
 * loop (a hundred thousand targets are looked at in slices) and never grows without a bound: what a storage cannot
 * take is lost, counted, and said once.
 */
import type { RememberedMonitor, RememberedWatch, VerdictChange } from "../monitor/mod.ts";
import type { CombinedChange, ObserversReading } from "../observers/mod.ts";
import type { Timers } from "../port.ts";
import type { HistoryQuery, HistoryReading, HistoryResult, RecordedChange } from "./reading.ts";
import { encodeSavedWatch } from "./saved_watch_codec.ts";
import { recordCount, Slice, type SlicePart, TARGETS_A_SLICE } from "./slice.ts";
import type { HistoryBatch, HistoryStorage } from "./storage.ts";
import { type RecorderStats, Tally, type TallyWorld } from "./tally.ts";
import { isSaveDue, type LastSave, SAMPLE_EVERY_MS } from "./thinning.ts";

export interface RecorderWorld extends TallyWorld {
  readonly monitor: RememberedMonitor;
  /** Absent where there is nobody to agree with. */
  readonly observers?: Pick<ObserversReading, "onCombinedChange" | "memberCount">;
  readonly storage: HistoryStorage;
  readonly timers: Timers;
}

/** How long a change waits for others. What a monitor that is killed meanwhile has said of a target it says anew. */
const TURN_EVERY_MS = 500;
/** How often every watch is looked at. */
const PASS_EVERY_MS = 10_000;
/** Between two turns of the event loop so many are looked at. */
const LOOKS_A_SLICE = 500;
/** Batches that may wait for the disk, and changes that may wait for those. */
const MAX_WAITING_BATCHES = 400;
const MAX_WAITING_CHANGES = 10_000;
const CHANGES_AT_ONCE = 1_000;
/** How long the end waits for a disk that takes nothing. */
const LONGEST_END_MS = 5_000;
const LOOK_AGAIN_MS = 10;

type Part = Partial<HistoryBatch & SlicePart>;

/** `atMs` is -Infinity where a verdict was saved and lost: then it is time again. */
interface Kept extends LastSave {
  /** The last pass that found the target watched. */
  passNumber: number;
}

export class Recorder implements HistoryReading {
  readonly #world: RecorderWorld;
  readonly #tally: Tally;
  readonly #unsubscribe: (() => void)[] = [];
  #changes: RecordedChange[] = [];
  /** Watches whose verdict has changed since they were saved. */
  readonly #changed = new Set<string>();
  /** By the target's name. */
  readonly #saves = new Map<string, Kept>();
  #waitingBatches = 0;
  #passNumber = 0;
  #lastPassMs = Number.NEGATIVE_INFINITY;
  #lastSampleMs = Number.NEGATIVE_INFINITY;
  #cancelTurn: () => void = () => {};
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** Listens from now on, and records from `start` on. */
  constructor(world: RecorderWorld) {
    this.#world = world;
    this.#tally = new Tally(world);
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
    return this.#tally.stats;
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
    await this.#closeStorage(giveUpMs);
  }

  /** Whoever ends has more to close, and somebody who waits for that. */
  async #closeStorage(giveUpMs: number): Promise<void> {
    const { clock, timers, storage, tell } = this.#world;
    const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<void>();
    const cancel = timers.after(Math.max(0, giveUpMs - clock.monotonicMs()), () => {
      tell("warning", "the disk keeps the end waiting: what is not written by now is lost");
      giveUp();
    });
    await Promise.race([storage.close(), givenUp]);
    cancel();
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
    else this.#tally.lose(1, "more happens than can be written down");
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
      const watch = monitor.watch(name);
      if (watch === undefined) this.#changed.delete(name);
      else this.#save(watch, slice);
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
      // Where there is no room it stays due.
      if ((isDue && this.#hasRoom) || giveUpMs !== undefined) this.#save(watch, slice);
      if (++lookCount % LOOKS_A_SLICE !== 0 && !slice.isFull) continue;
      this.#sendOrLose(slice.take());
      await timers.yieldToLoop();
      if (giveUpMs !== undefined) await this.#untilRoom(giveUpMs);
    }
    this.#sendOrLose({ ...slice.take(), forgotten: this.#forget(lookCount, passNumber) });
  }

  /** The targets that are not watched any more. */
  #forget(watchCount: number, passNumber: number): string[] {
    const names = this.#saves.size <= watchCount ? [] : [...this.#saves.keys()];
    const forgotten = names.filter((name) => this.#saves.get(name)!.passNumber !== passNumber);
    for (const name of forgotten) this.#saves.delete(name);
    // While the disk takes nothing, nobody else looks whether they are still there.
    for (const name of this.#changed) {
      if (!this.#saves.has(name)) this.#changed.delete(name);
    }
    return forgotten;
  }

  #isDue(watch: RememberedWatch, nowMs: number, passNumber: number): boolean {
    const { name } = watch.target;
    const kept = this.#saves.get(name);
    if (kept === undefined) {
      // Just begun, or restored; neither is worth saving before something arrives.
      this.#saves.set(name, { heartbeatCount: 0, atMs: nowMs, passNumber });
      return this.#changed.has(name) || watch.heartbeatCount > 0;
    }
    kept.passNumber = passNumber;
    return this.#changed.has(name) || isSaveDue(watch, kept, nowMs);
  }

  #save(watch: RememberedWatch, slice: Slice): void {
    const nowMs = this.#world.monitor.nowMs();
    const { heartbeatCount, verdict, sampleCount } = watch;
    const { name } = watch.target;
    const wasLost = this.#saves.get(name)?.atMs === Number.NEGATIVE_INFINITY;
    const isVerdictNew = this.#changed.delete(name) || wasLost;
    this.#saves.set(name, { heartbeatCount, atMs: nowMs, passNumber: this.#passNumber });
    if (verdict === "unknown" && sampleCount === 0) return;
    slice.save({ target: name, bytes: encodeSavedWatch(watch.save(nowMs)) }, isVerdictNew);
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

  #sendOrLose(part: Part): void {
    if (recordCount(part) === 0 && (part.forgotten ?? []).length === 0) return;
    if (this.#hasRoom) this.#send(part);
    else this.#tally.lose(recordCount(part), "the disk does not keep up");
  }

  #send({ newVerdicts = [], ...part }: Part): void {
    const nowWallMs = this.#world.clock.wallMs();
    const batch = { nowWallMs, changes: [], phi: null, saved: [], forgotten: [], ...part };
    this.#waitingBatches++;
    this.#world.storage.write(batch, (result) => {
      this.#waitingBatches--;
      const count = recordCount(batch);
      if (result.ok) return this.#tally.keep(count);
      this.#tally.lose(count, result.detail);
      this.#saveAgain(newVerdicts);
    });
  }

  /** In the next pass, and not as soon as a change: a full disk would keep everybody busy. */
  #saveAgain(names: readonly string[]): void {
    for (const name of names) {
      const kept = this.#saves.get(name);
      if (kept !== undefined) this.#saves.set(name, { ...kept, atMs: Number.NEGATIVE_INFINITY });
    }
  }
}
