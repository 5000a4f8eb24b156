import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseConnectTo } from "./connect_to.ts";
import { parseNetPolicy, type NetPolicy } from "./net_policy.ts";

function policyOf(...rules: string[]): NetPolicy {
  const parsed = parseNetPolicy(rules);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.policy;
}

function admits(policy: NetPolicy, ip: string, hostName = ip, port = 80): boolean {
  return policy.checkAddress(hostName, ip, port).ok;
}

/** Four bytes as two groups of IPv6. */
function hex(values: readonly number[]): string {
  const padded = values.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${padded.slice(0, 4)}:${padded.slice(4)}`;
}

function bits(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
}

/** Every IPv6 address that stands for this IPv4 address. */
function wrapped(ipv4: string): string[] {
  const bytes = ipv4.split(".").map(Number);
  return [
    `::ffff:${ipv4}`,
    `::ffff:${hex(bytes)}`,
    `0:0:0:0:0:ffff:${ipv4}`,
    `::${ipv4}`,
    `::ffff:0:${ipv4}`,
    `64:ff9b::${ipv4}`,
    `64:ff9b:1::${ipv4}`,
    `2002:${hex(bytes)}::`,
    `2002:${hex(bytes)}::1`,
    `2001:0:4136:e378:8000:63bf:${hex(bytes.map((byte) => 255 - byte))}`,
  ];
}

const NEVER_BY_DEFAULT = [
  "169.254.169.254",
  "169.254.0.1",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "224.0.0.1",
  "239.255.255.255",
  "255.255.255.255",
  "0.0.0.0",
  "0.1.2.3",
];
const NEVER_BY_DEFAULT_V6 = [
  "fe80::1",
  "fe80::1%eth0",
  "febf::",
  "ff02::1",
  "::",
  "fd00:ec2::254",
  "fd00:ec2::23",
  "fd20:ce::254",
];
const USUAL = [
  "127.0.0.1",
  "10.0.0.1",
  "192.168.1.1",
  "172.16.0.1",
  "8.8.8.8",
  "100.64.0.1",
  "169.253.255.255",
];
const USUAL_V6 = ["::1", "2001:db8::1", "fd00::1", "fec0::1", "2606:4700::1111"];

describe("without rules", () => {
  const policy = policyOf();

  test("anything is allowed but link-local, metadata, multicast, broadcast and unspecified addresses", () => {
    for (const ip of [...USUAL, ...USUAL_V6]) expect([ip, admits(policy, ip)]).toEqual([ip, true]);
    for (const ip of [...NEVER_BY_DEFAULT, ...NEVER_BY_DEFAULT_V6]) {
      expect([ip, admits(policy, ip)]).toEqual([ip, false]);
      expect([ip, admits(policy, ip, "a.name")]).toEqual([ip, false]);
    }
  });

  test("an address inside of another is judged as what it is", () => {
    for (const ip of NEVER_BY_DEFAULT) {
      for (const outer of wrapped(ip))
        expect([outer, admits(policy, outer)]).toEqual([outer, false]);
    }
    for (const ip of USUAL) {
      for (const outer of wrapped(ip))
        expect([outer, admits(policy, outer)]).toEqual([outer, true]);
    }
  });

  test("names pass as URLs, and are judged by their address at the connect", () => {
    expect(policy.checkUrl("http://metadata.google.internal/")).toEqual({ ok: true });
    expect(policy.checkAddress("metadata.google.internal", "169.254.169.254", 80)).toEqual({
      ok: false,
      detail:
        "metadata.google.internal: 169.254.169.254 is the address of a cloud's metadata service",
    });
  });

  test("URLs with an address are judged at once, in whatever notation", () => {
    const notations = [
      "169.254.169.254",
      "2852039166",
      "0xa9fea9fe",
      "0xa9.0xfe.0xa9.0xfe",
      "0251.0376.0251.0376",
      "169.254.43518",
      "169.16689662",
      "169.254.169.254.",
      "[::ffff:169.254.169.254]",
      "[::ffff:a9fe:a9fe]",
      "[64:ff9b::a9fe:a9fe]",
      "[2002:a9fe:a9fe::]",
      "[fe80::1]",
      "[fd00:ec2::254]",
      "１６９.254.169.254",
    ];
    for (const host of notations) {
      expect([host, policy.checkUrl(`http://${host}/`).ok]).toEqual([host, false]);
    }
    expect(policy.checkUrl("https://[::1]:8443/")).toEqual({ ok: true });
    expect(policy.checkUrl("http://2130706433/")).toEqual({ ok: true });
  });

  test("pushed targets pass, other schemes and no URLs do not", () => {
    expect(policy.checkUrl("push:")).toEqual({ ok: true });
    for (const url of ["ftp://a/", "file:///x", "", "nope", "http://"]) {
      expect(policy.checkUrl(url)).toEqual({
        ok: false,
        detail: "the URL is neither http nor https",
      });
    }
  });

  test("what is no address is refused", () => {
    for (const ip of ["", "localhost", "1.2.3", "999.1.1.1", "::g"]) {
      expect(admits(policy, ip)).toBe(false);
    }
  });
});

