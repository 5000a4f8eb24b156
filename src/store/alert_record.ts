/**
 * What the cluster has to agree on to alert: which verdicts are held to be worth telling (incidents), who
 * is being told of which (notices), and what is to be kept quiet (silences). It is written by the one that
 * leads: what it is about to send before it sends it, what became of it after. So whoever leads next knows
 * what is owed to whom, and sends again, under the same number, what may have been sent and was not recorded.
 */

/** A text for each name. */
export type TextByName = Readonly<Record<string, string>>;

/** How a receiver stands with an incident; nothing while it has heard nothing of it. */
export type Telling =
  /** It took a notice of its beginning. */
  | "firing"
  /** It took one of its end: nothing more is owed. */
  | "resolved"
  /** A notice of it was given up: nothing more is owed, and an end of it would say nothing to anybody. */
  | "dropped";

/** One verdict on one target, from when it had lasted long enough to be told until it is forgotten. */
export interface Incident {
  /** Never given twice in a cluster; ascending in the order of opening. */
  readonly number: number;
  readonly target: string;
  readonly verdict: string;
  /** As they were when it opened: its end is told with the same. */
  readonly labels: TextByName;
  /** In a few words, for people. */
  readonly reason: string;
  /** Unix times, by the clock of whoever led. Since when the verdict held, and when it was held worth telling. */
  readonly sinceWallMs: number;
  readonly openedWallMs: number;
  /** Undefined while it is open. */
  readonly closing: Closing | undefined;
  /** By the receiver's name. */
  readonly told: ReadonlyMap<string, Telling>;
}

export interface Closing {
  readonly wallMs: number;
  readonly reason: string;
  /** Whether a silence held it back when it ended: then those who have heard nothing of it never will. */
  readonly isSilenced: boolean;
}

/** What one receiver is to be told in one piece, recorded before it is sent. Invariant: one a receiver. */
export interface Notice {
  /** From the same count as the incidents' numbers. */
  readonly number: number;
  readonly receiver: string;
  /** The labels that its incidents have in common by the receiver's grouping. */
  readonly group: TextByName;
  /** Numbers of incidents, ascending; not both empty. */
  readonly firing: readonly number[];
  readonly resolved: readonly number[];
  /** Unix time of the decision to send it. */
  readonly atWallMs: number;
}

/** `NAME=PATTERN` or `NAME!=PATTERN`; `*` stands for any number of characters. A missing label is empty. */
export interface Matcher {
  readonly name: string;
  readonly isEqual: boolean;
  readonly pattern: string;
}

/** What matches all of the matchers is not told between the two times. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  /** Unix times. */
  readonly startsWallMs: number;
  readonly endsWallMs: number;
  readonly author: string;
  readonly comment: string;
  readonly createdWallMs: number;
}

/** All of it, as of one place in the log. It never changes. */
export interface AlertContents {
  /** The next incident or notice gets this. Invariant: above all numbers given. */
  readonly nextNumber: number;
  /** Incidents that somebody should have been told of and will not be, since the cluster was founded. */
  readonly droppedCount: number;
  /** By number, ascending. */
  readonly incidents: ReadonlyMap<number, Incident>;
  /** By receiver. */
  readonly notices: ReadonlyMap<string, Notice>;
  /** By id. */
  readonly silences: ReadonlyMap<string, Silence>;
}

export type NewIncident = Pick<
  Incident,
  "target" | "verdict" | "labels" | "reason" | "sinceWallMs"
>;
export type NewNotice = Pick<Notice, "receiver" | "group" | "firing" | "resolved">;

/** `wallMs` is the Unix time of whoever proposes: a replica has no clock of its own. */
export type AlertCommand =
  | { readonly kind: "open"; readonly wallMs: number; readonly incidents: readonly NewIncident[] }
  | {
      readonly kind: "close";
      readonly incidents: readonly ({ readonly number: number } & Closing)[];
    }
  | { readonly kind: "notify"; readonly wallMs: number; readonly notices: readonly NewNotice[] }
  /** What became of notices: delivered, or given up. */
  | {
      readonly kind: "settle";
      readonly outcomes: readonly { readonly number: number; readonly isDelivered: boolean }[];
    }
  /** Incidents that are over and owed to nobody. */
  | { readonly kind: "forget"; readonly numbers: readonly number[] }
  | { readonly kind: "silence"; readonly silence: Silence }
  | { readonly kind: "unsilence"; readonly id: string };

/** How a command ended that the record has decided on: every replica says the same. */
export type AlertAnswer =
  /** `count`: how many of what the command asked for were done; the rest was done already, or cannot be. */
  | { readonly ok: true; readonly count: number }
  | { readonly ok: false; readonly reason: "too_many_silences"; readonly limit: number }
  /** Another silence has this id. */
  | { readonly ok: false; readonly reason: "silence_exists" }
  | { readonly ok: false; readonly reason: "unknown_silence" };
