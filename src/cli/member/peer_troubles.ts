/**
 * Says why this monitor has no connection to a peer, and whom it has refused itself: one that was removed, has
 * another secret or belongs to another cluster learns it from its log. Each reason is said once until the peer
 * is reached again; of strangers, once an hour.
 */
import type { PeerStats, PeerTransportStats } from "../../peer/mod.ts";
import type { Timers } from "../../port.ts";

export interface PeerTroublesGrants {
  readonly timers: Timers;
  readonly tell: (level: "info" | "warning", line: string) => void;
}

const LOOK_EVERY_MS = 1_000;
/** Strangers choose some of the words, and are not to fill the memory, or the log. */
const MOST_REASONS = 20;
const LOOKS_AN_HOUR = 3_600_000 / LOOK_EVERY_MS;

/** Looks once a second; the result ends that. */
export function tellPeerTroubles(
  stats: () => PeerTransportStats,
  { timers, tell }: PeerTroublesGrants,
): () => void {
  const peers = new Map<string, Set<string>>();
  const refusals = new Set<string>();
  let refusedConnections = 0;
  let looks = 0;
  const look = () => {
    // Or whoever has filled it with nonsense has silenced all others for good.
    if (++looks % LOOKS_AN_HOUR === 0) refusals.clear();
    const now = stats();
    for (const peer of now.peers) lookAt(peer, peers, tell);
    if (now.refusedConnections > refusedConnections && isNew(refusals, now.lastRefusal)) {
      tell("warning", `a connection for peers was refused: ${now.lastRefusal}`);
    }
    refusedConnections = now.refusedConnections;
    cancel = timers.after(LOOK_EVERY_MS, look);
  };
  let cancel = timers.after(LOOK_EVERY_MS, look);
  return () => cancel();
}

function lookAt(
  { id, address, isConnected, lastRefusal }: PeerStats,
  peers: Map<string, Set<string>>,
  tell: PeerTroublesGrants["tell"],
): void {
  const reasons = peers.get(id);
  if (isConnected) {
    if (reasons !== undefined) tell("info", `${id} at ${address} is reached again`);
    peers.delete(id);
    return;
  }
  if (lastRefusal === undefined) return;
  const known = reasons ?? new Set();
  peers.set(id, known);
  if (isNew(known, lastRefusal)) {
    tell("warning", `${id} at ${address} cannot be reached: ${lastRefusal}`);
  }
}

function isNew(reasons: Set<string>, reason: string | undefined): boolean {
  if (reason === undefined || reasons.has(reason) || reasons.size >= MOST_REASONS) return false;
  reasons.add(reason);
  return true;
}
