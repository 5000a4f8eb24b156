import { describe, expect, test } from "bun:test";
import { isIPv6 } from "node:net";
import * as fc from "fast-check";
import {
  contains,
  encloses,
  formatIp,
  networkAround,
  parseIp,
  parseNetwork,
  widthBits,
  type Ip,
} from "./_ip.ts";

/** The dumb twin: an address as a string of 0 and 1. */
function bitsOf({ family, value }: Ip): string {
  return value.toString(2).padStart(widthBits(family), "0");
}

const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
/** With runs of zeros, for `::` to stand for. */
const ipv6Groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), {
  minLength: 8,
  maxLength: 8,
});

const anyIp: fc.Arbitrary<Ip> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value): Ip => ({ family: 4, value })),
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value): Ip => ({ family: 6, value })),
);
/** Of one family, and mostly with a long prefix in common. */
const twoIps = fc.tuple(anyIp, fc.nat(128)).map(([a, bit]): [Ip, Ip] => {
  const flipped = 1n << BigInt(bit % widthBits(a.family));
  return [a, { family: a.family, value: a.value ^ flipped }];
});

describe("parseIp()", () => {
  test("reads four numbers", () => {
    fc.assert(
      fc.property(ipv4, (bytes) => {
        const bits = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
        expect(parseIp(bytes.join("."))).toEqual({ family: 4, value: BigInt(`0b${bits}`) });
      }),
    );
  });

  test("reads IPv6 in every way to write it: cut short, in capitals, with zeros, ending in IPv4, with a zone", () => {
    fc.assert(
      fc.property(
        ipv6Groups,
        fc.nat(7),
        fc.nat(7),
        fc.boolean(),
        (groups, from, length, asIpv4) => {
          const value = BigInt(
            `0x${groups.map((group) => group.toString(16).padStart(4, "0")).join("")}`,
          );
          const expected = { family: 6, value } as const;
          const hex = groups.map((group) => group.toString(16));
          expect(parseIp(hex.join(":"))).toEqual(expected);
          expect(
            parseIp(hex.map((group) => group.padStart(4, "0").toUpperCase()).join(":")),
          ).toEqual(expected);
          expect(parseIp(`${hex.join(":")}%eth0`)).toEqual(expected);
          const end = groups
            .slice(6)
            .flatMap((group) => [group >> 8, group & 255])
            .join(".");
          expect(parseIp([...hex.slice(0, 6), end].join(":"))).toEqual(expected);
          const to = Math.min(from + length, asIpv4 ? 5 : 7);
          if (from > to || groups.slice(from, to + 1).some((group) => group !== 0)) return;
          const tail = asIpv4 ? [...hex.slice(to + 1, 6), end] : hex.slice(to + 1);
          expect(parseIp(`${hex.slice(0, from).join(":")}::${tail.join(":")}`)).toEqual(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("agrees with the runtime on what is IPv6, and with the URL parser on which address it is", () => {
    const almostIpv6 = fc
      .tuple(
        fc.ipV6(),
        fc.nat(),
        fc.nat(2),
        fc.constantFrom("", ":", "0", "g", ".", "1", "::", "12345"),
      )
      .map(([text, position, removed, inserted]) => {
        const at = position % (text.length + 1);
        return text.slice(0, at) + inserted + text.slice(at + removed);
      });
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), almostIpv6), (text) => {
        fc.pre(text.includes(":"));
        const ip = parseIp(text);
        expect(ip !== undefined).toBe(isIPv6(text));
        const host = URL.parse(`http://[${text}]/`)?.hostname;
        if (ip !== undefined && host !== undefined) expect(`[${formatIp(ip)}]`).toBe(host);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    "",
    ".",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.04",
    "0x7f.0.0.1",
    "1.2.3.-4",
    "1.2.3.4 ",
    ":",
    ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "::1::",
    "12345::",
    "g::",
    ":1",
    "1:",
    "::1.2.3",
    "::1.2.3.256",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "[::1]",
    "::1/64",
    "1:2:3:4:5:6:7:1.2.3.4",
    "localhost",
    "1.2.3.4%eth0",
  ])("does not take %j for an address", (text) => {
    expect(parseIp(text)).toBeUndefined();
  });
});

describe("formatIp()", () => {
  test("gives what parseIp() reads", () => {
    fc.assert(
      fc.property(anyIp, (ip) => {
        expect(parseIp(formatIp(ip))).toEqual(ip);
      }),
    );
  });
});

describe("contains()", () => {
  test("is a comparison of the first bits", () => {
    fc.assert(
      fc.property(twoIps, anyIp, fc.nat(128), ([a, b], c, bits) => {
        const prefixBits = bits % (widthBits(a.family) + 1);
        const network = networkAround(a, prefixBits);
        expect(bitsOf(network.ip)).toBe(
          bitsOf(a).slice(0, prefixBits).padEnd(widthBits(a.family), "0"),
        );
        for (const ip of [a, b, c]) {
          const isInside =
            ip.family === a.family && bitsOf(ip).startsWith(bitsOf(a).slice(0, prefixBits));
          expect(contains(network, ip)).toBe(isInside);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("encloses()", () => {
  test("is true of a longer prefix that starts the same", () => {
    fc.assert(
      fc.property(twoIps, fc.nat(128), fc.nat(128), ([a, b], m, n) => {
        const width = widthBits(a.family);
        const outer = networkAround(a, m % (width + 1));
        const inner = networkAround(b, n % (width + 1));
        const prefixOf = ({ ip, prefixBits }: typeof outer) => bitsOf(ip).slice(0, prefixBits);
        expect(encloses(outer, inner)).toBe(prefixOf(inner).startsWith(prefixOf(outer)));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("parseNetwork()", () => {
  test("reads what networkAround() makes, and an address alone", () => {
    fc.assert(
      fc.property(anyIp, fc.nat(128), (ip, bits) => {
        const network = networkAround(ip, bits % (widthBits(ip.family) + 1));
        const text = `${formatIp(network.ip)}/${network.prefixBits}`;
        expect(parseNetwork(text)).toEqual({ ok: true, network });
        expect(parseNetwork(formatIp(ip))).toEqual({
          ok: true,
          network: { ip, prefixBits: widthBits(ip.family) },
        });
      }),
    );
  });

  test.each([
    ["10.1.0.5/24", "has bits behind its prefix; write 10.1.0.0/24 if you mean that"],
    ["2001:db8::1/32", "has bits behind its prefix; write 2001:db8::/32 if you mean that"],
    ["10.0.0.0/33", "must have a prefix from /0 to /32"],
    ["::/129", "must have a prefix from /0 to /128"],
    ["10.0.0.0/", "must have a prefix from /0 to /32"],
    ["10.0.0.0/-1", "must have a prefix from /0 to /32"],
    ["10.0.0.0/8/8", "is not an address or a network"],
    ["10.0.0/8", "is not an address or a network"],
    ["fe80::1%eth0/64", "is not an address or a network"],
  ])("says of %j that it %s", (text, detail) => {
    expect(parseNetwork(text)).toEqual({ ok: false, detail });
  });
});
