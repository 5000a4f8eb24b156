/**
 * `GET /alerts`, `GET /silences`, `POST /silences` and `DELETE /silences/:id`: who is told what, and what is
 * kept quiet. A silence is replicated before it is answered.
 */
import type { AlertsReading } from "../alert/mod.ts";
import type { ClusterView } from "../cluster/mod.ts";
import type { Clock, Timers } from "../port.ts";
import type { Silence } from "../store/mod.ts";
import {
  addSilenceOperation,
  listAlertsOperation,
  listSilencesOperation,
  removeSilenceOperation,
} from "./alert_operations.ts";
import { viewAlerts, viewIncident, viewSilence } from "./alert_views.ts";
import { jsonAnswer, JSON_HEADERS } from "./answer.ts";
import { readJsonRequest } from "./body.ts";
import { chunkedResponse, chunkLines } from "./chunked.ts";
import { refusePrecondition } from "./etag.ts";
import { readIdempotency } from "./idempotency.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { parseSilenceRequest } from "./silence_request.ts";
import { writeUnavailable } from "./unavailable.ts";
import { sha256Hex } from "./sha256_hex.ts";

const MAX_BODY_BYTES = 16_384;

export interface AlertRouteDeps {
  readonly alerts?: AlertsReading;
  readonly cluster?: ClusterView;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Without alerts the routes are there too, and say that there are none. */
export function alertRoutes(deps: AlertRouteDeps): Route[] {
  const { alerts, clock } = deps;
  return [
    {
      method: "GET",
      path: "/alerts",
      operation: listAlertsOperation,
      handle: () => (alerts === undefined ? noAlerts() : listAlerts(alerts, deps)),
    },
    {
      method: "GET",
      path: "/silences",
      operation: listSilencesOperation,
      handle: () => (alerts === undefined ? noAlerts() : listSilences(alerts, clock.wallMs())),
    },
    {
      method: "POST",
      path: "/silences",
      operation: addSilenceOperation,
      handle: (request) =>
        alerts === undefined
          ? noAlerts()
          : (refusePrecondition(request) ?? addSilence(request, alerts, clock.wallMs())),
    },
    {
      method: "DELETE",
      path: "/silences/:id",
      operation: removeSilenceOperation,
      handle: (request, { id }) =>
        alerts === undefined
          ? noAlerts()
          : (refusePrecondition(request) ?? removeSilence(id ?? null, alerts)),
    },
  ];
}

function noAlerts(): Response {
  return problem("no_cluster", "This receiver is by itself and alerts nobody.");
}

function listAlerts(alerts: AlertsReading, { cluster, timers }: AlertRouteDeps): Response {
  const status = alerts.status();
  const view = JSON.stringify(viewAlerts(status, cluster?.status().leader ?? null));
  const prefix = `${view.slice(0, -1)},"incidents":[\n`;
  return chunkedResponse(
    chunkLines(prefix, incidentLines(status.incidents), ",\n", "\n]}\n"),
    timers,
    JSON_HEADERS,
  );
}

function* incidentLines(
  incidents: ReturnType<AlertsReading["status"]>["incidents"],
): Generator<string> {
  for (const incident of incidents) yield JSON.stringify(viewIncident(incident));
}

function listSilences(alerts: AlertsReading, wallMs: number): Response {
  const silences = alerts
    .silences()
    .toSorted((left, right) => right.endsWallMs - left.endsWallMs || (left.id < right.id ? -1 : 1));
  return jsonAnswer(silences.map((silence) => viewSilence(silence, wallMs)));
}

async function addSilence(
  request: Request,
  alerts: AlertsReading,
  wallMs: number,
): Promise<Response> {
  const body = await readJsonRequest(request, MAX_BODY_BYTES);
  if (!body.ok) return body.response;
  const parsed = parseSilenceRequest(body.bytes, wallMs);
  if (!parsed.ok) return parsed.response;
  const idempotency = await readIdempotency(request, body.bytes);
  if (!idempotency.ok) return idempotency.response;
  const id = await idOf(idempotency.idempotency?.key);
  const silence = { id, ...parsed.silence };
  const result = await alerts.silence(silence);
  if (!result.ok) return refused(result, id);
  const kept = alerts.silences().find((each) => each.id === id) ?? silence;
  return isAskedFor(kept, body.bytes, wallMs) ? jsonAnswer(viewSilence(kept, wallMs)) : keyReused();
}

/**
 * Whether it keeps quiet what the body asks for, and still does. The record does not compare times, because a
 * repeated request counts them anew: what the body leaves open is counted from when the silence was made.
 */
function isAskedFor(kept: Silence, body: Uint8Array, wallMs: number): boolean {
  if (kept.endsWallMs <= wallMs) return false;
  const parsed = parseSilenceRequest(body, kept.createdWallMs);
  if (!parsed.ok) return false;
  const { startsWallMs, endsWallMs } = parsed.silence;
  return startsWallMs === kept.startsWallMs && endsWallMs === kept.endsWallMs;
}

const ID_CHARACTERS = 16;

/** From the client's own name for the write, so that repeating it makes no second silence. */
async function idOf(key: string | undefined): Promise<Silence["id"]> {
  const hex = await sha256Hex(new TextEncoder().encode(key ?? crypto.randomUUID()));
  return hex.slice(0, ID_CHARACTERS);
}

async function removeSilence(id: string | null, alerts: AlertsReading): Promise<Response> {
  if (id === null) return unknownSilence("The id's percent-encoding is broken");
  const result = await alerts.unsilence(id);
  return result.ok ? jsonAnswer({ removed: id }) : refused(result, id);
}

function refused(
  result: Extract<Awaited<ReturnType<AlertsReading["silence"]>>, { ok: false }>,
  id: string,
): Response {
  switch (result.reason) {
    case "unavailable":
      return writeUnavailable(result);
    case "unknown_silence":
      return unknownSilence(`There is no silence "${id}"`);
    case "silence_exists":
      return keyReused();
    case "too_many_silences":
      return problem(
        "too_many_silences",
        `There are ${result.limit} silences already; remove some first.`,
      );
    case "older_members":
      return problem(
        "older_members",
        `${result.members.join(", ")} may run a version that knows of no silences; update them first.`,
      );
  }
}

function keyReused(): Response {
  return problem(
    "key_reused",
    "This Idempotency-Key was used for another silence, or for one that is over; take another key.",
  );
}

function unknownSilence(what: string): Response {
  return problem("unknown_silence", `${what}; GET /silences lists them.`);
}
