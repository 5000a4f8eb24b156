/**
 * Every target with its verdicts, as the events tell them: snapshots and changes in, rows in the order in which
 * people want them out. Bad news comes first, and within a verdict the order of the config, because
 * rows that jump about cannot be read. Each change costs the same however many targets there are, and the
 * order is made only when somebody looks, in one pass.
 */
import type { CombinedVerdict, Verdict } from "../../verdict/mod.ts";
import { WORST_FIRST } from "../words.ts";
import type { CombinedData, SnapshotData, VerdictData } from "./answers.ts";
import { momentOf } from "./moment.ts";

export interface BoardRow {
  readonly name: string;
  /** The monitor's own verdict. */
  readonly verdict: Verdict;
  /** Null where the monitor knows no other observers. */
  readonly combined: CombinedVerdict | null;
  /** What counts: the combined verdict where there is one. */
  readonly shown: CombinedVerdict;
  /** Unix time by the monitor's clock at which `shown` became what it is; NaN if not known. */
  readonly sinceMs: number;
}

export interface BoardFilter {
  /** Empty for all. */
  readonly verdicts: ReadonlySet<CombinedVerdict>;
  /** Words that all have to be in the name, in any case. */
  readonly search: string;
}

export const NO_FILTER: BoardFilter = { verdicts: new Set(), search: "" };

type Counts = Readonly<Record<CombinedVerdict, number>>;

type Change = { -readonly [Key in keyof BoardRow]?: BoardRow[Key] };

interface Entry {
  row: BoardRow;
  readonly lowerName: string;
}

export class TargetBoard {
  /** In the order of the config; those that came later are at the end. */
  readonly #entries = new Map<string, Entry>();
  /** Rises with every change. */
  #version = 0;
  #sorted: { readonly version: number; readonly entries: readonly Entry[] } | undefined;
  #counted: { readonly version: number; readonly counts: Counts } | undefined;
  #seen: { version: number; filter: BoardFilter; rows: readonly BoardRow[] } | undefined;

  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#entries.size;
  }

  row(name: string): BoardRow | undefined {
    return this.#entries.get(name)?.row;
  }

  /** All that there is from now on. */
  replace({ targets }: SnapshotData): void {
    const before = new Map(this.#entries);
    this.#entries.clear();
    for (const { target, verdict, since, combined = null } of targets) {
      const shown = combined ?? verdict;
      const known = before.get(target)?.row;
      // A snapshot says only since when the monitor's own verdict holds.
      const sinceMs =
        known?.shown === shown && known.combined === combined ? known.sinceMs : momentOf(since);
      const row = { name: target, verdict, combined, shown, sinceMs };
      this.#entries.set(target, { row, lowerName: target.toLowerCase() });
    }
    this.#version++;
  }

  /** The monitor's own verdict changed. */
  applyVerdict({ target, to, at }: VerdictData): void {
    this.#change(target, { verdict: to }, momentOf(at));
  }

  applyCombined({ target, to, at }: CombinedData): void {
    this.#change(target, { combined: to }, momentOf(at));
  }

  /** What an answer said of a target; more exact about the time than events are. */
  correct(
    name: string,
    verdict: Verdict,
    combined: CombinedVerdict | null,
    since: string | null,
  ): void {
    const sinceMs = momentOf(since);
    this.#change(name, { verdict, combined, sinceMs }, sinceMs);
  }

  remove(name: string): void {
    if (this.#entries.delete(name)) this.#version++;
  }

  /** By what counts of each. */
  counts(): Counts {
    if (this.#counted?.version === this.#version) return this.#counted.counts;
    const counts = { unknown: 0, up: 0, suspect: 0, partial: 0, down: 0 };
    for (const { row } of this.#entries.values()) counts[row.shown]++;
    this.#counted = { version: this.#version, counts };
    return counts;
  }

  /** The same array as before if nothing has changed. */
  rows(filter: BoardFilter = NO_FILTER): readonly BoardRow[] {
    const seen = this.#seen;
    if (seen?.version === this.#version && seen.filter === filter) return seen.rows;
    const words = filter.search
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    const rows: BoardRow[] = [];
    for (const { row, lowerName } of this.#inOrder()) {
      if (filter.verdicts.size > 0 && !filter.verdicts.has(row.shown)) continue;
      if (words.every((word) => lowerName.includes(word))) rows.push(row);
    }
    this.#seen = { version: this.#version, filter, rows };
    return rows;
  }

  #inOrder(): readonly Entry[] {
    if (this.#sorted?.version === this.#version) return this.#sorted.entries;
    const groups: Record<CombinedVerdict, Entry[]> = {
      unknown: [],
      up: [],
      suspect: [],
      partial: [],
      down: [],
    };
    for (const entry of this.#entries.values()) groups[entry.row.shown].push(entry);
    const entries = WORST_FIRST.flatMap((verdict) => groups[verdict]);
    this.#sorted = { version: this.#version, entries };
    return entries;
  }

  /** A target that was not known is new; what nobody has said of it is not known. */
  #change(name: string, change: Change, atMs: number): void {
    const entry = this.#entries.get(name);
    const before = entry?.row ?? UNKNOWN_ROW;
    const after = { ...before, name, ...change };
    after.shown = after.combined ?? after.verdict;
    if (after.shown !== before.shown) after.sinceMs = atMs;
    if (entry !== undefined && isSame(before, after)) return;
    if (entry === undefined) {
      this.#entries.set(name, { row: after, lowerName: name.toLowerCase() });
    } else entry.row = after;
    this.#version++;
  }
}

const UNKNOWN_ROW: BoardRow = {
  name: "",
  verdict: "unknown",
  combined: null,
  shown: "unknown",
  sinceMs: Number.NaN,
};

function isSame(left: BoardRow, right: BoardRow): boolean {
  return (
    left.verdict === right.verdict &&
    left.combined === right.combined &&
    Object.is(left.sinceMs, right.sinceMs)
  );
}
