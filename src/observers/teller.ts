/**
 * Tells the others what this monitor sees: what has changed at the end of the turn, a share of everything with
 * every beat, so that all of it is repeated every few seconds, and everything at once to one who has
 * just been reached. A beat is also the sign that this monitor lives, whether or not it watches anything.
 */
import type { MonitorReading } from "../monitor/mod.ts";
import type { Timers } from "../port.ts";
import { Backlog } from "./backlog.ts";
import type { TargetTable, Track } from "./target_table.ts";
import { MAX_RECORDS, ViewWriter } from "./view_message.ts";
import { stateOf } from "./view_state.ts";

/** What is told arrives in order, or whoever owns this is told to tell everything again. */
export interface ExchangeWire {
  broadcast(bytes: Uint8Array): void;
  exchange(peer: string, bytes: Uint8Array): void;
}

/** So many beats repeat everything. */
const BEATS_A_ROUND = 10;

export interface TellerWorld {
  readonly wire: ExchangeWire;
  readonly monitor: Pick<MonitorReading, "nowMs" | "wallMsOf">;
  readonly table: TargetTable;
  readonly timers: Timers;
  /** See `ViewHead`. */
  readonly run: number;
  /** Asked for every message, when it is made. */
  readonly doubtBits: () => number;
}

export class Teller {
  readonly #world: TellerWorld;
  readonly #writer = new ViewWriter();
  readonly #changed: Backlog<Track>;
  /** Where the next beat goes on. */
  #left: Iterator<Track>;
  /** Until the next beat asks for it. */
  #wantsAll = true;
  /** Where those go on who are told everything. */
  readonly #everything = new Map<string, Iterator<Track>>();
  /** Who asked since the last beat. */
  readonly #answered = new Set<string>();
  #isBeating = false;
  #isToSign = false;
  #isClosed = false;

  constructor(world: TellerWorld) {
    this.#world = world;
    this.#left = world.table.tracks();
    this.#changed = new Backlog({
      timers: world.timers,
      itemsASlice: MAX_RECORDS,
      work: (tracks) => this.#tellChanged(tracks),
    });
  }

  /** At the end of the turn. */
  soon(track: Track): void {
    if (track.isToTell) return;
    track.isToTell = true;
    this.#changed.add(track);
  }

  /** At the end of the turn: that it lives, and what it doubts of itself. */
  signSoon(): void {
    if (this.#isToSign) return;
    this.#isToSign = true;
    queueMicrotask(() => {
      this.#isToSign = false;
      if (!this.#isClosed) this.#world.wire.broadcast(this.#finish());
    });
  }

  beat(): void {
    this.#answered.clear();
    // Those that are slower than the beats have not told all of the last share yet.
    if (this.#isBeating) return this.signSoon();
    void this.#tellShare(Math.ceil(this.#world.table.size / BEATS_A_ROUND));
  }

  /** With the next beat all others are asked to tell everything; the first one asks by itself. */
  askSoon(): void {
    this.#wantsAll = true;
  }

  /** The first message may ask for the same in return. */
  everythingTo(peer: string, asks: boolean): void {
    const isUnderWay = this.#everything.has(peer);
    // Under way it begins anew: what it has told already may be lost.
    this.#everything.set(peer, this.#world.table.tracks());
    if (!isUnderWay) void this.#tellEverything(peer, asks);
  }

  /** To one who asks; as often as there are beats, and no more. */
  answer(peer: string): void {
    if (this.#answered.has(peer)) return;
    this.#answered.add(peer);
    this.everythingTo(peer, false);
  }

  close(): void {
    this.#isClosed = true;
    this.#changed.close();
  }

  async #tellEverything(peer: string, asks: boolean): Promise<void> {
    const { timers, wire } = this.#world;
    for (let isFirst = true; !this.#isClosed; isFirst = false) {
      const isEnd = this.#write(this.#everything.get(peer)!, MAX_RECORDS);
      if (isEnd) this.#everything.delete(peer);
      wire.exchange(peer, this.#finish(asks && isFirst));
      if (isEnd) return;
      await timers.yieldToLoop();
    }
  }

  async #tellShare(share: number): Promise<void> {
    const { table, timers, wire } = this.#world;
    this.#isBeating = true;
    for (let left = share; !this.#isClosed; left -= MAX_RECORDS) {
      if (this.#write(this.#left, Math.min(left, MAX_RECORDS))) this.#left = table.tracks();
      wire.broadcast(this.#finish(this.#wantsAll));
      this.#wantsAll = false;
      if (left <= MAX_RECORDS) break;
      await timers.yieldToLoop();
    }
    this.#isBeating = false;
  }

  /** Up to `most` records of these; whether there are no more. */
  #write(tracks: Iterator<Track>, most: number): boolean {
    const { monitor, table } = this.#world;
    const nowMs = monitor.nowMs();
    for (let count = 0; count < most; count++) {
      const next = tracks.next();
      if (next.done === true) return true;
      if (table.isExchanged(next.value)) this.#add(next.value, nowMs);
    }
    return false;
  }

  #tellChanged(tracks: readonly Track[]): void {
    const nowMs = this.#world.monitor.nowMs();
    for (const track of tracks) {
      track.isToTell = false;
      if (this.#world.table.isExchanged(track)) this.#add(track, nowMs);
    }
    this.#world.wire.broadcast(this.#finish());
  }

  #add({ watch, hash, ownVerdict, toldMemory }: Track, nowMs: number): void {
    const sinceWallMs = this.#world.monitor.wallMsOf(watch.verdictSinceMs);
    this.#writer.add(hash, stateOf(ownVerdict, toldMemory), watch.phi(nowMs), sinceWallMs);
  }

  #finish(asks = false): Uint8Array {
    const { run, doubtBits } = this.#world;
    return this.#writer.finish({ run, asks, doubtBits: doubtBits() });
  }
}
