/**
 * Which of the addresses that a name stands for may be connected to. Whoever answers for the name says how many
 * there are: so only the first few are looked at, and of many refusals the first are told.
 */
import type { NetCheck } from "./net_policy.ts";

/**
 * A probe gives each address an equal share of its time: of the default 5 s a sixteenth is 0.3 s, which a
 * connection to the other side of the earth just needs. With more addresses each would be tried in vain.
 */
const MAX_ADDRESSES = 16;
const MAX_REFUSALS_TOLD = 3;

export type AllowedAmong =
  | { readonly ok: true; readonly ips: readonly string[] }
  | { readonly ok: false; readonly detail: string };

/** Of the first 16 that differ those that pass `check`, in their order; none at all is a failure. */
export function allowedAmong(
  ips: readonly string[],
  check: (ip: string) => NetCheck,
): AllowedAmong {
  const allowed: string[] = [];
  const refusals: string[] = [];
  for (const ip of new Set(ips)) {
    if (allowed.length + refusals.length === MAX_ADDRESSES) break;
    const checked = check(ip);
    if (checked.ok) allowed.push(ip);
    else refusals.push(checked.detail);
  }
  if (allowed.length > 0) return { ok: true, ips: allowed };
  const told = refusals.slice(0, MAX_REFUSALS_TOLD);
  const moreCount = refusals.length - told.length;
  return {
    ok: false,
    detail: [...told, ...(moreCount > 0 ? [`and ${moreCount} more`] : [])].join("; "),
  };
}
