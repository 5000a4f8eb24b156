import { expect, test } from "bun:test";
import { parseNetPolicy } from "../../net_policy/mod.ts";
import { makeAdmitJoiner } from "./admit_joiner.ts";

function admitUnder(...rules: string[]) {
  const parsed = parseNetPolicy(rules);
  if (!parsed.ok) throw new Error(parsed.detail);
  return makeAdmitJoiner(parsed);
}

const at = (host: string, port = 7_000) => ({ host, port });

test("a joiner is nowhere where a machine's own credentials are handed out, whatever is watched", () => {
  for (const admit of [admitUnder(), admitUnder("10.1.0.0/24"), admitUnder("0.0.0.0/0")]) {
    expect(admit(at("169.254.169.254", 80), ["169.254.169.254"])).toEqual({
      ok: false,
      detail: "169.254.169.254 is the address of a cloud's metadata service",
    });
    for (const ip of ["169.254.1.1", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0"]) {
      expect([ip, admit(at("joiner"), [ip]).ok]).toEqual([ip, false]);
    }
  }
});

test("a joiner is held to no list, and goes by those of its addresses that may be", () => {
  const admit = admitUnder("10.1.0.0/24");
  expect(admit(at("joiner"), ["169.254.1.1", "192.168.0.7"])).toEqual({
    ok: true,
    ips: ["192.168.0.7"],
  });
  expect(admit(at("127.0.0.1"), ["127.0.0.1"]).ok).toBe(true);
});

test("a rule that names a link-local network admits joiners there", () => {
  const admit = admitUnder("10.1.0.0/24", "169.254.7.0/24:7000");
  expect(admit(at("169.254.7.2"), ["169.254.7.2"]).ok).toBe(true);
  expect(admit(at("169.254.7.2", 80), ["169.254.7.2"]).ok).toBe(false);
});

test("no rule admits a joiner where no single monitor can be", () => {
  for (const [rule, ip] of [
    ["224.0.0.0/4", "224.0.0.1"],
    ["ff00::/8", "ff02::1"],
    ["0.0.0.0/8", "0.0.0.0"],
    ["255.255.255.255", "255.255.255.255"],
  ] as const) {
    expect([rule, admitUnder(rule)(at(ip), [ip]).ok]).toEqual([rule, false]);
  }
});
