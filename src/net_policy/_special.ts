/**
 * Addresses that are not what they seem. Some stand for an IPv4 address inside of them, and are
 * judged as that; some are never to be contacted because somebody wrote a URL: what answers there hands out the
 * machine's own credentials, or is nobody in particular.
 */
import { contains, knownNetwork, type Ip, type Network } from "./_ip.ts";

interface Wrapping {
  readonly network: Network;
  /** Where the IPv4 address begins, counted from the first bit. */
  readonly offsetBits: number;
  readonly isInverted: boolean;
}

function wrapping(text: string, offsetBits = 96, isInverted = false): Wrapping {
  return { network: knownNetwork(text), offsetBits, isInverted };
}

/** The same address in other words: the system connects by IPv4. */
const MAPPED = wrapping("::ffff:0:0/96");

/** Ways to IPv4 through somebody who translates or tunnels. */
const TRANSITIONS = [
  // IPv4-compatible (RFC 4291, 2.5.5.1), and IPv4-translated (RFC 2765).
  wrapping("::/96"),
  wrapping("::ffff:0:0:0/96"),
  // NAT64 (RFC 6052), and its local-use prefix as a /96 (RFC 8215).
  wrapping("64:ff9b::/96"),
  wrapping("64:ff9b:1::/48"),
  // 6to4 (RFC 3056).
  wrapping("2002::/16", 16),
  // Teredo (RFC 4380), the client's address.
  wrapping("2001::/32", 96, true),
];

const LOOPBACK_V6 = knownNetwork("::1");
const UNSPECIFIED_V6 = knownNetwork("::");

export interface Unwrapped {
  /** The address to judge. */
  readonly ip: Ip;
  /** If that is inside of a translated or tunnelled address: it, and the range it is of. */
  readonly outer: { readonly ip: Ip; readonly range: Network } | undefined;
}

export function unwrap(ip: Ip): Unwrapped {
  if (contains(MAPPED.network, ip)) return { ip: embedded(ip, MAPPED), outer: undefined };
  const isPlain = contains(LOOPBACK_V6, ip) || contains(UNSPECIFIED_V6, ip);
  const found = isPlain ? undefined : TRANSITIONS.find(({ network }) => contains(network, ip));
  if (found === undefined) return { ip, outer: undefined };
  return { ip: embedded(ip, found), outer: { ip, range: found.network } };
}

/** A network written in mapped form is the IPv4 network it maps. */
export function unwrapNetwork(network: Network): Network {
  if (network.prefixBits < 96 || !contains(MAPPED.network, network.ip)) return network;
  return { ip: embedded(network.ip, MAPPED), prefixBits: network.prefixBits - 96 };
}

function embedded({ value }: Ip, { offsetBits, isInverted }: Wrapping): Ip {
  const bits = (value >> BigInt(96 - offsetBits)) & 0xffff_ffffn;
  return { family: 4, value: isInverted ? bits ^ 0xffff_ffffn : bits };
}

export interface ForbiddenRange {
  readonly network: Network;
  /** To stand after "is". */
  readonly what: string;
  /** Whether a rule that names an address or a network inside of it opens it. */
  readonly canBeNamed: boolean;
}

function forbid(what: string, canBeNamed: boolean, networks: readonly string[]): ForbiddenRange[] {
  return networks.map((text) => ({ network: knownNetwork(text), what, canBeNamed }));
}

const FORBIDDEN: readonly ForbiddenRange[] = [
  ...forbid("the address of a cloud's metadata service", true, [
    "169.254.169.254", // most clouds
    "169.254.170.2", // AWS, of containers
    "100.100.100.200", // Alibaba
    "168.63.129.16", // Azure
    "192.0.0.192", // Oracle
    "fd00:ec2::254", // AWS
    "fd00:ec2::23", // AWS, of pods
    "fd20:ce::254", // Google
    "fd00:c1::a9fe:a9fe", // Oracle
    "fd00:42::42", // Scaleway
  ]),
  ...forbid("a link-local address", true, ["169.254.0.0/16", "fe80::/10"]),
  ...forbid("a multicast address", false, ["224.0.0.0/4", "ff00::/8"]),
  ...forbid("an unspecified address", false, ["0.0.0.0/8", "::"]),
  ...forbid("the broadcast address", false, ["255.255.255.255"]),
];

export function forbiddenRangeOf(ip: Ip): ForbiddenRange | undefined {
  return FORBIDDEN.find(({ network }) => contains(network, ip));
}
