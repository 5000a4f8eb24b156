/**
 * Where to connect instead (curl's `--connect-to`): what a URL says on the left, what is really dialled on the
 * right. The request, the TLS name and the target stay what the URL says; the policy judges the right.
 */
import { formatIp, parseIp, withoutBrackets } from "./_ip.ts";
import { normalizeName, parsePort, splitPort } from "./_rule.ts";

export interface HostAndPort {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Answers what it was asked where nothing else was said. An address may come with brackets or without. */
export type ConnectTo = (host: string, port: number) => HostAndPort;

export type ConnectToResult =
  | { readonly ok: true; readonly connectTo: ConnectTo }
  | { readonly ok: false; readonly detail: string };

/** Each text is `HOST:PORT=HOST:PORT`, or several with commas between them; IPv6 addresses in brackets. */
export function parseConnectTo(texts: readonly string[]): ConnectToResult {
  const byEndpoint = new Map<string, HostAndPort>();
  for (const text of texts.flatMap((list) => list.split(","))) {
    const [from, to, ...rest] = text.trim().split("=").map(parseHostAndPort);
    if (from === undefined || to === undefined || rest.length > 0) {
      const detail = `${JSON.stringify(text.trim())} is not HOST:PORT=HOST:PORT`;
      return { ok: false, detail };
    }
    const key = keyOf(from.host, from.port);
    if (byEndpoint.has(key)) return { ok: false, detail: `${key} stands on the left twice` };
    byEndpoint.set(key, to);
  }
  const connectTo: ConnectTo = (host, port) =>
    byEndpoint.get(keyOf(host, port)) ?? { host: withoutBrackets(host), port };
  return { ok: true, connectTo };
}

function parseHostAndPort(text: string): HostAndPort | undefined {
  const split = splitPort(text);
  const port = split.port === undefined ? undefined : parsePort(split.port);
  const ip = parseIp(split.host);
  const isWrittenRight = ip === undefined || (ip.family === 6) === split.isAddress;
  const host = ip === undefined ? normalizeName(split.host) : formatIp(ip);
  if (port === undefined || host === undefined || !isWrittenRight) return undefined;
  return { host, port };
}

function keyOf(host: string, port: number): string {
  return `${hostKey(host)}:${port}`;
}

/** One spelling for each host: case, the dot at the end and the forms of IPv6 do not matter. */
export function hostKey(host: string): string {
  const ip = parseIp(withoutBrackets(host));
  return ip === undefined ? host.toLowerCase().replace(/\.$/, "") : formatIp(ip);
}
