/**
 * Where the search stands, with all that follows from it: what is done, what was spent of the unknown
 * outcomes, the state that it came to, who is still interested in which state, and whether something
 * is lost. Each step can be taken back, the last one first.
 */
import { Interest } from "./_interest.ts";
import { kindsOf, type Kinds } from "./_kinds.ts";
import type { Model } from "./model.ts";
import { Position } from "./_position.ts";
import { States } from "./_states.ts";
import { Supply } from "./_supply.ts";
import { NONE, Targets } from "./_targets.ts";
import type { Timeline } from "./_timeline.ts";

/** One operation of unknown outcome that took effect, and what that comes to. */
export interface Spending {
  readonly queue: number;
  readonly state: number;
  /** As `SpentCounts` numbers it. */
  readonly spent: number;
}

/** What to come back to. */
export interface Waypoint {
  readonly takenCount: number;
  readonly state: number;
  readonly spent: number;
  readonly isMoot: boolean;
}

export class Walk<State, Input, Output> {
  readonly #model: Model<State, Input, Output>;
  readonly #states: States<State>;
  readonly #interest: Interest<State, Input, Output>;
  readonly #supply: Supply<State, Input, Output>;
  readonly timeline: Timeline<Input, Output>;
  readonly targets: Targets<State, Input, Output>;
  readonly kinds: Kinds<Input, Output>;
  readonly position: Position;
  #state: number;
  #spent = 0;
  #isMoot = false;
  /** How often an operation was looked at, and how often the model was asked what one does. */
  lookCount = 0;
  #askCount = 0;
  /** By rank, for what is blind to the state and overwrites it: what it leaves, whatever was before. */
  readonly #blindAfter = new Map<number, number>();
  readonly #isTold: boolean;

  constructor(model: Model<State, Input, Output>, timeline: Timeline<Input, Output>) {
    this.#model = model;
    this.#isTold = model.tells !== undefined;
    this.timeline = timeline;
    const states = new States<State>((state) => model.key(state));
    this.#states = states;
    this.targets = new Targets(model, timeline, states);
    this.kinds = kindsOf(model, timeline, states, this.targets);
    this.position = new Position(timeline);
    this.#interest = new Interest(model, states, this.targets, this.kinds);
    this.#supply = new Supply(timeline, this.targets, this.kinds);
    this.#state = states.numberOf(model.initial, NONE);
  }

  get state(): number {
    return this.#state;
  }

  get spent(): number {
    return this.#spent;
  }

  get isMoot(): boolean {
    return this.#isMoot;
  }

  /** The work done so far: to ask costs about ten times as much as to look. */
  get steps(): number {
    return this.#askCount + Math.ceil(this.lookCount / 10);
  }

  get waypoint(): Waypoint {
    const { takenCount } = this.position;
    return { takenCount, state: this.#state, spent: this.#spent, isMoot: this.#isMoot };
  }

  /** `queue` is the one spent from since then, or `NONE`. */
  backTo({ takenCount, state, spent, isMoot }: Waypoint, queue: number): void {
    while (this.position.takenCount > takenCount) {
      const rank = this.position.putBack();
      this.#interest.putBack(rank);
      this.#supply.putBack(rank);
    }
    if (queue !== NONE) {
      this.#interest.unspend(queue);
      this.#supply.unspend(queue);
    }
    this.#state = state;
    this.#spent = spent;
    this.#isMoot = isMoot;
  }

  /** An operation that can be next takes effect; `state` is what `stateAfter` says. */
  take(rank: number, state: number): void {
    this.position.take(rank);
    this.#interest.take(rank);
    this.#supply.take(rank);
    this.#state = state;
  }

  spend({ queue, state, spent }: Spending): void {
    this.#interest.spend(queue);
    this.#supply.spend(queue);
    this.#state = state;
    this.#spent = spent;
  }

  /**
   * Takes all that could be next and loses nothing by it. What changes nothing is as well done now as
   * later. While the state is moot so is what is idle, if nobody tells a state by its being gone.
   */
  settle(): void {
    this.#isMoot = false;
    const { readOnly } = this.timeline;
    const { kindOf, isIdle } = this.kinds;
    const { position } = this;
    for (let rank = position.first(); rank !== NONE; rank = position.after(rank)) {
      this.lookCount++;
      if (readOnly[rank] === 1 && this.stateAfter(rank) !== NONE) this.take(rank, this.#state);
    }
    this.#isMoot = this.#interest.isMoot(this.#state);
    if (!this.#isMoot || !this.targets.areNeeds) return;
    for (let rank = position.first(); rank !== NONE; rank = position.after(rank)) {
      this.lookCount++;
      const kind = kindOf[rank]!;
      // Of what changes nothing, there may be some that could not be next before.
      const isFree = kind === NONE || isIdle[kind] === 1;
      if (isFree && this.stateAfter(rank) !== NONE) this.take(rank, this.#state);
    }
  }

  /** The state that the operation leads to; `NONE` where it does not fit. */
  stateAfter(rank: number): number {
    const known = this.#blindAfter.get(rank);
    if (known !== undefined) return known;
    const needed = this.targets.neededBy[rank]!;
    if (needed !== NONE && this.targets.numbers[needed] !== this.#state) return NONE;
    const { input, output } = this.timeline.returned[rank]!;
    const [kind, told] = [this.kinds.kindOf[rank]!, this.targets.toldBy[rank]!];
    const after = this.#after(input, output, kind, told);
    const isBlind = this.#isTold && told === NONE && this.kinds.isOverwriting[kind] === 1;
    if (isBlind) this.#blindAfter.set(rank, after);
    return after;
  }

  /** The state that an operation of unknown outcome leads to; `NONE` where it changes nothing. */
  stateAfterUnknown(queue: number): number {
    const { input, kind, told } = this.kinds.queues[queue]!;
    const state = this.#after(input, undefined, kind, told);
    return state === this.#state ? NONE : state;
  }

  isMootState(state: number): boolean {
    return this.#interest.isMoot(state);
  }

  /** Whether, once in `state`, something that is left no longer fits. That it is false proves nothing. */
  isHopeless(state: number): boolean {
    return this.#supply.isHopeless(state);
  }

  #after(input: Input, output: Output | undefined, kind: number, told: number): number {
    this.#askCount++;
    const after = this.#model.step(this.#states.at(this.#state), input, output);
    if (after === undefined) return NONE;
    if (kind === NONE) return this.#state;
    const isOverwriting = this.kinds.isOverwriting[kind] === 1;
    // What builds on a moot state makes another one, which is as good as this one.
    if (this.#isMoot && !isOverwriting && told === NONE) return this.#state;
    return this.#states.numberOf(after, isOverwriting ? kind : this.#states.originOf(this.#state));
  }
}
