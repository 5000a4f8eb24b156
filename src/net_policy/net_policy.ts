/**
 * May this address be contacted? An allow list in; for each URL that somebody writes, and again for each address
 * that is about to be connected to, yes or why not out. It looks nothing up: a URL with a name is let
 * through if some rule could admit what the name stands for, and the address decides at the connect, so
 * that a name that changes its address gains nothing. An address is allowed if any rule admits it; there are
 * no rules against. Addresses that are never meant (see `_special.ts`) are behind all rules but those that
 * name them, and some of them behind those too.
 */
import {
  contains,
  encloses,
  formatIp,
  parseIp,
  withoutBrackets,
  type Ip,
  type Network,
} from "./_ip.ts";
import { formatRule, parseRule, type Rule } from "./_rule.ts";
import { forbiddenRangeOf, unwrap } from "./_special.ts";
import { hostKey, type ConnectTo } from "./connect_to.ts";

export type NetCheck = { readonly ok: true } | { readonly ok: false; readonly detail: string };

export type NetPolicyResult =
  | { readonly ok: true; readonly policy: NetPolicy }
  | { readonly ok: false; readonly detail: string };

const ALLOWED: NetCheck = { ok: true };
const MAX_RULES_SHOWN = 8;

/**
 * Each text may hold several rules, separated by commas: `example.com`, `*.example.com`, `10.1.0.5`,
 * `10.1.0.0/24`, `2001:db8::/32`, each with a port or not (`10.1.0.5:8080`, `[2001:db8::/32]:443`).
 * No texts: anything but link-local, metadata, multicast and unspecified addresses.
 */
export function parseNetPolicy(texts: readonly string[]): NetPolicyResult {
  const rules: Rule[] = [];
  for (const text of texts.flatMap((list) => list.split(","))) {
    if (text.trim() === "") {
      return { ok: false, detail: "a rule is empty; leave all of them out to allow what is usual" };
    }
    const parsed = parseRule(text.trim());
    if (!parsed.ok) return parsed;
    rules.push(parsed.rule);
  }
  return { ok: true, policy: new NetPolicy(rules) };
}

export class NetPolicy {
  readonly #rules: readonly Rule[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** Whether it admits only what is listed, and not all that is usual. */
  get hasRules(): boolean {
    return this.#rules.length > 0;
  }

  /** Whether a target with this URL may be written. `push:` may: nobody connects to it. */
  checkUrl(url: string, connectTo?: ConnectTo): NetCheck {
    const parsed = URL.parse(url);
    if (parsed?.protocol === "push:") return ALLOWED;
    if (parsed === null || (parsed.protocol !== "http:" && parsed.protocol !== "https:")) {
      return { ok: false, detail: "the URL is neither http nor https" };
    }
    const urlPort =
      parsed.port === "" ? (parsed.protocol === "http:" ? 80 : 443) : Number(parsed.port);
    const { host, port } = connectTo?.(parsed.hostname, urlPort) ?? {
      host: parsed.hostname,
      port: urlPort,
    };
    const ip = parseIp(withoutBrackets(host));
    if (ip !== undefined) return this.#checkIp(undefined, ip, port);
    if (!this.hasRules) return ALLOWED;
    const couldAdmit = this.#rules.some(
      (rule) => portMatches(rule, port) && (rule.kind === "network" || nameMatches(rule, host)),
    );
    return couldAdmit ? ALLOWED : this.#refuse(`${host}:${port}`);
  }

  /** Whether `ip`, which `hostName` stands for (or is), may be connected to. */
  checkAddress(hostName: string, ip: string, port: number): NetCheck {
    return this.#checkText(hostName, ip, (name, parsed) => this.#checkIp(name, parsed, port));
  }

  /**
   * Whether another monitor, which is said to be at `ip`, may be connected to. It is held to no list, since that is of what is
   * watched. But a monitor too is at a link-local or cloud metadata address only where a rule names it, and at a multicast,
   * unspecified or broadcast address never.
   */
  checkPeer(hostName: string, ip: string, port: number): NetCheck {
    return this.#checkText(hostName, ip, (name, parsed) => this.#checkMeant(name, parsed, port));
  }

  #checkText(
    hostName: string,
    ip: string,
    check: (hostName: string | undefined, ip: Ip) => NetCheck,
  ): NetCheck {
    const parsed = parseIp(ip);
    if (parsed === undefined)
      return { ok: false, detail: `${JSON.stringify(ip)} is not an address` };
    const isLiteral = hostName === ip || parseIp(withoutBrackets(hostName)) !== undefined;
    return check(isLiteral ? undefined : hostName, parsed);
  }

  #checkIp(hostName: string | undefined, ip: Ip, port: number): NetCheck {
    const meant = this.#checkMeant(hostName, ip, port);
    if (!meant.ok || !this.hasRules) return meant;
    const { ip: judged, outer } = unwrap(ip);
    const networks = this.#networksFor(port);
    const isAdmitted =
      networks.some((network) => contains(network, judged)) ||
      (outer !== undefined &&
        networks.some((network) => admitsWithin(network, outer.range, outer.ip))) ||
      (hostName !== undefined &&
        this.#rules.some((rule) => portMatches(rule, port) && nameMatches(rule, hostName)));
    return isAdmitted ? ALLOWED : this.#refuse(describe(hostName, ip, judged), port);
  }

  /** Whether it is none of the addresses that only a rule that names them admits, or is named. */
  #checkMeant(hostName: string | undefined, ip: Ip, port: number): NetCheck {
    const { ip: judged, outer } = unwrap(ip);
    for (const address of outer === undefined ? [judged] : [judged, outer.ip]) {
      const forbidden = forbiddenRangeOf(address);
      if (forbidden === undefined) continue;
      const isNamed = this.#networksFor(port).some((network) =>
        admitsWithin(network, forbidden.network, address),
      );
      if (isNamed && forbidden.canBeNamed) continue;
      return { ok: false, detail: `${describe(hostName, ip, judged)} is ${forbidden.what}` };
    }
    return ALLOWED;
  }

  #networksFor(port: number): readonly Network[] {
    return this.#rules.flatMap((rule) =>
      rule.kind === "network" && portMatches(rule, port) ? [rule.network] : [],
    );
  }

  #refuse(what: string, port?: number): NetCheck {
    const shown = this.#rules.slice(0, MAX_RULES_SHOWN).map(formatRule).join(", ");
    const more = this.#rules.length > MAX_RULES_SHOWN ? ", ..." : "";
    const where = port === undefined ? what : `${what}, port ${port},`;
    return {
      ok: false,
      detail: `${where} is not allowed by --allow-net, which lists ${shown}${more}`,
    };
  }
}

/** Whether a rule admits an address of a range because it speaks of that range, not of half the world. */
function admitsWithin(network: Network, range: Network, ip: Ip): boolean {
  return encloses(range, network) && contains(network, ip);
}

function portMatches(rule: Rule, port: number): boolean {
  return rule.port === undefined || rule.port === port;
}

function nameMatches(rule: Rule, hostName: string): boolean {
  if (rule.kind !== "name") return false;
  const name = hostKey(hostName);
  return rule.isSuffix ? name.endsWith(`.${rule.name}`) : name === rule.name;
}

function describe(hostName: string | undefined, ip: Ip, judged: Ip): string {
  const address = formatIp(ip) === formatIp(judged) ? "" : ` (${formatIp(judged)})`;
  return `${hostName === undefined ? "" : `${hostName}: `}${formatIp(ip)}${address}`;
}
