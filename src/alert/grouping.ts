/**
 * What goes into one notice of a webhook: incidents in, groups of those with the same values of some labels
 * out; and how long each group has waited for what may come with it.
 */
import type { Incident, TextByName } from "../store/mod.ts";
import { labelOf } from "./silencing.ts";

export interface Group {
  readonly key: string;
  readonly labels: TextByName;
  readonly incidents: readonly Incident[];
}

/** In the order in which their first incidents stand. */
export function groupsOf(
  incidents: readonly Incident[],
  groupBy: readonly string[],
): readonly Group[] {
  const groups = new Map<string, { labels: TextByName; incidents: Incident[] }>();
  for (const incident of incidents) {
    const values = groupBy.map((name) => labelOf(incident, name));
    const key = values.length === 0 ? "" : JSON.stringify(values);
    const group = groups.get(key);
    if (group !== undefined) group.incidents.push(incident);
    else {
      const labels = Object.fromEntries(groupBy.map((name, place) => [name, values[place]!]));
      groups.set(key, { labels, incidents: [incident] });
    }
  }
  return Array.from(groups, ([key, group]) => ({ key, ...group }));
}

/** Since when each group of one receiver waits. */
export class GroupWaits {
  #sinceMs = new Map<string, number>();

  /** Those that have waited long enough. Whoever is not among the groups waits no longer. */
  ripe(groups: readonly Group[], waitMillis: number, nowMs: number): readonly Group[] {
    const waiting = new Map<string, number>();
    for (const { key } of groups) waiting.set(key, this.#sinceMs.get(key) ?? nowMs);
    this.#sinceMs = waiting;
    return groups.filter(({ key }) => nowMs - waiting.get(key)! >= waitMillis);
  }
}
