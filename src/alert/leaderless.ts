/**
 * What Alertmanager is told while nobody leads. Nothing new can be decided then, but silence would mean to it
 * that all is well. So every monitor repeats what its record has for open: Alertmanager knows alerts by their
 * labels, and many voices are one to it. A record may be old, of a monitor that is cut off from the one that
 * leads, or halted: so nobody repeats what is up by all that it sees. What it does not see it repeats, though the
 * others may have ended it: an alert too many is better than silence.
 */
import type { ObserversReading } from "../observers/mod.ts";
import type { AlertContents, Incident, TextByName } from "../store/mod.ts";

export interface LeaderlessWorld {
  /** Whether this monitor is a member of a cluster that nobody leads, as far as it knows: halted, it knows of nobody. */
  readonly isLeaderless: () => boolean;
  readonly observers: Pick<ObserversReading, "combined">;
  readonly targets: { labelsOf(target: string): TextByName | undefined };
  readonly nowMs: () => number;
}

/** Some elections. Less repeats what the next leader repeats anyway; more is too long for who repeats often. */
const WAIT_MS = 2_000;

export class Leaderless {
  readonly #world: LeaderlessWorld;
  #sinceMs: number | undefined;

  constructor(world: LeaderlessWorld) {
    this.#world = world;
  }

  /** Whether it has lasted for so long that this monitor repeats. To be asked again and again. */
  lasts(): boolean {
    const { isLeaderless, nowMs } = this.#world;
    this.#sinceMs = isLeaderless() ? (this.#sinceMs ?? nowMs()) : undefined;
    return this.#sinceMs !== undefined && nowMs() - this.#sinceMs >= WAIT_MS;
  }

  /** What may be repeated of what is open. */
  repeatable({ incidents }: AlertContents): readonly Incident[] {
    const { observers, targets } = this.#world;
    return [...incidents.values()].filter(
      ({ target }) =>
        targets.labelsOf(target) !== undefined && observers.combined(target)?.verdict !== "up",
    );
  }
}
