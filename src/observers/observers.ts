/**
 * What all monitors of a cluster see together, as one of them knows it: this monitor's verdicts, what the others
 * tell and who the members are come in; each target's combined verdict, and who is heard, go out. It is not in
 * the replicated log, because it has to work in a minority too. A target is judged anew only when something
 * of it has changed; all of them, in slices, when the circle of those whose word counts has.
 */
import type { MonitorReading, PushedBeats, WatchEvents, WatchReading } from "../monitor/mod.ts";
import type { Clock, Timers } from "../port.ts";
import type { CombinedVerdict, Doubt } from "../verdict/mod.ts";
import { Circle } from "./circle.ts";
import { BEATS_KIND } from "./beat_message.ts";
import { BeatRelay } from "./beat_relay.ts";
import { bitsOfDoubts } from "./doubt_bits.ts";
import { Judge } from "./judge.ts";
import type {
  CombinedChange,
  CombinedReading,
  ObserverChange,
  ObserverReading,
  ObserversReading,
} from "./reading.ts";
import { TargetTable, type Track } from "./target_table.ts";
import { Teller, type ExchangeWire } from "./teller.ts";
import { readView } from "./view_message.ts";

/** How often each monitor says that it lives. */
const BEAT_MS = 500;
/** So many verdicts that were only remembered are looked at with a beat: a fraction of a millisecond. */
const REMEMBERED_A_BEAT = 1_000;
/** Who was not heard for so long is not counted as saying anything: five beats, and half of one for the way. */
const SILENT_MS = 2_750;
/** What this monitor doubts of itself. */
export interface DoubtSource {
  doubts(): readonly Doubt[];
  /** Calls back at each change until the result is called. */
  onChange(listener: () => void): () => void;
}

export const NO_DOUBTS: DoubtSource = { doubts: () => [], onChange: () => () => {} };

export interface ObserversWorld {
  /** This monitor's id. */
  readonly self: string;
  readonly monitor: MonitorReading & WatchEvents & PushedBeats;
  /** The ids of those who have a vote in the cluster. Asked with every beat. */
  readonly members: () => readonly string[];
  readonly doubts: DoubtSource;
  readonly wire: ExchangeWire;
  readonly clock: Clock;
  readonly timers: Timers;
  /** A number that no earlier run had, in 0..2^32-1. */
  readonly run: number;
  /** Hears, once for each peer, of what it says and this monitor cannot read. */
  readonly onUnreadable?: (peer: string, detail: string) => void;
}

export class Observers implements ObserversReading {
  readonly #world: ObserversWorld;
  readonly #table = new TargetTable();
  readonly #circle: Circle;
  readonly #judge: Judge;
  readonly #teller: Teller;
  readonly #beats: BeatRelay;
  readonly #combinedListeners = new Set<(change: CombinedChange) => void>();
  readonly #observerListeners = new Set<(change: ObserverChange) => void>();
  /** Somebody spoke of a target that is not watched here: perhaps not yet. */
  #hasMissed = false;
  /** Peers of which it was said that they cannot be understood. */
  readonly #unreadable = new Set<string>();
  readonly #unsubscribe: readonly (() => void)[];
  #cancelBeat: () => void = () => {};
  /** Where the next beat goes on to look. */
  #remembered: Iterator<Track> | null = null;
  /** By the monitor's clock. */
  readonly #beganMs: number;
  #wasSettled = false;

