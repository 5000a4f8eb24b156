/**
 * IP addresses as numbers: text in, a family and a value out, and back. A network is an address and the length of
 * its prefix. Only the plain forms are read: four decimal numbers, or what RFC 4291 calls an IPv6
 * address; the octal and hexadecimal spellings of IPv4 are for URL parsers, which have undone them before.
 */

export interface Ip {
  readonly family: 4 | 6;
  /** 32 or 128 bits, the first bit the highest. */
  readonly value: bigint;
}

export interface Network {
  readonly ip: Ip;
  /** Invariant: the bits of `ip` after the prefix are 0. */
  readonly prefixBits: number;
}

const FOUR_NUMBERS = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-fA-F]{1,4}$/;

/** Undefined for what is no address. A zone (`%eth0`) is taken off. */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(":")) return parseIpv4(text);
  const zone = text.indexOf("%");
  return parseIpv6(zone < 0 ? text : text.slice(0, zone));
}

function parseIpv4(text: string): Ip | undefined {
  const four = FOUR_NUMBERS.exec(text);
  if (four === null) return undefined;
  const bytes = four.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return { family: 4, value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) };
}

function parseIpv6(text: string): Ip | undefined {
  const [head = "", tail, ...rest] = text.split("::");
  const before = groupsOf(head, tail === undefined);
  const after = tail === undefined ? [] : groupsOf(tail, true);
  if (before === undefined || after === undefined || rest.length > 0) return undefined;
  const zeroCount = 8 - before.length - after.length;
  // `::` stands for one group of zeros at least.
  if (tail === undefined ? zeroCount !== 0 : zeroCount < 1) return undefined;
  const groups = [...before, ...Array<bigint>(zeroCount).fill(0n), ...after];
  return { family: 6, value: groups.reduce((value, group) => (value << 16n) | group, 0n) };
}

/** Undefined if one of them is none; the last may be an IPv4 address where the text ends. */
function groupsOf(text: string, isAtEnd: boolean): bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const ipv4 = isAtEnd && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined) groups.push(ipv4.value >> 16n, ipv4.value & 0xffffn);
    else if (GROUP.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

/** URL parsers keep the brackets around IPv6. */
export function withoutBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

export function formatIp({ family, value }: Ip): string {
  if (family === 4) return bytesOf(value, 4, 8n).join(".");
  const groups = bytesOf(value, 8, 16n).map((group) => group.toString(16));
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

function bytesOf(value: bigint, count: number, bits: bigint): number[] {
  const last = (1n << bits) - 1n;
  return Array.from({ length: count }, (_, index) =>
    Number((value >> (bits * BigInt(count - 1 - index))) & last),
  );
}

export function widthBits(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

/** The network of that prefix around an address. */
export function networkAround({ family, value }: Ip, prefixBits: number): Network {
  const restBits = BigInt(widthBits(family) - prefixBits);
  return { ip: { family, value: (value >> restBits) << restBits }, prefixBits };
}

export function contains({ ip, prefixBits }: Network, { family, value }: Ip): boolean {
  if (ip.family !== family) return false;
  const restBits = BigInt(widthBits(family) - prefixBits);
  return ip.value >> restBits === value >> restBits;
}

/** Whether all of `inner` is in `outer`. */
export function encloses(outer: Network, inner: Network): boolean {
  return inner.prefixBits >= outer.prefixBits && contains(outer, inner.ip);
}

/** `10.0.0.0/8`, or an address alone. Says what is wrong; host bits behind the prefix are. */
export function parseNetwork(
  text: string,
):
  | { readonly ok: true; readonly network: Network }
  | { readonly ok: false; readonly detail: string } {
  const [address = "", prefix, ...rest] = text.split("/");
  const ip = address.includes("%") ? undefined : parseIp(address);
  if (ip === undefined || rest.length > 0)
    return { ok: false, detail: "is not an address or a network" };
  const width = widthBits(ip.family);
  if (prefix === undefined) return { ok: true, network: { ip, prefixBits: width } };
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > width) {
    return { ok: false, detail: `must have a prefix from /0 to /${width}` };
  }
  const network = networkAround(ip, Number(prefix));
  if (network.ip.value === ip.value) return { ok: true, network };
  const meant = `${formatIp(network.ip)}/${prefix}`;
  return { ok: false, detail: `has bits behind its prefix; write ${meant} if you mean that` };
}

/** For networks that stand in the code. */
export function knownNetwork(text: string): Network {
  const parsed = parseNetwork(text);
  if (!parsed.ok) throw new TypeError(`Cannot read network ${text}: it ${parsed.detail}`);
  return parsed.network;
}
