/**
 * The targets under watch, each with its place in what the others say of it, and with what this monitor makes of
 * all of that.
 */
import type { WatchReading } from "../monitor/mod.ts";
import type { CombinedVerdict, DownMemory, Verdict } from "../verdict/mod.ts";
import { hashOfName } from "./name_hash.ts";

export class Track {
  readonly watch: WatchReading;
  readonly hash: number;
  /** Its index in every `PeerView`; no other target has it. */
  readonly slot: number;
  /** This monitor's own verdict as it is counted: unknown while it is only remembered. */
  ownVerdict: Verdict;
  /** Its watch goes on where that of an earlier process ended: what all hold of it is nothing new. */
  readonly isRecalled: boolean;
  /** It was judged since this monitor began to look. */
  isJudged = false;
  verdict: CombinedVerdict = "unknown";
  /** Unix time. */
  sinceWallMs: number;
  memory: DownMemory = "none";
  /** An earlier process left it down, and this one has not seen otherwise: as good a memory as there is until then. */
  #wasLeftDown: boolean;
  /** It waits to be told to the others. */
  isToTell = false;
  /** Its combined verdict may be another by now. */
  isToJudge = false;

  constructor(watch: WatchReading, hash: number, slot: number, { nowMs, wallMs }: Moment) {
    this.watch = watch;
    this.hash = hash;
    this.slot = slot;
    this.ownVerdict = countedVerdict(watch, nowMs);
    this.isRecalled = watch.verdict !== "unknown";
    this.#wasLeftDown = watch.verdict === "down";
    this.sinceWallMs = wallMs;
  }

  /** What the others are told that is remembered. */
  get toldMemory(): DownMemory {
    // Once it has seen for itself it votes, and does not count twice.
    const isLeft = this.#wasLeftDown && this.ownVerdict === "unknown";
    return this.memory === "none" && isLeft ? "held" : this.memory;
  }

  /** Takes over what its watch says now; whether that is another verdict. */
  noteOwnVerdict(nowMs: number): boolean {
    const before = this.ownVerdict;
    this.ownVerdict = countedVerdict(this.watch, nowMs);
    if (this.watch.verdict !== "down") this.#wasLeftDown = false;
    return this.ownVerdict !== before;
  }

  get name(): string {
    return this.watch.target.name;
  }
}

/** The same moment by the monitor's clock and as Unix time. */
export interface Moment {
  readonly nowMs: number;
  readonly wallMs: number;
}

/**
 * What an earlier process has seen is no vote: the server may have come back while nobody looked. That it is up is
 * one, since silence corrects that.
 */
function countedVerdict(watch: WatchReading, nowMs: number): Verdict {
  return watch.isOnlyRemembered(nowMs) ? "unknown" : watch.verdict;
}

export class TargetTable {
  readonly #hashOf: (name: string) => number;
  readonly #byName = new Map<string, Track>();
  /** Null where several names have the same hash: whose it is cannot be said. */
  readonly #byHash = new Map<number, Track | null>();
  readonly #freeSlots: number[] = [];
  #slotCount = 0;
  /** Those whose verdict is only remembered. */
  readonly remembered = new Set<Track>();
  /** How many targets this monitor itself holds for what. */
  readonly ownCounts: Record<Verdict, number> = { unknown: 0, up: 0, suspect: 0, down: 0 };

  /** Another hash is for tests of names that share one. */
  constructor(hashOf = hashOfName) {
    this.#hashOf = hashOf;
  }

  get size(): number {
    return this.#byName.size;
  }

  /** May be gone on with after targets have come and gone. */
  tracks(): IterableIterator<Track> {
    return this.#byName.values();
  }

  byName(name: string): Track | undefined {
    return this.#byName.get(name);
  }

  /** Undefined for what nobody, or more than one, is called. */
  byHash(hash: number): Track | undefined {
    return this.#byHash.get(hash) ?? undefined;
  }

  has(track: Track): boolean {
    return this.#byName.get(track.name) === track;
  }

  /** Whether the others can tell this target from all others. */
  isExchanged(track: Track): boolean {
    return this.#byHash.get(track.hash) === track;
  }

  /** The name must not be there. */
  add(watch: WatchReading, moment: Moment): Track {
    const { name } = watch.target;
    const hash = this.#hashOf(name);
    const track = new Track(watch, hash, this.#freeSlots.pop() ?? this.#slotCount++, moment);
    this.#byName.set(name, track);
    // Once shared it stays nobody's: another monitor may have met the two in the other order.
    this.#byHash.set(hash, this.#byHash.has(hash) ? null : track);
    this.ownCounts[track.ownVerdict]++;
    if (track.ownVerdict !== watch.verdict) this.remembered.add(track);
    return track;
  }

  /** What was said of it has to be forgotten by whoever keeps it: another target will have its slot. */
  remove(track: Track): void {
    this.#byName.delete(track.name);
    this.remembered.delete(track);
    if (this.#byHash.get(track.hash) === track) this.#byHash.delete(track.hash);
    this.#freeSlots.push(track.slot);
    this.ownCounts[track.ownVerdict]--;
  }

  /** Takes over what its watch says now; whether that is another verdict. */
  noteOwnVerdict(track: Track, nowMs: number): boolean {
    const before = track.ownVerdict;
    if (!track.noteOwnVerdict(nowMs)) return false;
    this.ownCounts[before]--;
    this.ownCounts[track.ownVerdict]++;
    this.remembered.delete(track);
    return true;
  }
}
