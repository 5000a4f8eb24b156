/** The alerts as others read them: the record and what this monitor knows beside it in, plain readings out. */
import type { AlertsConfig } from "../config/mod.ts";
import type { AlertContents, Incident } from "../store/mod.ts";
import type { Delivery } from "./delivery.ts";
import type { NotificationCounts } from "./notification_counts.ts";
import { originOf } from "./post.ts";
import type {
  AlertFacts,
  AlertsStatus,
  Hold,
  IncidentReading,
  ReceiverReading,
  WaitingReading,
} from "./reading.ts";
import type { ReceiverDesk } from "./receiver_desk.ts";
import type { RecordAges } from "./record_ages.ts";
import { RecordLook } from "./record_look.ts";
import { isActive } from "./silencing.ts";
import type { VerdictWatch } from "./verdict_watch.ts";
import { keyOf } from "./webhook.ts";

export interface Shown {
  readonly config: AlertsConfig | undefined;
  readonly desks: readonly ReceiverDesk[];
  readonly deliveries: ReadonlyMap<string, Delivery>;
  readonly verdicts: VerdictWatch;
  readonly contents: AlertContents;
  readonly wallMs: number;
  readonly nowMs: number;
  readonly ages: RecordAges;
  readonly isSender: boolean;
  readonly hold: Hold | null;
}

export function statusOf(
  shown: Shown,
  { clusterId }: { readonly clusterId: string },
): AlertsStatus {
  const { contents, desks, config, isSender, hold } = shown;
  const look = new RecordLook(contents, shown);
  return {
    isSender,
    hold,
    isConfigured: config !== undefined,
    incidents: incidentsOf(shown, clusterId),
    waiting: waitingOf(shown),
    receivers: desks.map((desk) => receiverReading(desk, shown, look, clusterId)),
    droppedCount: contents.droppedCount,
  };
}

export function factsOf(shown: Shown, counts: NotificationCounts): AlertFacts {
  const { contents, desks, wallMs, isSender, hold } = shown;
  const look = new RecordLook(contents, shown);
  const silences = [...contents.silences.values()];
  return {
    openCount: look.open.length,
    silenceCount: silences.filter((silence) => isActive(silence, wallMs)).length,
    droppedCount: contents.droppedCount,
    isSender,
    hold,
    queueLengths: Object.fromEntries(
      desks.map((desk) => [desk.receiver.name, queueLength(desk, look)]),
    ),
    notifications: counts.all(),
  };
}

function* incidentsOf(shown: Shown, clusterId: string): Generator<IncidentReading> {
  const { contents, desks } = shown;
  const look = new RecordLook(contents, shown);
  for (const incident of contents.incidents.values()) {
    yield incidentReading(incident, desks, look, clusterId);
  }
}

function incidentReading(
  incident: Incident,
  desks: readonly ReceiverDesk[],
  look: RecordLook,
  clusterId: string,
): IncidentReading {
  const { number, target, verdict, labels, reason, sinceWallMs, openedWallMs, closing } = incident;
  return {
    key: keyOf(clusterId, number),
    target,
    verdict,
    labels,
    reason,
    sinceWallMs,
    openedWallMs,
    closedWallMs: closing?.wallMs ?? null,
    closedReason: closing?.reason ?? null,
    silencedBy: look.silencesOf(incident).map(({ id }) => id),
    receivers: Object.fromEntries(
      desks.map((desk) => [desk.receiver.name, desk.standing(incident, look)]),
    ),
  };
}

/** Verdicts that will be told if they last. */
function waitingOf({ config, verdicts, nowMs }: Shown): readonly WaitingReading[] {
  const waiting: WaitingReading[] = [];
  for (const { target, verdict, sinceMs, sinceWallMs, isKnown } of verdicts.notUp()) {
    const rule = config?.rules.find((each) => each.verdict === verdict);
    const dueInMs = rule === undefined ? 0 : sinceMs + rule.forMillis - nowMs;
    if (isKnown && dueInMs > 0) waiting.push({ target, verdict, sinceWallMs, dueInMs });
  }
  return waiting;
}

function receiverReading(
  desk: ReceiverDesk,
  { contents, deliveries, isSender, nowMs }: Shown,
  look: RecordLook,
  clusterId: string,
): ReceiverReading {
  const { receiver } = desk;
  const notice = contents.notices.get(receiver.name);
  const delivery = isSender ? deliveries.get(receiver.name) : undefined;
  const urls = receiver.kind === "webhook" ? [receiver.url] : receiver.urls;
  return {
    name: receiver.name,
    kind: receiver.kind,
    origins: urls.map(originOf),
    queueLength: queueLength(desk, look),
    notice: notice
      ? {
          key: keyOf(clusterId, notice.number),
          incidents: notice.firing.length + notice.resolved.length,
          sinceWallMs: notice.atWallMs,
        }
      : null,
    failures: delivery?.failureCount ?? null,
    nextAttemptInMs:
      delivery === undefined || notice === undefined ? null : Math.max(delivery.nextMs - nowMs, 0),
    lastError: delivery?.lastError ?? null,
  };
}

function queueLength(desk: ReceiverDesk, look: RecordLook): number {
  const notice = look.contents.notices.get(desk.receiver.name);
  const underWay = (notice?.firing.length ?? 0) + (notice?.resolved.length ?? 0);
  return desk.owed(look).length + underWay;
}
