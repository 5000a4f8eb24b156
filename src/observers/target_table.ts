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
  /** This monitor's own verdict as it is counted. */
  ownVerdict: Verdict;
  /** Its watch goes on where that of an earlier process ended: what all hold of it is nothing new. */
  readonly isRecalled: boolean;
  /** It was judged since this monitor began to look. */
  isJudged = false;
  verdict: CombinedVerdict = "unknown";
  /** Unix time. */
  sinceWallMs: number;
  memory: DownMemory = "none";
  /** It waits to be told to the others. */
  isToTell = false;
  /** Its combined verdict may be another by now. */
  isToJudge = false;

  constructor(watch: WatchReading, hash: number, slot: number, wallMs: number) {
    this.watch = watch;
    this.hash = hash;
    this.slot = slot;
    this.ownVerdict = watch.verdict;
    this.isRecalled = watch.verdict !== "unknown";
    this.sinceWallMs = wallMs;
  }

  get name(): string {
    return this.watch.target.name;
  }
}

export class TargetTable {
  readonly #hashOf: (name: string) => number;
  readonly #byName = new Map<string, Track>();
  /** Null where several names have the same hash: whose it is cannot be said. */
  readonly #byHash = new Map<number, Track | null>();
  readonly #freeSlots: number[] = [];
  #slotCount = 0;
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
  add(watch: WatchReading, wallMs: number): Track {
    const { name } = watch.target;
    const hash = this.#hashOf(name);
    const track = new Track(watch, hash, this.#freeSlots.pop() ?? this.#slotCount++, wallMs);
    this.#byName.set(name, track);
    // Once shared it stays nobody's: another monitor may have met the two in the other order.
    this.#byHash.set(hash, this.#byHash.has(hash) ? null : track);
    this.ownCounts[track.ownVerdict]++;
    return track;
  }

  /** What was said of it has to be forgotten by whoever keeps it: another target will have its slot. */
  remove(track: Track): void {
    this.#byName.delete(track.name);
    if (this.#byHash.get(track.hash) === track) this.#byHash.delete(track.hash);
    this.#freeSlots.push(track.slot);
    this.ownCounts[track.ownVerdict]--;
  }

  /** Takes over what its watch says now. */
  noteOwnVerdict(track: Track): void {
    this.ownCounts[track.ownVerdict]--;
    track.ownVerdict = track.watch.verdict;
    this.ownCounts[track.ownVerdict]++;
  }
}
