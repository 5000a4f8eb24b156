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

export class PhiTrails {
  readonly #trails = new Map<string, TrailPoint[]>();

  push(name: string, point: TrailPoint): void {
    const trail = this.#trails.get(name) ?? [];
    const last = trail.at(-1);
    // The monitor's clock was set back, or two answers overtook each other.
    if (last !== undefined && point.atMs <= last.atMs) return;
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
