import { describe, expect, test } from "bun:test";
import type { Resolve } from "../port.ts";
import { bunResolve, makeResolve } from "./resolve.ts";

async function ipsOfLocalhost(resolve: Resolve): Promise<string[]> {
  const result = await resolve("localhost");
  return result.ok ? result.addresses.map(({ ip }) => ip) : [];
}

describe("bunResolve()", () => {
  test("knows localhost", async () => {
    expect(await ipsOfLocalhost(bunResolve)).toContain("127.0.0.1");
  });
});

describe("makeResolve()", () => {
  test("keeps the order, and tells the families apart", async () => {
    const resolve = makeResolve(() =>
      Promise.resolve([
        { address: "::1", family: 6 },
        { address: "127.0.0.1", family: 4 },
      ]),
    );
    expect(await resolve("a.test")).toEqual({
      ok: true,
      addresses: [
        { ip: "::1", family: 6 },
        { ip: "127.0.0.1", family: 4 },
      ],
    });
  });

  test("a failure and an empty answer are values", async () => {
    const failing = makeResolve(() => Promise.reject(new Error("DNS_ENOTFOUND")));
    expect(await failing("a.test")).toEqual({
      ok: false,
      detail: "cannot look a.test up: DNS_ENOTFOUND",
    });
    const empty = makeResolve(() => Promise.resolve([]));
    expect(await empty("a.test")).toEqual({ ok: false, detail: "a.test has no address" });
  });

  test("localhost is this machine where nobody knows it, and what the system says where it does", async () => {
    const failing = makeResolve(() => Promise.reject(new Error("DNS_ENOTFOUND")));
    expect(await ipsOfLocalhost(failing)).toEqual(["127.0.0.1", "::1"]);
    const mapped = makeResolve(() => Promise.resolve([{ address: "127.0.0.9", family: 4 }]));
    expect(await ipsOfLocalhost(mapped)).toEqual(["127.0.0.9"]);
  });

  test("look-ups of one name that overlap are one, and later ones are new", async () => {
    let lookUps = 0;
    const answer = Promise.withResolvers<{ address: string; family: number }[]>();
    const resolve = makeResolve(() => {
      lookUps++;
      return answer.promise;
    });
    const both = [resolve("a.test"), resolve("a.test"), resolve("b.test")];
    expect(lookUps).toBe(2);
    answer.resolve([{ address: "10.0.0.1", family: 4 }]);
    await Promise.all(both);
    await resolve("a.test");
    expect(lookUps).toBe(3);
  });
});
