/**
 * One rule of the allow list: text in, a name or a network out, with a port or for all ports. `*.example.com`
 * is every name under example.com, not example.com itself.
 */
import { formatIp, parseIp, parseNetwork, widthBits, type Network } from "./_ip.ts";
import { unwrapNetwork } from "./_special.ts";

export type Rule = (
  | { readonly kind: "name"; readonly name: string; readonly isSuffix: boolean }
  | { readonly kind: "network"; readonly network: Network }
) & {
  /** Undefined for all. */
  readonly port: number | undefined;
};

export type RuleResult =
  | { readonly ok: true; readonly rule: Rule }
  | { readonly ok: false; readonly detail: string };

const BRACKETED = /^\[([^\]]*)\](?::(.*))?$/;
const NUMERIC_END = /(?:^|\.)\d+$/;

export function parseRule(text: string): RuleResult {
  const split = splitPort(text);
  const port = split.port === undefined ? undefined : parsePort(split.port);
  if (split.port !== undefined && port === undefined) {
    return fail(text, "must have a port from 1 to 65535 behind the colon");
  }
  if (split.isAddress || split.host.includes("/") || NUMERIC_END.test(split.host)) {
    const parsed = parseNetwork(split.host);
    if (!parsed.ok) return fail(text, parsed.detail);
    const network = unwrapNetwork(parsed.network);
    return { ok: true, rule: { kind: "network", network, port } };
  }
  const isSuffix = split.host.startsWith("*.");
  const name = normalizeName(isSuffix ? split.host.slice(2) : split.host);
  if (name === undefined) {
    return fail(text, "is not a host name, *.NAME, an address or a network (10.1.0.0/24)");
  }
  return { ok: true, rule: { kind: "name", name, isSuffix, port } };
}

interface SplitText {
  readonly host: string;
  readonly port: string | undefined;
  /** Known by its form to be an IPv6 address. */
  readonly isAddress: boolean;
}

export function splitPort(text: string): SplitText {
  const bracketed = BRACKETED.exec(text);
  if (bracketed !== null) {
    return { host: bracketed[1] ?? "", port: bracketed[2], isAddress: true };
  }
  const colon = text.indexOf(":");
  if (colon < 0) return { host: text, port: undefined, isAddress: false };
  if (text.includes(":", colon + 1)) return { host: text, port: undefined, isAddress: true };
  return { host: text.slice(0, colon), port: text.slice(colon + 1), isAddress: false };
}

export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

const HOST_NAME =
  /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** As URL parsers write names (lower case, punycode), without the dot at the end; undefined for what is none. */
export function normalizeName(name: string): string | undefined {
  // Only what cannot be taken for another part of a URL may reach its parser.
  if (!/^[\p{L}\p{M}\p{N}._-]+$/u.test(name)) return undefined;
  const host = URL.parse(`http://${name}/`)?.hostname.replace(/\.$/, "");
  if (host === undefined || host.length > 253 || !HOST_NAME.test(host)) return undefined;
  return parseIp(host) === undefined ? host : undefined;
}

export function formatRule(rule: Rule): string {
  const port = rule.port === undefined ? "" : `:${rule.port}`;
  if (rule.kind === "name") return `${rule.isSuffix ? "*." : ""}${rule.name}${port}`;
  const { ip, prefixBits } = rule.network;
  const network = `${formatIp(ip)}${prefixBits === widthBits(ip.family) ? "" : `/${prefixBits}`}`;
  return ip.family === 6 && port !== "" ? `[${network}]${port}` : `${network}${port}`;
}

function fail(text: string, detail: string): RuleResult {
  return { ok: false, detail: `${JSON.stringify(text)} ${detail}` };
}
