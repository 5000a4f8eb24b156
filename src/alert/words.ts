/** What people read of incidents: a sentence each, and one for a notice of many. */
import type { Incident } from "../store/mod.ts";

const MOST_NAMES = 5;

type Said = Pick<Incident, "target" | "verdict">;

const HOW: Readonly<Record<string, string>> = {
  down: "is down",
  suspect: "is suspect",
  partial: "is down for some observers only",
};

/** `api-1 is down`. */
export function saidOf({ target, verdict }: Said): string {
  return `${target} ${HOW[verdict] ?? `is ${verdict}`}`;
}

/** `api-1 is down; resolved: api-2 is down`, with no more names than anybody would read. */
export function summaryOf(firing: readonly Said[], resolved: readonly Said[]): string {
  const parts = [listed(firing)];
  if (resolved.length > 0) parts.push(`resolved: ${listed(resolved)}`);
  return parts.filter((part) => part !== "").join("; ");
}

function listed(incidents: readonly Said[]): string {
  const shown = incidents.slice(0, MOST_NAMES).map(saidOf).join(", ");
  const more = incidents.length - MOST_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
