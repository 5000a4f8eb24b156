/** What is known of the observers, as the API says it: names, seconds, and times that people can read. */
import type { WatchReading } from "../monitor/mod.ts";
import type {
  CombinedChange,
  CombinedReading,
  ObserverChange,
  ObserverReading,
  ObserversReading,
  Vote,
} from "../observers/mod.ts";
import type {
  CombinedEvent,
  CombinedView,
  CombinedWithVotesView,
  ObserverEvent,
  ObserversView,
  ObserverView,
} from "./observer_schemas.ts";
import { formatRfc3339 } from "../moment/mod.ts";
import { seconds } from "./rounding.ts";

export function viewCombined(combined: CombinedReading): CombinedView {
  return {
    verdict: combined.verdict,
    since: formatRfc3339(combined.sinceWallMs),
    needed: combined.neededCount,
    members: combined.memberCount,
    dissenters: [...combined.dissenters],
  };
}

export function viewCombinedWithVotes(combined: CombinedReading): CombinedWithVotesView {
  const votes = combined.votes.map(({ observer, verdict, phi, sinceWallMs, isCounted }) => ({
    observer,
    verdict,
    phi,
    since: formatRfc3339(sinceWallMs),
    counted: isCounted,
  }));
  return { ...viewCombined(combined), votes };
}

export function viewObservers(observers: ObserversReading): ObserversView {
  const all = observers.observers();
  return {
    self: all.find(({ isSelf }) => isSelf)?.id ?? "",
    members: observers.memberCount,
    needed: observers.neededCount,
    minority: observers.isMinority,
    observers: all.map(viewObserver),
  };
}

export function viewObserver(observer: ObserverReading): ObserverView {
  return {
    id: observer.id,
    self: observer.isSelf,
    heard: observer.isHeard,
    silentSeconds: observer.silentMs === null ? null : seconds(observer.silentMs),
    inDoubt: observer.doubts.length > 0,
    doubts: [...observer.doubts],
    targets: observer.targetCounts === null ? null : { ...observer.targetCounts },
  };
}

export function viewCombinedChange(change: CombinedChange): CombinedEvent {
  const { target, from, to, dissenters, reason, atWallMs } = change;
  const at = formatRfc3339(atWallMs);
  return { target, from, to, at, dissenters: [...dissenters], reason };
}

export function viewObserverChange({ observer, atWallMs }: ObserverChange): ObserverEvent {
  const { id, isHeard, doubts } = observer;
  const at = formatRfc3339(atWallMs);
  return { id, heard: isHeard, inDoubt: doubts.length > 0, doubts: [...doubts], at };
}

const LETTERS = { up: "u", suspect: "s", down: "d", unknown: "n" } as const;

/** The document's lines: who the observers are, then each target with what they say. */
export function* matrixLines(
  ids: readonly string[],
  watches: Iterable<WatchReading>,
  observers: ObserversReading,
): Generator<string> {
  for (const { target } of watches) {
    const votes = observers.combined(target.name)?.votes ?? [];
    yield `${JSON.stringify(target.name)}:"${letters(ids, votes)}"`;
  }
}

/** A letter for each observer: of its vote, a capital one if that is not counted; a hyphen for none. */
function letters(ids: readonly string[], votes: readonly Vote[]): string {
  let text = "";
  for (const id of ids) {
    const vote = votes.find(({ observer }) => observer === id);
    const letter = vote === undefined ? "-" : LETTERS[vote.verdict];
    text += vote?.isCounted === false ? letter.toUpperCase() : letter;
  }
  return text;
}
