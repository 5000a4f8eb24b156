/** The series about alerts: what the record has and what this monitor did at the moment of a scrape in, families out. */
import { HOLDS, type AlertFacts } from "../alert/mod.ts";
import { formatFamilies, type MetricsFormat, type Sample, type Series, single } from "./text.ts";

/** In the order in which they are written. */
export const ALERT_SERIES = {
  open: {
    name: "phi_alerts_open",
    type: "gauge",
    help: "Incidents that are worth telling and go on; the same on every monitor.",
    labels: [],
  },
  sender: {
    name: "phi_alerts_sender",
    type: "gauge",
    help: "1 if this monitor is the one that sends alerts, else 0.",
    labels: [],
  },
  held: {
    name: "phi_alerts_held",
    type: "gauge",
    help: "1 for the reason for which this monitor leads and sends nothing new, 0 for the others.",
    labels: ["reason"],
  },
  queue: {
    name: "phi_alert_queue_length",
    type: "gauge",
    help: "Incidents that the receiver is yet to be told of; the same on every monitor.",
    labels: ["receiver"],
  },
  notifications: {
    name: "phi_alert_notifications_total",
    type: "counter",
    help: "Attempts of this monitor to tell the receiver, by outcome.",
    labels: ["receiver", "outcome"],
  },
  dropped: {
    name: "phi_alerts_dropped_total",
    type: "counter",
    help: "Incidents that somebody was never told of; the same on every monitor.",
    labels: [],
  },
  silences: {
    name: "phi_silences_active",
    type: "gauge",
    help: "Silences that hold now; the same on every monitor.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, Series>>;

/** Whole families, each line with its newline; one without a sample is left out. */
export function renderAlerts(facts: AlertFacts, format: MetricsFormat): string {
  const families: readonly (readonly [Series, readonly Sample[]])[] = [
    [ALERT_SERIES.open, single(facts.openCount)],
    [ALERT_SERIES.sender, single(Number(facts.isSender))],
    [
      ALERT_SERIES.held,
      HOLDS.map((reason) => ({ labels: { reason }, value: Number(facts.hold === reason) })),
    ],
    [
      ALERT_SERIES.queue,
      Object.entries(facts.queueLengths).map(([receiver, value]) => ({
        labels: { receiver },
        value,
      })),
    ],
    [
      ALERT_SERIES.notifications,
      facts.notifications.map(({ receiver, outcome, count }) => ({
        labels: { receiver, outcome },
        value: count,
      })),
    ],
    [ALERT_SERIES.dropped, single(facts.droppedCount)],
    [ALERT_SERIES.silences, single(facts.silenceCount)],
  ];
  return formatFamilies(families, format);
}