  /** Begins to tell and to judge at once. */
  constructor(world: ObserversWorld) {
    const { monitor, doubts, clock, timers, wire, run } = world;
    this.#world = world;
    this.#beganMs = monitor.nowMs();
    this.#circle = new Circle({
      self: world.self,
      monitor,
      table: this.#table,
      members: world.members,
      doubts: () => doubts.doubts(),
      silentMs: SILENT_MS,
      onRoll: () => this.#judge.allSoon(),
      onChange: (observer) => this.#observerChanged(observer),
    });
    this.#judge = new Judge({
      circle: this.#circle,
      table: this.#table,
      timers,
      wallMs: () => clock.wallMs(),
      isSettled: () => monitor.nowMs() - this.#beganMs > SILENT_MS,
      onMemory: (track) => this.#teller.soon(track),
      onChange: (change) => {
        for (const listener of this.#combinedListeners) listener(change);
      },
    });
    this.#teller = new Teller({
      wire,
      monitor,
      table: this.#table,
      timers,
      run,
      doubtBits: () => bitsOfDoubts(doubts.doubts()),
    });
    this.#beats = new BeatRelay({ wire, monitor, table: this.#table, timers });
    for (const watch of monitor.watches()) this.#add(watch);
    this.#unsubscribe = [
      monitor.onWatch(({ kind, watch }) => {
        if (kind === "began") this.#add(watch);
        else if (kind === "ended") this.#remove(watch);
        else this.#settingsChanged(watch);
      }),
      monitor.onVerdictChange(({ target }) => this.#ownVerdictChanged(target)),
      doubts.onChange(() => {
        this.#circle.look();
        this.#teller.signSoon();
      }),
    ];
    this.#beat();
  }

  /** Bytes that a peer has told. Never throws, whatever they are. */
  receive(from: string, bytes: Uint8Array): void {
    if (from === this.#world.self) return;
    if (bytes[0] === BEATS_KIND) {
      if (!this.#beats.receive(bytes)) this.#cannotRead(from, "it hands on what are no heartbeats");
      return;
    }
    const read = readView(bytes);
    if (!read.ok) return this.#cannotRead(from, read.detail);
    const { message } = read;
    const { view, isAnew } = this.#circle.hear(from, message);
    for (let index = 0; index < message.count; index++) {
      const track = this.#table.byHash(message.hash(index));
      if (track === undefined) {
        this.#hasMissed = true;
        continue;
      }
      const isNews = view.say(
        track,
        message.state(index),
        message.phi(index),
        message.sinceWallMs(index),
      );
      if (isNews) this.#judge.soon(track);
    }
    if (isAnew) this.#judge.allSoon();
    if (message.asks) this.#teller.answer(from);
  }

  /** What was told to this peer may not have reached it. */
  opened(peer: string): void {
    this.#teller.everythingTo(peer, true);
  }

  close(): void {
    this.#cancelBeat();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#judge.close();
    this.#teller.close();
    this.#beats.close();
  }

  observers(): readonly ObserverReading[] {
    // Asked first, so that a monitor that has just been woken shows its doubt to whoever looks first.
    this.#world.doubts.doubts();
    return this.#circle.readings();
  }

  get memberCount(): number {
    return this.#circle.roll.quorum.memberCount;
  }

  get neededCount(): number {
    return this.#circle.roll.quorum.neededCount;
  }

  get isMinority(): boolean {
    return this.#circle.roll.quorum.isMinority;
  }

  combined(target: string): CombinedReading | undefined {
    const track = this.#table.byName(target);
    return track && this.#judge.read(track);
  }

  combinedVerdict(target: string): CombinedVerdict | undefined {
    return this.#table.byName(target)?.verdict;
  }

  onCombinedChange(listener: (change: CombinedChange) => void): () => void {
    this.#combinedListeners.add(listener);
    return () => this.#combinedListeners.delete(listener);
  }

  onObserverChange(listener: (change: ObserverChange) => void): () => void {
    this.#observerListeners.add(listener);
    return () => this.#observerListeners.delete(listener);
  }

  #beat(): void {
    this.#cancelBeat = this.#world.timers.after(BEAT_MS, () => this.#beat());
    this.#circle.look();
    this.#lookAtRemembered();
    this.#teller.beat();
    if (this.#wasSettled || this.#world.monitor.nowMs() - this.#beganMs <= SILENT_MS) return;
    this.#wasSettled = true;
    // Some of them waited for this to be judged at all.
    this.#judge.allSoon();
  }

  #ownVerdictChanged(target: string): void {
    const track = this.#table.byName(target);
    if (track !== undefined) this.#noteOwnVerdict(track, this.#world.monitor.nowMs());
  }

  /** What an earlier process left becomes a vote when this one has seen the same. */
  #lookAtRemembered(): void {
    const { remembered } = this.#table;
    if (remembered.size === 0) return;
    const nowMs = this.#world.monitor.nowMs();
    this.#remembered ??= remembered.values();
    for (let left = REMEMBERED_A_BEAT; left > 0; left--) {
      const next = this.#remembered.next();
      if (next.done === true) {
        this.#remembered = null;
        return;
      }
      this.#noteOwnVerdict(next.value, nowMs);
    }
  }

  #noteOwnVerdict(track: Track, nowMs: number): void {
    if (!this.#table.noteOwnVerdict(track, nowMs)) return;
    this.#judge.soon(track);
    this.#teller.soon(track);
  }

  #observerChanged(observer: ObserverReading): void {
    const change = { observer, atWallMs: this.#world.clock.wallMs() };
    for (const listener of this.#observerListeners) listener(change);
  }

  #cannotRead(from: string, detail: string): void {
    if (this.#unreadable.has(from)) return;
    this.#unreadable.add(from);
    this.#world.onUnreadable?.(from, detail);
  }

  #add(watch: WatchReading): void {
    const track = this.#table.add(watch, {
      nowMs: this.#world.monitor.nowMs(),
      wallMs: this.#world.clock.wallMs(),
    });
    this.#judge.soon(track);
    // The others have to know that it is watched here, and this monitor what they have said already.
    this.#teller.soon(track);
    if (this.#hasMissed) this.#teller.askSoon();
    this.#hasMissed = false;
  }

  /** Its settings say how many have to call it down. */
  #settingsChanged({ target }: WatchReading): void {
    const track = this.#table.byName(target.name);
    if (track !== undefined) this.#judge.soon(track);
  }

  #remove({ target }: WatchReading): void {
    const track = this.#table.byName(target.name);
    if (track === undefined) return;
    this.#table.remove(track);
    this.#circle.forget(track);
  }
}
