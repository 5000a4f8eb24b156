/** Alerts and silences as the API says them: names, seconds, and times that people can read. */
import type { AlertsStatus, IncidentReading, ReceiverReading } from "../alert/mod.ts";
import type { Matcher, Silence } from "../store/mod.ts";
import type { AlertsView, IncidentView, SilenceView } from "./alert_schemas.ts";
import { formatRfc3339 } from "../moment/mod.ts";
import { seconds } from "./rounding.ts";

export function viewAlerts(status: AlertsStatus, leader: string | null): AlertsView {
  return {
    leader,
    sender: status.isSender,
    configured: status.isConfigured,
    hold: status.hold,
    dropped: status.droppedCount,
    waiting: status.waiting.map(({ target, verdict, sinceWallMs, dueInMs }) => ({
      target,
      verdict,
      since: formatRfc3339(sinceWallMs),
      dueInSeconds: seconds(dueInMs),
    })),
    receivers: status.receivers.map(viewReceiver),
  };
}

function viewReceiver(receiver: ReceiverReading): AlertsView["receivers"][number] {
  const { name, kind, origins, queueLength, notice, failures, nextAttemptInMs } = receiver;
  return {
    name,
    kind,
    at: [...origins],
    queue: queueLength,
    notice: notice && {
      key: notice.key,
      incidents: notice.incidents,
      since: formatRfc3339(notice.sinceWallMs),
    },
    failures,
    nextAttemptSeconds: nextAttemptInMs === null ? null : seconds(nextAttemptInMs),
    lastError: receiver.lastError,
  };
}

export function viewIncident(incident: IncidentReading): IncidentView {
  const { key, target, verdict, labels, reason, closedWallMs, closedReason } = incident;
  return {
    key,
    target,
    verdict,
    labels: { ...labels },
    reason,
    since: formatRfc3339(incident.sinceWallMs),
    openedAt: formatRfc3339(incident.openedWallMs),
    closedAt: closedWallMs === null ? null : formatRfc3339(closedWallMs),
    closedReason,
    silencedBy: [...incident.silencedBy],
    receivers: { ...incident.receivers },
  };
}

export function viewSilence(silence: Silence, wallMs: number): SilenceView {
  const { id, matchers, startsWallMs, endsWallMs, author, comment, createdWallMs } = silence;
  return {
    id,
    matchers: matchers.map(formatMatcher),
    startsAt: formatRfc3339(startsWallMs),
    endsAt: formatRfc3339(endsWallMs),
    author,
    comment,
    createdAt: formatRfc3339(createdWallMs),
    status: endsWallMs <= wallMs ? "expired" : startsWallMs > wallMs ? "pending" : "active",
  };
}

function formatMatcher({ name, isEqual, pattern }: Matcher): string {
  return `${name}${isEqual ? "=" : "!="}${pattern}`;
}
