/** Whoever has a say about targets: this monitor itself, or another as it was heard. */
import type { MonitorReading } from "../monitor/mod.ts";
import type { DownMemory, Verdict } from "../verdict/mod.ts";
import type { Present } from "./roll_call.ts";
import type { TargetTable, Track } from "./target_table.ts";

export interface Speaker extends Present {
  readonly id: string;
  /** How many targets it holds for what. */
  readonly counts: Readonly<Record<Verdict, number>>;
  /** When it was heard last, by the monitor's clock; null if it never was, or is this monitor. */
  readonly heardMs: number | null;
  /** Since when it doubts itself as far as is known here, by the monitor's clock; null while it does not. */
  doubtSinceMs: number | null;
  isNewlyInDoubt: boolean;
  /** Undefined while it has said nothing of the target. */
  verdict(track: Track): Verdict | undefined;
  /** "none" while it has said nothing. */
  memory(track: Track): DownMemory;
  phi(track: Track): number;
  /** Unix time of its verdict's last change, by its own clock. */
  sinceWallMs(track: Track): number;
}

/** This monitor: what it says is what its watches are now, but for what is only remembered. */
export class SelfView implements Speaker {
  readonly id: string;
  readonly isHeard = true;
  readonly heardMs = null;
  isMember = false;
  doubtBits = 0;
  isNewlyInDoubt = false;
  /** By the monitor's clock; null while it does not doubt itself. */
  doubtSinceMs: number | null = null;
  readonly #monitor: Pick<MonitorReading, "nowMs" | "wallMsOf">;
  readonly #table: TargetTable;

  constructor(id: string, monitor: Pick<MonitorReading, "nowMs" | "wallMsOf">, table: TargetTable) {
    this.id = id;
    this.#monitor = monitor;
    this.#table = table;
  }

  get counts(): Readonly<Record<Verdict, number>> {
    return this.#table.ownCounts;
  }

  verdict({ ownVerdict }: Track): Verdict {
    return ownVerdict;
  }

  memory({ toldMemory }: Track): DownMemory {
    return toldMemory;
  }

  phi({ watch }: Track): number {
    return watch.phi(this.#monitor.nowMs());
  }

  sinceWallMs({ watch }: Track): number {
    return Math.round(this.#monitor.wallMsOf(watch.verdictSinceMs));
  }
}
