/** Reads the alerts file: who is told what, or lines that say where it is wrong; and what its secrets' files hold. */
import { readWebhookSecret } from "../alert/mod.ts";
import { decodeAlertsText, formatConfigError, type AlertsConfig } from "../config/mod.ts";
import type { ReadTextFile } from "../port.ts";
import type { MonitorGrants } from "./assemble.ts";
import type { NetOptions } from "./net_options.ts";

export type AlertsFileResult =
  | { readonly ok: true; readonly alerts: AlertsConfig }
  | { readonly ok: false; readonly lines: readonly string[] };

/** Every receiver has to be one that may be contacted. Nothing is looked up, and no secret is read. */
export async function readAlertsFile(
  path: string,
  { policy }: Pick<NetOptions, "policy">,
  readBytes: (path: string) => Promise<Uint8Array>,
): Promise<AlertsFileResult> {
  let bytes: Uint8Array;
  try {
    bytes = await readBytes(path);
  } catch (error) {
    return { ok: false, lines: [`${path}: cannot be read: ${describe(error)}`] };
  }
  const decoded = decodeAlertsText(bytes, path);
  if (!decoded.ok) return { ok: false, lines: decoded.errors.map(formatConfigError) };
  const { alerts } = decoded;
  const lines = alerts.receivers.flatMap((receiver, index) => {
    const urls = receiver.kind === "webhook" ? [receiver.url] : receiver.urls;
    return urls.flatMap((url) => {
      const allowed = policy.checkUrl(url);
      if (allowed.ok) return [];
      return [`${path}: receivers[${index}] (${receiver.name}): ${allowed.detail}`];
    });
  });
  return lines.length === 0 ? { ok: true, alerts } : { ok: false, lines };
}

/** The alerts are undefined where no file is named. */
export type AlertsRead =
  | { readonly ok: true; readonly alerts: AlertsConfig | undefined }
  | Extract<AlertsFileResult, { readonly ok: false }>;

/** The alerts of a monitor that is to tell somebody: the file, and what its secrets' files hold. */
export async function readAlerts(
  path: string | undefined,
  net: Pick<NetOptions, "policy">,
  { readBytes, readTextFile }: Pick<MonitorGrants, "readBytes" | "readTextFile">,
): Promise<AlertsRead> {
  if (path === undefined) return { ok: true, alerts: undefined };
  const read = await readAlertsFile(path, net, readBytes);
  if (!read.ok) return read;
  const lines = await whySecretsUnusable(read.alerts, readTextFile);
  return lines.length === 0 ? read : { ok: false, lines: lines.map((line) => `${path}: ${line}`) };
}

/** What is wrong with the files that hold secrets: found at the start, not when somebody is to be told. */
export async function whySecretsUnusable(
  { receivers }: AlertsConfig,
  readTextFile: ReadTextFile,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const receiver of receivers) {
    const { name, bearerTokenFile } = receiver;
    const read = async (path: string): Promise<string | undefined> => {
      try {
        return await readTextFile(path);
      } catch (error) {
        lines.push(`receiver ${name}: ${path} cannot be read: ${describe(error)}`);
        return undefined;
      }
    };
    if (receiver.kind === "webhook") {
      const text = await read(receiver.secretFile);
      const secret = text === undefined ? undefined : readWebhookSecret(text);
      if (secret?.ok === false) {
        lines.push(`receiver ${name}: ${receiver.secretFile}: ${secret.detail}`);
      }
    }
    const token = bearerTokenFile === undefined ? undefined : await read(bearerTokenFile);
    if (token !== undefined && !/^[\x21-\x7e]+$/u.test(token.trim())) {
      lines.push(`receiver ${name}: ${bearerTokenFile} holds no token on a line of its own`);
    }
  }
  return lines;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
