/** The series about the monitors as observers: what this one knows of each at the moment of a scrape in, families out. */
import { DOUBTS, type ObserverReading } from "../observers/mod.ts";
import { formatFamilies, type MetricsFormat, type Sample, type Series } from "./text.ts";

/** In the order in which they are written. */
export const OBSERVER_SERIES = {
  heard: {
    name: "phi_observer_heard",
    type: "gauge",
    help: "1 if this monitor hears the observer, else 0.",
    labels: ["observer"],
  },
  health: {
    name: "phi_observer_health",
    type: "gauge",
    help: "1 if the observer trusts itself, 0 if it doubts itself; not there while it is not heard.",
    labels: ["observer"],
  },
  doubt: {
    name: "phi_observer_doubt",
    type: "gauge",
    help: "1 for each reason for which the observer doubts itself now, 0 for the others.",
    labels: ["observer", "reason"],
  },
} as const satisfies Readonly<Record<string, Series>>;

/** Whole families, each line with its newline. */
export function renderObservers(
  observers: readonly ObserverReading[],
  format: MetricsFormat,
): string {
  const heard = observers.filter(({ isHeard }) => isHeard);
  const families: readonly (readonly [Series, readonly Sample[]])[] = [
    [
      OBSERVER_SERIES.heard,
      observers.map(({ id, isHeard }) => ({ labels: { observer: id }, value: Number(isHeard) })),
    ],
    [
      OBSERVER_SERIES.health,
      heard.map(({ id, doubts }) => ({
        labels: { observer: id },
        value: Number(doubts.length === 0),
      })),
    ],
    [
      OBSERVER_SERIES.doubt,
      heard.flatMap(({ id, doubts }) =>
        DOUBTS.map((reason) => ({
          labels: { observer: id, reason },
          value: Number(doubts.includes(reason)),
        })),
      ),
    ],
  ];
  return formatFamilies(families, format);
}
