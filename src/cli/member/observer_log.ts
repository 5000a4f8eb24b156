/**
 * Says in the log what all observers hold of a target when that changes, one line each, and who of them is heard
 * and doubts itself. A monitor that is alone has said it all with its own verdicts.
 */
import type { Logger } from "@logtape/logtape";
import type { CombinedChange, ObserverChange, ObserversReading } from "../../observers/mod.ts";

/** The result ends it. */
export function logObservers(observers: ObserversReading, log: Logger): () => void {
  const stops = [
    observers.onCombinedChange((change) => {
      if (observers.memberCount > 1 && change.isNews) logCombined(log, change);
    }),
    // What this one doubts of itself is said with what it has seen, by `self_doubt_log.ts`.
    observers.onObserverChange((change) => {
      if (!change.observer.isSelf) logObserver(log, change);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function logCombined(log: Logger, { target, from, to, reason, dissenters }: CombinedChange): void {
  const level = to === "up" ? "info" : "warning";
  const properties = { target, from, to, reason, dissenters: dissenters.join(", ") };
  log[level]("{target}, all observers: {from} -> {to}: {reason}", properties);
}

function logObserver(log: Logger, { observer }: ObserverChange): void {
  const { id: who, isHeard, doubts } = observer;
  const properties = { who, reasons: doubts.join(", ") };
  if (!isHeard) log.warning("{who} is not heard: it is not counted as saying anything", properties);
  else if (doubts.length === 0) log.info("{who} is heard, and trusts itself", properties);
  else log.warning("{who} doubts itself ({reasons}): its votes are not counted", properties);
}
