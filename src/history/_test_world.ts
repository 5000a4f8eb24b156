/** What the tests of the recorder hand to it: a monitor made of plain numbers, and a storage that does as it is told. */
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import { makeReading } from "../../test/kit/watch_reading.ts";
import type { RememberedMonitor, RememberedWatch, VerdictChange } from "../monitor/mod.ts";
import type { CombinedChange } from "../observers/mod.ts";
import { Recorder } from "./recorder.ts";
import type { BatchResult, HistoryBatch, HistoryStorage } from "./storage.ts";

/** A watch whose numbers a test may change. */
export type TestWatch = {
  -readonly [Name in keyof RememberedWatch]: RememberedWatch[Name];
};

export function makeWatch(name: string, part: Partial<RememberedWatch> = {}): TestWatch {
  const watch: TestWatch = {
    ...makeReading({ target: { name }, heartbeatCount: 0, sampleCount: 0, verdict: "unknown" }),
    phi: () => 0.5,
    takePeakPhi: () => 1.5,
    save: (nowMs) => ({
      target: name,
      question: "0123456789abcdef",
      verdict: watch.verdict,
      verdictSinceWallMs: 1,
      lastHeartbeatWallMs: 2,
      answerMs: 3,
      windowUs: new Float64Array(watch.sampleCount).fill(1e6),
      memory: new Float64Array(0),
      budget: new Float64Array(0),
      savedWallMs: nowMs,
    }),
    ...part,
  };
  return watch;
}

export class FakeStorage implements HistoryStorage {
  readonly batches: HistoryBatch[] = [];
  /** In the order in which they came; `answer` calls them. */
  #waiting: ((result: BatchResult) => void)[] = [];
  /** Whether batches are answered at once, or by `answer`. */
  isPrompt = true;
  result: BatchResult = { ok: true };
  isClosed = false;
  /** Whether what is closed ever says so. */
  isEnding = true;
  readonly sizeBytes = 4_096;

  write(batch: HistoryBatch, done: (result: BatchResult) => void): void {
    if (this.isClosed) throw new Error("written to after it was closed");
    this.batches.push(batch);
    this.#waiting.push(done);
    if (this.isPrompt) this.answer();
  }

  answer(): void {
    for (const done of this.#waiting.splice(0)) done(this.result);
  }

  read(): ReturnType<HistoryStorage["read"]> {
    const page = { isKnown: true, changes: [], samples: [], nextFromWallMs: null };
    return Promise.resolve({ ok: true, page });
  }

  close(): Promise<void> {
    this.isClosed = true;
    return this.isEnding ? Promise.resolve() : new Promise(() => {});
  }

  /** All of one kind, over all batches so far; they are forgotten. */
  take(): HistoryBatch[] {
    return this.batches.splice(0);
  }
}

/** A recorder at work in virtual time. */
export class RecorderBench {
  readonly time = new VirtualTime();
  readonly storage = new FakeStorage();
  readonly watches = new Map<string, TestWatch>();
  readonly told: string[] = [];
  yieldCount = 0;
  readonly recorder: Recorder;
  readonly #ownListeners = new Set<(change: VerdictChange) => void>();
  readonly #combinedListeners = new Set<(change: CombinedChange) => void>();

  constructor(watches: readonly TestWatch[] = []) {
    for (const watch of watches) this.watches.set(watch.target.name, watch);
    const monitor: RememberedMonitor = {
      nowMs: () => this.time.monotonicMs(),
      wallMsOf: (ms) => ms,
      watchCount: watches.length,
      watches: () => this.watches.values(),
      watch: (name) => this.watches.get(name),
      heartbeat: () => "not_pushed",
      onVerdictChange: (listener) => {
        this.#ownListeners.add(listener);
        return () => this.#ownListeners.delete(listener);
      },
      pausedMs: 0,
    };
    const onCombinedChange = (listener: (change: CombinedChange) => void) => {
      this.#combinedListeners.add(listener);
      return () => this.#combinedListeners.delete(listener);
    };
    const timers = {
      after: (delayMs: number, run: () => void) => this.time.after(delayMs, run),
      yieldToLoop: () => {
        this.yieldCount++;
        return Promise.resolve();
      },
    };
    this.recorder = new Recorder({
      monitor,
      observers: { onCombinedChange, memberCount: 3 },
      storage: this.storage,
      clock: this.time,
      timers,
      tell: (level, line) => this.told.push(`${level}: ${line}`),
    });
    this.recorder.start();
  }

  get listenerCount(): number {
    return this.#ownListeners.size + this.#combinedListeners.size;
  }

  /** Turn by turn, each of which ends before the next begins. */
  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
      this.time.pass(Math.min(1_000, ms - passedMs));
      await settled();
    }
  }

  change(target: string, to: VerdictChange["to"] = "down", phi = 16): void {
    const watch = this.watches.get(target);
    const from = watch?.verdict ?? "up";
    if (watch !== undefined) watch.verdict = to;
    const atWallMs = this.time.wallMs();
    const change = { target, from, to, phi, silenceMs: 0, reason: "silence", atWallMs };
    for (const listener of this.#ownListeners) listener(change);
  }

  combinedChange(change: CombinedChange): void {
    for (const listener of this.#combinedListeners) listener(change);
  }
}

/** Lets everything run that only waits for its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 300; turn++) await Promise.resolve();
}
