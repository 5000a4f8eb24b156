/**
 * The ground truth: what a scenario did, to whom, and from when to when. Times are milliseconds since
 * the run began, by the harness's own clock, which is the clock of everything else that is recorded.
 */

export type FaultKind =
  | "server-delay"
  | "server-kill"
  | "server-slow"
  | "packet-loss"
  | "monitor-kill"
  | "monitor-pause"
  | "monitor-restart"
  | "monitor-upgrade"
  | "monitor-join"
  | "monitor-leave"
  | "partition"
  | "deaf"
  | "mute"
  | "disk-full"
  | "clock-jump";

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
  /** How much of it, in words; empty where its kind says all. */
  readonly measure: string;
}

/** What is said of a fault beside its kind and whom it was done to. */
export interface FaultDetails {
  readonly blocksWrites?: boolean;
  readonly measure?: string;
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
  begin(kind: FaultKind, members: readonly string[], details: FaultDetails = {}): () => void {
    const { blocksWrites = false, measure = "" } = details;
    const fault = { kind, members, fromMs: this.#nowMs(), untilMs: null, blocksWrites, measure };
    const entry: Fault & { untilMs: number | null } = fault;
    this.#faults.push(entry);
    return () => (entry.untilMs = this.#nowMs());
  }
}

/** Whether targets, not monitors, are what it was done to. */
export function isOfServers(fault: Fault): boolean {
  return isOutage(fault) || fault.kind === "server-slow" || fault.kind === "packet-loss";
}

/** Whether it is one that has to be called down, and for which alone "down" may be said. */
export function isOutage({ kind }: Fault): boolean {
  return kind === "server-delay" || kind === "server-kill";
}

/** Whether a monitor to which this is done does not see, or not for all of the time. */
export function isAbsence({ kind }: Fault): boolean {
  return kind.startsWith("monitor-");
}

/** Whether a monitor to which this is done does not know what the others see. */
export function isSeparation(fault: Fault): boolean {
  return ["partition", "deaf", "mute"].includes(fault.kind);
}

/** In words for a table and a chart: `leader` is no word here, as nobody knows it for sure. */
export function describeFault({ kind, members, measure }: Fault): string {
  const who = nameAll(members);
  switch (kind) {
    case "server-delay":
      return `${who} delayed`;
    case "server-kill":
      return `${who} killed`;
    case "server-slow":
      return `${who} answer ${measure} late`;
    case "packet-loss":
      return `${who} loses ${measure} of all packets, both ways`;
    case "monitor-kill":
      return `${who} killed (kill -9)`;
    case "monitor-pause":
      return `${who} paused`;
    case "monitor-restart":
      return `${who} restarted (SIGTERM)`;
    case "monitor-upgrade":
      return `${who} restarted as this version`;
    case "monitor-join":
      return `${who} joins`;
    case "monitor-leave":
      return `${who} removed, and stopped`;
    case "partition":
      return `${who} cut off from the other monitors`;
    case "deaf":
      return `${who} hears no other monitor`;
    case "mute":
      return `${who} is heard by no other monitor`;
    case "disk-full":
      return `${who} has a full disk`;
    case "clock-jump":
      return `${who} has its wall clock at ${measure}`;
  }
}

/** More names than these are not listed. */
const LISTED_NAMES = 4;

function nameAll(members: readonly string[]): string {
  if (members.length <= LISTED_NAMES) return members.join(" and ");
  return `${members[0]} to ${members.at(-1)} (${members.length})`;
}
