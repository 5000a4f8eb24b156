/**
 * Incidents as Alertmanager (v2 API) is told them. It knows an alert by its labels, so that telling it twice is
 * telling it once, and it takes for resolved what it has not heard of until `endsAt`: that is why what goes on
 * is repeated.
 */
import type { AlertmanagerReceiver } from "../config/mod.ts";
import type { Incident } from "../store/mod.ts";
import type { Post } from "./post.ts";
import { keyOf, type Telling } from "./webhook.ts";
import { saidOf } from "./words.ts";

/** Repetitions that may be lost before Alertmanager holds an alert for resolved. As Prometheus does. */
const LOST_REPETITIONS = 4;

export interface Said {
  readonly firing: readonly Incident[];
  readonly resolved: readonly Incident[];
}

/** For one of its URLs. */
export function alertmanagerPost(
  { timeoutMillis, repeatMillis }: AlertmanagerReceiver,
  url: string,
  { firing, resolved }: Said,
  telling: Telling,
): Post {
  const untilWallMs = telling.wallMs + LOST_REPETITIONS * repeatMillis;
  // It takes them one after the other: what has ended and begun again is what it is by the last.
  const body = JSON.stringify([
    ...resolved.map((incident) =>
      alertOf(incident, incident.closing?.wallMs ?? telling.wallMs, telling),
    ),
    ...firing.map((incident) => alertOf(incident, untilWallMs, telling)),
  ]);
  return { url: `${url.replace(/\/+$/u, "")}/api/v2/alerts`, headers: {}, body, timeoutMillis };
}

const ALERT_NAMES: Readonly<Record<string, string>> = {
  down: "PhiTargetDown",
  partial: "PhiTargetPartial",
  suspect: "PhiTargetSuspected",
};

function alertOf(
  incident: Incident,
  endsWallMs: number,
  { clusterId, formatTime }: Telling,
): object {
  const { number, target, verdict, labels, reason, sinceWallMs } = incident;
  return {
    labels: {
      ...withoutEmpty(labels),
      alertname: ALERT_NAMES[verdict] ?? `PhiTarget ${verdict}`,
      target,
      verdict,
    },
    annotations: {
      summary: saidOf(incident),
      description: reason,
      key: keyOf(clusterId, number),
    },
    startsAt: formatTime(sinceWallMs),
    // An end before the beginning would be refused; the clocks of two monitors differ.
    endsAt: formatTime(Math.max(endsWallMs, sinceWallMs + 1)),
  };
}

/** To Alertmanager a label without a value is one that is not there. */
function withoutEmpty(labels: Incident["labels"]): Incident["labels"] {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));
}
