/**
 * Hands on the heartbeats that targets push to this monitor, and takes those that others hand on: a target that
 * reports by itself reports to whichever monitor it reaches, and all of them hear it. What was handed on is not handed
 * on again, so nothing goes round in circles.
 */
import type { PushedBeats } from "../monitor/mod.ts";
import type { Timers } from "../port.ts";
import { Backlog } from "./backlog.ts";
import { type Beat, MAX_BEATS, readBeats, writeBeats } from "./beat_message.ts";
import type { TargetTable } from "./target_table.ts";
import type { ExchangeWire } from "./teller.ts";

export interface BeatRelayWorld {
  readonly wire: Pick<ExchangeWire, "broadcast">;
  readonly monitor: PushedBeats;
  readonly table: TargetTable;
  readonly timers: Timers;
}

export class BeatRelay {
  readonly #world: BeatRelayWorld;
  /** Those of one turn leave together. */
  readonly #waiting: Backlog<Beat>;
  readonly #unsubscribe: () => void;

  constructor(world: BeatRelayWorld) {
    this.#world = world;
    const { timers, monitor, wire, table } = world;
    this.#waiting = new Backlog({
      timers,
      itemsASlice: MAX_BEATS,
      work: (beats) => wire.broadcast(writeBeats(beats)),
    });
    this.#unsubscribe = monitor.onPushed(({ target, sequence }) => {
      const track = table.byName(target);
      if (track !== undefined && table.isExchanged(track)) {
        this.#waiting.add({ hash: track.hash, sequence });
      }
    });
  }

  /** Never throws; false for bytes that no monitor writes. */
  receive(bytes: Uint8Array): boolean {
    const beats = readBeats(bytes);
    if (beats === undefined) return false;
    for (const { hash, sequence } of beats) {
      const track = this.#world.table.byHash(hash);
      if (track !== undefined) this.#world.monitor.handedOn(track.name, sequence);
    }
    return true;
  }

  close(): void {
    this.#unsubscribe();
    this.#waiting.close();
  }
}
