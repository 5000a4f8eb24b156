/**
 * Judges targets: what the speakers say of one in, its combined verdict out, and to be kept in its track. A target
 * is judged at the end of the turn in which something of it has changed; all of them one after the other when
 * something of the circle has. Either way the event loop has its turns in between, however many they are.
 */
import type { Timers } from "../port.ts";
import {
  combinedVerdict,
  dissentersOf,
  isHeldDown,
  isNothingKnown,
  neededOf,
  nextMemory,
  type CombinedVerdict,
  type DownMemory,
  type Quorum,
  type Verdict,
  type VoteCounts,
} from "../verdict/mod.ts";
import type { Circle } from "./circle.ts";
import type { CombinedChange, CombinedReading, Vote } from "./reading.ts";
import type { TargetTable, Track } from "./target_table.ts";
import { whoSaysWhat } from "./who_says_what.ts";

/** What is done in a turn, in targets that stay what they are: about half a millisecond. */
const TARGETS_A_TURN = 1_000;
/** One that changes is told to many, and takes as long as so many that do not. */
const COST_OF_CHANGE = 40;

export interface JudgeWorld {
  readonly circle: Circle;
  readonly table: TargetTable;
  readonly timers: Timers;
  readonly wallMs: () => number;
  /** Whether who is there has had time to be heard. */
  readonly isSettled: () => boolean;
  /** What is remembered of it has changed: the others have to hear of it. */
  readonly onMemory: (track: Track) => void;
  readonly onChange: (change: CombinedChange) => void;
}

export class Judge {
  readonly #world: JudgeWorld;
  /** In the order in which they came; those before #next are done. */
  #waiting: Track[] = [];
  #next = 0;
  /** Those that are still to come of all of them; and whether all are to be judged once more after them. */
  #all: Iterator<Track> | null = null;
  #isAllAgain = false;
  #isRunning = false;
  #isClosed = false;
  // Counted anew for each target; kept, because a hundred thousand of them are judged in a row.
  readonly #votes: Record<Verdict, number> = { unknown: 0, up: 0, suspect: 0, down: 0 };
  readonly #memories: Record<DownMemory, number> = { none: 0, free: 0, held: 0 };

  constructor(world: JudgeWorld) {
    this.#world = world;
  }

  soon(track: Track): void {
    if (track.isToJudge) return;
    track.isToJudge = true;
    this.#waiting.push(track);
    this.#runSoon();
  }

