/**
 * Where φ was lately, for the targets that were looked at: points in, curves out. Bounded in length and number;
 * who was not looked at for longest goes first.
 */

export interface TrailPoint {
  /** Unix time by the monitor's clock. */
  readonly atMs: number;
  readonly phi: number;
}

/** Two minutes of twice a second. */
export const MAX_POINTS = 240;
const MAX_TRAILS = 200;
/** Answers that overtook each other are not so far apart. */
const SET_BACK_MS = 5_000;

export class PhiTrails {
  readonly #trails = new Map<string, TrailPoint[]>();

  push(name: string, point: TrailPoint): void {
    let trail = this.#trails.get(name) ?? [];
    const last = trail.at(-1) ?? { atMs: Number.NEGATIVE_INFINITY };
    // The monitor's clock was set back: there is no going on from what it said before.
    if (point.atMs < last.atMs - SET_BACK_MS) trail = [];
    else if (point.atMs <= last.atMs) return;
    trail.push(point);
    if (trail.length > MAX_POINTS) trail.shift();
    this.#trails.delete(name);
    this.#trails.set(name, trail);
    if (this.#trails.size > MAX_TRAILS) {
      for (const oldest of this.#trails.keys()) {
        this.#trails.delete(oldest);
        break;
      }
    }
  }

  /** In the order of time; empty if nothing is known. */
  of(name: string): readonly TrailPoint[] {
    return this.#trails.get(name) ?? [];
  }
}
