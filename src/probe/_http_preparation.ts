/**
 * What a probe must know before it can connect or ask: the secret, the authorities, the addresses that
 * are allowed. All results are values, and no detail ever holds a secret.
 */
import { allowedAmong } from "../net_policy/mod.ts";
import type { DialTls } from "../port.ts";
import { requestOf, type HttpPlan } from "./http_plan.ts";
import { encodeBasic, encodeBearer, trimSecret } from "./http_request.ts";
import type { ProbeFailureReason } from "./outcome.ts";

export type RequestResult =
  | { readonly ok: true; readonly request: string }
  | { readonly ok: false; readonly detail: string };

/** The request with the authorization that its files hold now. Never rejects. */
export async function readRequest(plan: HttpPlan): Promise<RequestResult> {
  const { bearerTokenFile, basicAuth } = plan.settings.options;
  const path = bearerTokenFile ?? basicAuth?.passwordFile;
  if (path === undefined) return { ok: true, request: requestOf(plan) };
  let text: string;
  try {
    text = await plan.world.readTextFile(path);
  } catch (error) {
    return { ok: false, detail: `cannot read the secret in ${path}: ${messageOf(error)}` };
  }
  const secret = trimSecret(text);
  const line =
    bearerTokenFile === undefined && basicAuth !== undefined
      ? encodeBasic(basicAuth.user, secret)
      : encodeBearer(secret);
  if (line === undefined) {
    return { ok: false, detail: `the secret in ${path} is empty or holds control characters` };
  }
  const head = requestOf(plan).slice(0, -"\r\n".length);
  return { ok: true, request: `${head}${line}\r\n` };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export type TlsResult =
  | { readonly ok: true; readonly tls: DialTls | undefined }
  | { readonly ok: false; readonly detail: string };

/** What to dial with: the authorities are read anew, so that they can be replaced. Never rejects. */
export async function readTls(plan: HttpPlan): Promise<TlsResult> {
  const { caFile } = plan.settings.options.tls;
  const tls = tlsWithoutFile(plan);
  if (tls === undefined || caFile === undefined) return { ok: true, tls };
  try {
    return { ok: true, tls: { ...tls, caPem: await plan.world.readTextFile(caFile) } };
  } catch (error) {
    return { ok: false, detail: `cannot read the authorities in ${caFile}: ${messageOf(error)}` };
  }
}

/** As `readTls`, where there is no file to read. */
export function tlsWithoutFile({ serverName, settings }: HttpPlan): DialTls | undefined {
  if (serverName === undefined) return undefined;
  return { serverName, insecureSkipVerify: settings.options.tls.insecureSkipVerify };
}

export type AddressesResult =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly reason: ProbeFailureReason; readonly detail: string };

/** Of these addresses those that may be contacted, as `allowedAmong` has it; none at all is a failure. */
export function allowedAddresses(plan: HttpPlan, ips: readonly string[]): AddressesResult {
  const { hostName, port, world } = plan;
  if (ips.length === 0) {
    return { ok: false, reason: "resolve", detail: `${hostName} has no address` };
  }
  const allowed = allowedAmong(ips, (ip) => world.checkAddress(hostName, ip, port));
  if (allowed.ok) return { ok: true, addresses: allowed.ips };
  return { ok: false, reason: "not_allowed", detail: allowed.detail };
}
