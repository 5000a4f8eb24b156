/**
 * What one other observer said: of itself, and of each target, by the slot that the target has here. In columns,
 * since a hundred thousand targets of four observers would be as many objects.
 */
import { VERDICTS, type DownMemory, type Verdict } from "../verdict/mod.ts";
import type { Speaker } from "./speaker.ts";
import type { Track } from "./target_table.ts";
import { memoryOf, NOTHING_SAID, verdictOf } from "./view_state.ts";

const FIRST_SLOTS = 64;

export class PeerView implements Speaker {
  readonly id: string;
  /** By the monitor's clock; null before it was heard. */
  heardMs: number | null = null;
  /** The run of the other monitor that all of this is of. */
  run: number | null = null;
  isMember = false;
  isHeard = false;
  doubtBits = 0;
  doubtSinceMs: number | null = null;
  isNewlyInDoubt = false;
  readonly counts: Record<Verdict, number> = { unknown: 0, up: 0, suspect: 0, down: 0 };
  #states = new Uint8Array(FIRST_SLOTS);
  #phis = new Float32Array(FIRST_SLOTS);
  #sinces = new Float64Array(FIRST_SLOTS);

  constructor(id: string) {
    this.id = id;
  }

  /** Whether its verdict or its memory is another than before. */
  say({ slot }: Track, state: number, phi: number, sinceWallMs: number): boolean {
    if (slot >= this.#states.length) this.#growTo(slot);
    const before = this.#states[slot]!;
    this.#phis[slot] = phi;
    this.#sinces[slot] = sinceWallMs;
    if (before === state) return false;
    this.#uncount(before);
    this.#states[slot] = state;
    this.counts[verdictOf(state)]++;
    return true;
  }

  verdict({ slot }: Track): Verdict | undefined {
    const state = this.#states[slot] ?? NOTHING_SAID;
    return state === NOTHING_SAID ? undefined : verdictOf(state);
  }

  memory({ slot }: Track): DownMemory {
    return memoryOf(this.#states[slot] ?? NOTHING_SAID);
  }

  phi({ slot }: Track): number {
    return this.#phis[slot] ?? 0;
  }

  sinceWallMs({ slot }: Track): number {
    return this.#sinces[slot] ?? 0;
  }

  forget({ slot }: Track): void {
    if (slot >= this.#states.length) return;
    this.#uncount(this.#states[slot]!);
    this.#states[slot] = NOTHING_SAID;
  }

  forgetAll(): void {
    this.#states.fill(NOTHING_SAID);
    for (const verdict of VERDICTS) this.counts[verdict] = 0;
  }

  #uncount(state: number): void {
    if (state !== NOTHING_SAID) this.counts[verdictOf(state)]--;
  }

  #growTo(slot: number): void {
    const length = Math.max(this.#states.length * 2, slot + 1);
    const states = new Uint8Array(length);
    const phis = new Float32Array(length);
    const sinces = new Float64Array(length);
    states.set(this.#states);
    phis.set(this.#phis);
    sinces.set(this.#sinces);
    this.#states = states;
    this.#phis = phis;
    this.#sinces = sinces;
  }
}
