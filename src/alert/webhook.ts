/**
 * A notice as a webhook is told it. The body is made of the record alone, so that it is the same however often
 * and by whichever monitor it is sent; only the time of sending, and with it the signature, differ.
 */
import type { WebhookReceiver } from "../config/mod.ts";
import type { AlertContents, Incident, Notice } from "../store/mod.ts";
import type { Post } from "./post.ts";
import { signatureHeaders, type HmacSha256 } from "./signature.ts";
import { summaryOf } from "./words.ts";

/** RFC 3339; null for a time that cannot be written so. */
export type FormatTime = (wallMs: number) => string | null;

export interface Telling {
  readonly clusterId: string;
  readonly formatTime: FormatTime;
  readonly wallMs: number;
}

/** What the receiver knows a notice, or an incident, by. */
export function keyOf(clusterId: string, number: number): string {
  return `${clusterId}-${number}`;
}

export function webhookBody(
  notice: Notice,
  { incidents }: Pick<AlertContents, "incidents">,
  telling: Omit<Telling, "wallMs">,
): string {
  const found = (numbers: readonly number[]) =>
    numbers.flatMap((number) => incidents.get(number) ?? []);
  const [firing, resolved] = [found(notice.firing), found(notice.resolved)];
  const status = firing.length > 0 ? "firing" : "resolved";
  return JSON.stringify({
    type: `phi.alerts.${status}`,
    timestamp: telling.formatTime(notice.atWallMs),
    version: 1,
    key: keyOf(telling.clusterId, notice.number),
    receiver: notice.receiver,
    status,
    group: notice.group,
    summary: summaryOf(firing, resolved),
    alerts: [
      ...firing.map((incident) => alertOf(incident, false, notice.receiver, telling)),
      ...resolved.map((incident) => alertOf(incident, true, notice.receiver, telling)),
    ],
  });
}

function alertOf(
  incident: Incident,
  isResolved: boolean,
  receiver: string,
  { clusterId, formatTime }: Omit<Telling, "wallMs">,
): object {
  const { number, target, verdict, labels, reason, sinceWallMs, closing, told } = incident;
  const begun = {
    key: keyOf(clusterId, number),
    status: isResolved ? "resolved" : "firing",
    target,
    verdict,
    labels,
    since: formatTime(sinceWallMs),
    reason,
  };
  if (!isResolved || closing === undefined) return begun;
  const end = { resolvedAt: formatTime(closing.wallMs), resolvedReason: closing.reason };
  // It began and ended while the receiver could not be told.
  return { ...begun, ...end, wasTold: told.get(receiver) === "firing" };
}

export interface Signer {
  readonly secret: Uint8Array;
  readonly hmacSha256: HmacSha256;
}

export function webhookPost(
  receiver: WebhookReceiver,
  notice: Notice,
  contents: AlertContents,
  { secret, hmacSha256, ...telling }: Telling & Signer,
): Post {
  const body = webhookBody(notice, contents, telling);
  const id = keyOf(telling.clusterId, notice.number);
  const timestampSeconds = Math.floor(telling.wallMs / 1_000);
  const { url, timeoutMillis } = receiver;
  const headers = signatureHeaders({ id, timestampSeconds, body }, secret, hmacSha256);
  return { url, timeoutMillis, body, headers: { ...headers, "idempotency-key": id } };
}
