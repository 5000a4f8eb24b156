/**
 * The ground truth: what a scenario did, to whom, and from when to when. Times are milliseconds since
 * the run began, by the harness's own clock, which is the clock of everything else that is recorded.
 */

export type FaultKind =
  | "server-delay"
  | "server-kill"
  | "monitor-kill"
  | "monitor-pause"
  | "partition";

export interface Fault {
  readonly kind: FaultKind;
  /** Whom it was done to. Never empty. */
  readonly members: readonly string[];
  /** When the harness began to do it. */
  readonly fromMs: number;
  /** When all of it had been taken back; null if it never was. */
  readonly untilMs: number | null;
  /** Whether it leaves no majority of monitors that could commit a write. */
  readonly blocksWrites: boolean;
}

export class FaultLog {
  readonly #nowMs: () => number;
  readonly #faults: (Fault & { untilMs: number | null })[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** In the order in which they began. */
  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** Call it before the fault is made; what it gives is to be called once it is taken back. */
  begin(kind: FaultKind, members: readonly string[], blocksWrites = false): () => void {
    const fault = { kind, members, fromMs: this.#nowMs(), untilMs: null, blocksWrites };
    const entry: Fault & { untilMs: number | null } = fault;
    this.#faults.push(entry);
    return () => (entry.untilMs = this.#nowMs());
  }
}

/** Whether targets, not monitors, are what it was done to. */
export function isOfServers({ kind }: Fault): boolean {
  return kind === "server-delay" || kind === "server-kill";
}

/** In words for a table and a chart: `leader` is no word here, as nobody knows it for sure. */
export function describeFault({ kind, members }: Fault): string {
  const who = members.join(" and ");
  switch (kind) {
    case "server-delay":
      return `${who} delayed`;
    case "server-kill":
      return `${who} killed`;
    case "monitor-kill":
      return `${who} killed (kill -9)`;
    case "monitor-pause":
      return `${who} paused`;
    case "partition":
      return `${who} cut off from the other monitors`;
  }
}
