/**
 * What the rest of the house may read of the alerts: what is open, who was told, what waits, and why nothing
 * is sent where nothing is. The API, the exposition and the page see alerts through these types.
 */
import type { AlertResult, Silence, TextByName } from "../store/mod.ts";

/** Why the one that leads tells nothing new now. */
export const HOLDS = [
  /** No alerts file was given to it. */
  "not_configured",
  /** It hears fewer observers than a majority. */
  "minority",
  /** It doubts itself. */
  "in_doubt",
  /** Members run a version that knows of no alerts, or were not heard of yet. */
  "older_members",
  /** What it is to tell cannot be written down first: for want of room on the disk, for one. */
  "cannot_record",
] as const;
export type Hold = (typeof HOLDS)[number];

/** How a receiver stands with an incident. */
export const STANDINGS = [
  /** It is to be told. */
  "pending",
  /** It would be told, but for a silence. */
  "silenced",
  /** It is being told. */
  "sending",
  "told",
  /** It was told of the end, too. */
  "resolved",
  /** Nobody could tell it in time, or it refused. */
  "dropped",
  /** It is not told of such verdicts, or it was over too soon. */
  "none",
] as const;
export type Standing = (typeof STANDINGS)[number];

export interface IncidentReading {
  readonly key: string;
  readonly target: string;
  readonly verdict: string;
  readonly labels: TextByName;
  readonly reason: string;
  readonly sinceWallMs: number;
  readonly openedWallMs: number;
  /** Null while it goes on. */
  readonly closedWallMs: number | null;
  readonly closedReason: string | null;
  /** Ids of the silences that match it now. */
  readonly silencedBy: readonly string[];
  readonly receivers: Readonly<Record<string, Standing>>;
}

/** A verdict that will be an incident if it lasts. */
export interface WaitingReading {
  readonly target: string;
  readonly verdict: string;
  readonly sinceWallMs: number;
  readonly dueInMs: number;
}

export interface ReceiverReading {
  readonly name: string;
  readonly kind: "alertmanager" | "webhook";
  /** Where it is, without what may be as good as a password. */
  readonly origins: readonly string[];
  /** Incidents that it is to be told of, those under way included. */
  readonly queueLength: number;
  /** What it is being told; null for nothing. */
  readonly notice: {
    readonly key: string;
    readonly incidents: number;
    readonly sinceWallMs: number;
  } | null;
  /** Below: of this monitor's own attempts, so null where another leads. */
  readonly failures: number | null;
  readonly nextAttemptInMs: number | null;
  readonly lastError: string | null;
}

/** Counts are of this process. */
export interface NotificationCount {
  readonly receiver: string;
  readonly outcome: NotificationOutcome;
  readonly count: number;
}

export const NOTIFICATION_OUTCOMES = [
  /** Taken, by one of its addresses at the least. */
  "delivered",
  /** An attempt that may be repeated. */
  "failed",
  /** The receiver will never take it. */
  "refused",
  /** Given up: nobody took it in time, or there is no such receiver any more. */
  "expired",
] as const;
export type NotificationOutcome = (typeof NOTIFICATION_OUTCOMES)[number];

export interface AlertsStatus {
  /** Whether this monitor is the one that sends. */
  readonly isSender: boolean;
  /** Why it sends nothing new; null where it does, and where another leads. */
  readonly hold: Hold | null;
  /** Whether it was given an alerts file. */
  readonly isConfigured: boolean;
  /** By number, ascending; made one by one as they are asked for. */
  readonly incidents: Iterable<IncidentReading>;
  readonly waiting: readonly WaitingReading[];
  readonly receivers: readonly ReceiverReading[];
  /** Incidents that somebody should have been told of and was not, since the cluster was founded. */
  readonly droppedCount: number;
}

/** What a scrape wants: cheaper than the whole. */
export interface AlertFacts {
  readonly openCount: number;
  readonly silenceCount: number;
  readonly droppedCount: number;
  readonly isSender: boolean;
  readonly hold: Hold | null;
  readonly queueLengths: Readonly<Record<string, number>>;
  readonly notifications: readonly NotificationCount[];
}

export type SilenceResult =
  | AlertResult
  /** These would not know of it. */
  | { readonly ok: false; readonly reason: "older_members"; readonly members: readonly string[] };

export interface AlertsReading {
  status(): AlertsStatus;
  facts(): AlertFacts;
  silences(): readonly Silence[];
  /** Replicated and durable once it is answered `ok`. Never rejects, and neither does the next. */
  silence(silence: Silence): Promise<SilenceResult>;
  unsilence(id: string): Promise<AlertResult>;
}