describe("with rules", () => {
  test("an address is allowed if any rule admits it, in its family and on its port", () => {
    const policy = policyOf("10.1.0.0/24, 127.0.0.1:8080", "2001:db8::/32", "[::1]:443");
    expect(admits(policy, "10.1.0.255")).toBe(true);
    expect(admits(policy, "10.1.1.0")).toBe(false);
    expect(admits(policy, "127.0.0.1", "127.0.0.1", 8080)).toBe(true);
    expect(admits(policy, "127.0.0.1", "127.0.0.1", 8081)).toBe(false);
    expect(admits(policy, "2001:db8:ffff::1")).toBe(true);
    expect(admits(policy, "2001:db9::")).toBe(false);
    expect(admits(policy, "::1", "localhost", 443)).toBe(true);
    expect(admits(policy, "::1", "localhost", 80)).toBe(false);
  });

  test("agrees with a dumb twin about networks of IPv4, wrapped or not", () => {
    const address = fc.tuple(fc.constantFrom(10, 127, 192), fc.nat(255), fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(
        address,
        address,
        fc.integer({ min: 6, max: 32 }),
        fc.nat(9),
        (a, b, prefix, wrapping) => {
          const start = bits(a).slice(0, prefix);
          const network = start
            .padEnd(32, "0")
            .match(/.{8}/g)!
            .map((byte) => Number.parseInt(byte, 2));
          const policy = policyOf(`${network.join(".")}/${prefix}`);
          const isInside = bits(b).startsWith(start);
          expect(admits(policy, b.join("."))).toBe(isInside);
          expect(admits(policy, wrapped(b.join("."))[wrapping]!)).toBe(isInside);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("a translated or tunnelled address is not admitted by half the world, but by its own range", () => {
    const nat64 = "64:ff9b::10.0.0.1";
    expect(admits(policyOf("::/0"), nat64)).toBe(false);
    expect(admits(policyOf("::/0", "10.0.0.0/8"), nat64)).toBe(true);
    expect(admits(policyOf("64:ff9b::/96"), nat64)).toBe(true);
    expect(admits(policyOf("64:ff9b::/96"), "64:ff9b::169.254.169.254")).toBe(false);
    expect(admits(policyOf("2002:a00:1::/48"), "2002:a00:1::5")).toBe(true);
    expect(admits(policyOf("::ffff:10.0.0.0/104"), "10.9.9.9")).toBe(true);
    expect(admits(policyOf("::ffff:10.0.0.0/104"), "::ffff:10.9.9.9")).toBe(true);
  });

  test("a name admits what it resolves to, but never a link-local or metadata address", () => {
    const policy = policyOf("example.com", "*.internal:8080", "bücher.example");
    expect(admits(policy, "10.0.0.1", "example.com")).toBe(true);
    expect(admits(policy, "10.0.0.1", "EXAMPLE.com.")).toBe(true);
    expect(admits(policy, "10.0.0.1", "www.example.com")).toBe(false);
    expect(admits(policy, "10.0.0.1", "a.b.internal", 8080)).toBe(true);
    expect(admits(policy, "10.0.0.1", "a.b.internal", 8081)).toBe(false);
    expect(admits(policy, "10.0.0.1", "internal", 8080)).toBe(false);
    expect(admits(policy, "10.0.0.1", "eviinternal", 8080)).toBe(false);
    expect(admits(policy, "10.0.0.1", "xn--bcher-kva.example")).toBe(true);
    expect(admits(policy, "10.0.0.1")).toBe(false);
    for (const ip of [...NEVER_BY_DEFAULT, ...NEVER_BY_DEFAULT_V6]) {
      expect([ip, admits(policy, ip, "example.com")]).toEqual([ip, false]);
    }
  });

  test("what is never meant is opened only by a rule that names it, and some by none", () => {
    expect(admits(policyOf("0.0.0.0/0"), "169.254.1.1")).toBe(false);
    expect(admits(policyOf("169.0.0.0/8"), "169.254.1.1")).toBe(false);
    expect(admits(policyOf("169.254.1.0/24"), "169.254.1.1")).toBe(true);
    expect(admits(policyOf("169.254.0.0/16"), "169.254.1.1")).toBe(true);
    expect(admits(policyOf("169.254.0.0/16"), "169.254.169.254")).toBe(false);
    expect(admits(policyOf("169.254.169.254:80"), "169.254.169.254")).toBe(true);
    expect(admits(policyOf("169.254.169.254:81"), "169.254.169.254")).toBe(false);
    expect(admits(policyOf("100.64.0.0/10"), "100.100.100.200")).toBe(false);
    expect(admits(policyOf("fe80::/64"), "fe80::1")).toBe(true);
    expect(
      admits(policyOf("224.0.0.1", "0.0.0.0", "255.255.255.255", "::", "ff02::1"), "224.0.0.1"),
    ).toBe(false);
    expect(admits(policyOf("0.0.0.0"), "0.0.0.0")).toBe(false);
    expect(admits(policyOf("::"), "::")).toBe(false);
  });

  test("a URL with a name passes if some rule could admit it", () => {
    const byName = policyOf("example.com:8080", "*.internal");
    expect(byName.checkUrl("http://example.com:8080/").ok).toBe(true);
    expect(byName.checkUrl("http://Example.COM.:8080/").ok).toBe(true);
    expect(byName.checkUrl("https://a.internal/").ok).toBe(true);
    expect(byName.checkUrl("http://example.com/")).toEqual({
      ok: false,
      detail:
        "example.com:80 is not allowed by --allow-net, which lists example.com:8080, *.internal",
    });
    const byNetwork = policyOf("10.0.0.0/8:80");
    expect(byNetwork.checkUrl("http://example.com/").ok).toBe(true);
    expect(byNetwork.checkUrl("https://example.com/").ok).toBe(false);
    expect(byNetwork.checkUrl("http://10.1.2.3/").ok).toBe(true);
    expect(byNetwork.checkUrl("http://10.1.2.3:81/")).toEqual({
      ok: false,
      detail: "10.1.2.3, port 81, is not allowed by --allow-net, which lists 10.0.0.0/8:80",
    });
  });

  test("says which address is meant by one that is inside of another", () => {
    expect(policyOf("10.0.0.0/8").checkAddress("h", "2002:7f00:1::", 80)).toEqual({
      ok: false,
      detail:
        "h: 2002:7f00:1:: (127.0.0.1), port 80, is not allowed by --allow-net, which lists 10.0.0.0/8",
    });
  });

  test("shows a few rules of many", () => {
    const policy = policyOf(Array.from({ length: 20 }, (_, i) => `10.0.0.${i}`).join(","));
    const check = policy.checkAddress("11.0.0.1", "11.0.0.1", 80);
    expect(check.ok ? "" : check.detail).toEndWith("10.0.0.6, 10.0.0.7, ...");
  });
});

describe("parseNetPolicy()", () => {
  test.each([
    ["", "a rule is empty; leave all of them out to allow what is usual"],
    ["10.0.0.1,,10.0.0.2", "a rule is empty; leave all of them out to allow what is usual"],
    ["10.0.0.1:0", '"10.0.0.1:0" must have a port from 1 to 65535 behind the colon'],
    ["a:http", '"a:http" must have a port from 1 to 65535 behind the colon'],
    ["a:", '"a:" must have a port from 1 to 65535 behind the colon'],
    ["[::1]:65536", '"[::1]:65536" must have a port from 1 to 65535 behind the colon'],
    ["10.1.0.5/24", '"10.1.0.5/24" has bits behind its prefix; write 10.1.0.0/24 if you mean that'],
    ["10.1", '"10.1" is not an address or a network'],
    ["2130706433", '"2130706433" is not an address or a network'],
    ["::1]", '"::1]" is not an address or a network'],
    ["[example.com]", '"[example.com]" is not an address or a network'],
    ["*", '"*" is not a host name, *.NAME, an address or a network (10.1.0.0/24)'],
    ["a.*.b", '"a.*.b" is not a host name, *.NAME, an address or a network (10.1.0.0/24)'],
    ["http://a", '"http://a" must have a port from 1 to 65535 behind the colon'],
    ["-a-.b", '"-a-.b" is not a host name, *.NAME, an address or a network (10.1.0.0/24)'],
    [
      "0x7f000001",
      '"0x7f000001" is not a host name, *.NAME, an address or a network (10.1.0.0/24)',
    ],
  ])("says of %j what is wrong", (text, detail) => {
    const parsed = parseNetPolicy([text]);
    expect(parsed.ok ? "" : parsed.detail).toBe(detail);
  });

  test("never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (rule, address) => {
        const parsed = parseNetPolicy([rule, "10.0.0.0/8"]);
        if (parsed.ok) {
          parsed.policy.checkUrl(`http://${address}/`);
          parsed.policy.checkAddress(address, address, 80);
        }
        parseConnectTo([rule]);
      }),
      { numRuns: 1_000 },
    );
  });
});