  /** Under way it is not begun anew, or the last ones would wait for as long as others change. */
  allSoon(): void {
    if (this.#all === null) this.#all = this.#world.table.tracks();
    else this.#isAllAgain = true;
    this.#runSoon();
  }

  close(): void {
    this.#isClosed = true;
  }

  read(track: Track): CombinedReading {
    const quorum = this.#quorumOf(track);
    const votes = this.votes(track);
    return {
      target: track.name,
      verdict: track.verdict,
      sinceWallMs: track.sinceWallMs,
      votes,
      dissenters: dissentersOf(votes, track.verdict),
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
        phi: toFourPlaces(speaker.phi(track)),
        sinceWallMs: speaker.sinceWallMs(track),
        isCounted: roll.counted.includes(speaker),
      });
    }
    return votes;
  }

  #runSoon(): void {
    if (this.#isRunning || this.#isClosed) return;
    this.#isRunning = true;
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (!this.#isClosed && this.#judgeSome()) await this.#world.timers.yieldToLoop();
    this.#isRunning = false;
  }

  /** As many as a turn takes; whether there may be more. */
  #judgeSome(): boolean {
    for (let left = TARGETS_A_TURN; left > 0; left--) {
      const track = this.#take();
      if (track === undefined) return false;
      if (this.#judge(track)) left -= COST_OF_CHANGE;
    }
    return true;
  }

  /** Where something has changed first; undefined when all is done. */
  #take(): Track | undefined {
    const changed = this.#waiting[this.#next];
    if (changed !== undefined) {
      this.#next++;
      changed.isToJudge = false;
      return changed;
    }
    if (this.#next > 0) this.#waiting = [];
    this.#next = 0;
    return this.#takeOfAll();
  }

  #takeOfAll(): Track | undefined {
    while (this.#all !== null) {
      const next = this.#all.next();
      if (next.done !== true) return next.value;
      this.#all = this.#isAllAgain ? this.#world.table.tracks() : null;
      this.#isAllAgain = false;
    }
    return undefined;
  }

  /** Whether its combined verdict is another than before. */
  #judge(track: Track): boolean {
    if (!this.#world.table.has(track)) return false;
    const quorum = this.#quorumOf(track);
    const [votes, memories] = [this.#countVotes(track), this.#countMemories(track)];
    if (this.#isTooEarly(track, votes, quorum)) return false;
    const memory = nextMemory(track.memory, votes, memories, quorum);
    if (memory !== track.memory) {
      track.memory = memory;
      this.#world.onMemory(track);
    }
    const isHeld = isHeldDown(track.toldMemory, memories);
    const verdict = this.#lingering(track, combinedVerdict(votes, isHeld, quorum));
    if (verdict === track.verdict) return false;
    const from = track.verdict;
    const said = this.votes(track);
    const nowWallMs = this.#world.wallMs();
    const atWallMs = track.isJudged ? nowWallMs : sinceByVotes(said, verdict, quorum, nowWallMs);
    const isNews = track.isJudged || !track.isRecalled;
    track.verdict = verdict;
    track.sinceWallMs = atWallMs;
    track.isJudged = true;
    this.#world.onChange({
      isNews,
      target: track.name,
      from,
      to: verdict,
      dissenters: dissentersOf(said, verdict),
      reason: whoSaysWhat({
        votes: said,
        quorum,
        verdict,
        silent: this.#world.circle.silent,
      }),
      atWallMs,
    });
    return true;
  }

  /**
   * Others have told nothing yet to who has just begun: to say so of each target would be noise, and what is only
   * remembered may be known better by one who is still to be heard.
   */
  #isTooEarly(track: Track, votes: VoteCounts, { isMinority }: Quorum): boolean {
    const { circle, isSettled } = this.#world;
    if (!track.isRecalled || track.isJudged || isSettled()) return false;
    if (circle.roll.counted.some((speaker) => speaker.verdict(track) === undefined)) return true;
    if (isMinority) return true;
    return circle.silent.length > 0 && (isNothingKnown(votes) || this.#isAwaited(track, votes));
  }

  /** What was partial stays so while somebody still says down who has only just begun to doubt itself. */
  #lingering(track: Track, verdict: CombinedVerdict): CombinedVerdict {
    if (verdict !== "up" || track.verdict !== "partial") return verdict;
    const isHeld = this.#world.circle.roll.wavering.some(
      (speaker) => speaker.verdict(track) === "down",
    );
    return isHeld ? "partial" : verdict;
  }

  /** The quorum of the circle, unless the target's settings ask for another number of votes. */
  #quorumOf({ watch }: Track): Quorum {
    const { quorum } = this.#world.circle.roll;
    const { downVotes } = watch.target.monitor;
    if (downVotes === undefined) return quorum;
    return { ...quorum, neededCount: neededOf(quorum.memberCount, downVotes) };
  }

  #countVotes(track: Track): VoteCounts {
    const { counted, present } = this.#world.circle.roll;
    const counts = this.#votes;
    counts.unknown = counts.up = counts.suspect = counts.down = 0;
    for (const speaker of counted) {
      const verdict = speaker.verdict(track);
      if (verdict !== undefined) counts[verdict]++;
    }
    // Who has asked nobody yet does not outweigh the answer that one had who doubts itself.
    const isUnheard = isNothingKnown(counts) && present.length > counted.length;
    if (isUnheard && present.some((speaker) => speaker.verdict(track) === "up")) counts.unknown = 0;
    if (counts.up > 0 && counts.down === 0 && this.#isAwaited(track, counts)) counts.up = 0;
    return counts;
  }

  /**
   * Whether those who have only begun again, or are still to be heard, could yet call it down, as all held it before:
   * then whoever says up, and has all along, is no recovery. One who remembers otherwise, or holds it for up by now,
   * has seen it come back.
   */
  #isAwaited(track: Track, { down }: VoteCounts): boolean {
    if (track.isJudged && track.verdict !== "down") return false;
    const { circle, isSettled } = this.#world;
    const { counted, present } = circle.roll;
    if (present.some((speaker) => speaker.memory(track) === "free")) return false;
    const begunAgain = counted.filter(
      (speaker) => speaker.verdict(track) === "unknown" && speaker.memory(track) === "held",
    );
    const stillToHear = isSettled() ? 0 : circle.silent.length;
    const known = begunAgain.length + down;
    return known > 0 && known + stillToHear >= this.#quorumOf(track).neededCount;
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

/**
 * Since when all hold it for that, by those who say so: since the last of those that it takes. For `partial` the first
 * who says down is enough; where nobody says so, and it is only remembered, all do.
 */
function sinceByVotes(
  votes: readonly Vote[],
  verdict: CombinedVerdict,
  { neededCount }: Quorum,
  nowWallMs: number,
): number {
  const said = verdict === "partial" ? "down" : verdict;
  const counted = votes.filter(({ isCounted }) => isCounted);
  const sayers = counted.filter((vote) => vote.verdict === said);
  const sinces = (sayers.length > 0 ? sayers : counted)
    .map(({ sinceWallMs }) => sinceWallMs)
    .toSorted((left, right) => left - right);
  const last = verdict === "partial" ? 0 : Math.min(neededCount, sinces.length) - 1;
  return Math.min(sinces[last] ?? nowWallMs, nowWallMs);
}

/** More are noise, and ten more characters in every line that shows them. */
function toFourPlaces(phi: number): number {
  return phi < 1e9 ? Math.round(phi * 10_000) / 10_000 : phi;
}
