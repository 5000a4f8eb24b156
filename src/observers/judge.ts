/**
 * Judges targets: what the speakers say of one in, its combined verdict out, and to be kept in its track. A target
 * is judged at the end of the turn in which something of it has changed.
 */
import type { Timers } from "../port.ts";
import {
  combinedVerdict,
  dissentersOf,
  isHeldDown,
  nextMemory,
  type DownMemory,
  type Verdict,
} from "../verdict/mod.ts";
import { Backlog } from "./backlog.ts";
import type { Circle } from "./circle.ts";
import type { CombinedChange, CombinedReading, Vote } from "./reading.ts";
import type { Track } from "./target_table.ts";
import { whoSaysWhat } from "./who_says_what.ts";

/** About half a millisecond. */
const TARGETS_A_SLICE = 1_000;

export interface JudgeWorld {
  readonly circle: Circle;
  readonly timers: Timers;
  readonly wallMs: () => number;
  /** Whether the target is still watched, and this is its track. */
  readonly isWatched: (track: Track) => boolean;
  /** What is remembered of it has changed: the others have to hear of it. */
  readonly onMemory: (track: Track) => void;
  readonly onChange: (change: CombinedChange) => void;
}

export class Judge {
  readonly #world: JudgeWorld;
  readonly #waiting: Backlog<Track>;
  // Counted anew for each target; kept, because a hundred thousand of them are judged in a row.
  readonly #votes: Record<Verdict, number> = { unknown: 0, up: 0, suspect: 0, down: 0 };
  readonly #memories: Record<DownMemory, number> = { none: 0, free: 0, held: 0 };

  constructor(world: JudgeWorld) {
    this.#world = world;
    this.#waiting = new Backlog({
      timers: world.timers,
      itemsASlice: TARGETS_A_SLICE,
      work: (tracks) => {
        for (const track of tracks) this.#judge(track);
      },
    });
  }

  soon(track: Track): void {
    if (track.isToJudge) return;
    track.isToJudge = true;
    this.#waiting.add(track);
  }

  close(): void {
    this.#waiting.close();
  }

  read(track: Track): CombinedReading {
    const { quorum } = this.#world.circle.roll;
    const votes = this.votes(track);
    return {
      target: track.name,
      verdict: track.verdict,
      sinceWallMs: track.sinceWallMs,
      votes,
      dissenters: dissenters(track, votes),
      neededCount: quorum.neededCount,
      memberCount: quorum.memberCount,
    };
  }

  votes(track: Track): readonly Vote[] {
    const { roll, speakers } = this.#world.circle;
    const votes: Vote[] = [];
    for (const speaker of speakers) {
      const verdict = speaker.verdict(track);
      if (verdict === undefined) continue;
      votes.push({
        observer: speaker.id,
        verdict,
        phi: speaker.phi(track),
        sinceWallMs: speaker.sinceWallMs(track),
        isCounted: roll.counted.includes(speaker),
      });
    }
    return votes;
  }

  #judge(track: Track): void {
    track.isToJudge = false;
    if (!this.#world.isWatched(track)) return;
    const { roll } = this.#world.circle;
    const [votes, memories] = [this.#countVotes(track), this.#countMemories(track)];
    const memory = nextMemory(track.memory, votes, memories, roll.quorum);
    const verdict = combinedVerdict(votes, isHeldDown(memory, memories), roll.quorum);
    if (memory !== track.memory) {
      track.memory = memory;
      this.#world.onMemory(track);
    }
    if (verdict === track.verdict) return;
    const from = track.verdict;
    const atWallMs = this.#world.wallMs();
    track.verdict = verdict;
    track.sinceWallMs = atWallMs;
    const said = this.votes(track);
    this.#world.onChange({
      target: track.name,
      from,
      to: verdict,
      dissenters: dissenters(track, said),
      reason: whoSaysWhat({
        votes: said,
        quorum: roll.quorum,
        verdict,
        silent: this.#world.circle.silent,
      }),
      atWallMs,
    });
  }

  #countVotes(track: Track): Readonly<Record<Verdict, number>> {
    const counts = this.#votes;
    counts.unknown = counts.up = counts.suspect = counts.down = 0;
    for (const speaker of this.#world.circle.roll.counted) {
      const verdict = speaker.verdict(track);
      if (verdict !== undefined) counts[verdict]++;
    }
    return counts;
  }

  /** Those of the others. */
  #countMemories(track: Track): Readonly<Record<DownMemory, number>> {
    const { circle } = this.#world;
    const counts = this.#memories;
    counts.none = counts.free = counts.held = 0;
    for (const speaker of circle.roll.present) {
      if (speaker !== circle.self) counts[speaker.memory(track)]++;
    }
    return counts;
  }
}

function dissenters({ verdict }: Track, votes: readonly Vote[]): readonly string[] {
  const counted = votes.filter(({ isCounted }) => isCounted);
  return dissentersOf(counted, verdict);
}
