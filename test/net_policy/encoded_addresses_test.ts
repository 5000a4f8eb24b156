/**
 * --allow-net from end to end: a URL as somebody writes it, through the decoder and the policy, to the address
 * that a prober dials. However an address is spelled, whatever its name stands for meanwhile, and wherever an
 * answer points: nothing is dialled that is not on the list.
 */
import { describe, expect, test } from "bun:test";
import { decodeTarget } from "../../src/config/mod.ts";
import { type NetPolicy, parseNetPolicy } from "../../src/net_policy/mod.ts";
import type { Connection, ConnectionEvents, DialAddress, Resolve } from "../../src/port.ts";
import { HttpProber, type ProbeOutcome, TimerWheel } from "../../src/probe/mod.ts";
import { spellingsOf } from "../kit/address_spellings.ts";

function policyOf(...rules: string[]): NetPolicy {
  const parsed = parseNetPolicy(rules);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.policy;
}

const noSuchName: Resolve = (name) =>
  Promise.resolve({ ok: false, detail: `${name} is nobody's name` });

/** A prober whose connections the test answers, under a policy. */
class Guarded {
  readonly dialled: string[] = [];
  readonly wheel = new TimerWheel(0);
  readonly #prober: HttpProber;
  #events: ConnectionEvents | undefined;

  constructor(url: string, policy: NetPolicy, resolve: Resolve = noSuchName, isKept = false) {
    this.#prober = new HttpProber(
      {
        url,
        method: "GET",
        headers: {},
        timeoutMs: 1_000,
        statusMatches: (status) => status === 200,
        maxBodyBytes: 100,
        tls: { insecureSkipVerify: false },
        connection: isKept ? "reuse" : "fresh",
      },
      {
        dial: (address, events) => this.#dial(address, events),
        resolve,
        readTextFile: () => Promise.reject(new Error("no file")),
        nowMs: () => 0,
        wheel: this.wheel,
        checkAddress: (hostName, ip, port) => policy.checkAddress(hostName, ip, port),
      },
    );
  }

  /** One question, answered with `answer` where something is dialled. */
  async ask(answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"): Promise<ProbeOutcome> {
    const before = this.dialled.length;
    const outcome = new Promise<ProbeOutcome>((resolve) => this.#prober.ask(resolve));
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    if (this.dialled.length > before) this.#events!.onConnect();
    this.#events?.onData(new TextEncoder().encode(answer));
    return await outcome;
  }

  #dial({ ip, port }: DialAddress, events: ConnectionEvents): Connection {
    this.dialled.push(`${ip} ${port}`);
    this.#events = events;
    return { write: () => undefined, close: () => undefined };
  }
}

/** Whether a target with this URL may be written: what the API and a config file ask first. */
function mayBeWritten(url: string, policy: NetPolicy): boolean {
  return decodeTarget({ name: "t", url }).ok && policy.checkUrl(url).ok;
}

/** What is dialled for it, if it is asked although it could not be written. */
async function dialledFor(url: string, policy: NetPolicy): Promise<readonly string[]> {
  if (!/^https?:/u.test(URL.parse(url)?.protocol ?? "")) return [];
  if (new URL(url).username !== "") return [];
  const guarded = new Guarded(url, policy);
  await guarded.ask();
  return guarded.dialled;
}

describe("an address off the list, however it is spelled", () => {
  const cases = [
    { forbidden: "169.254.169.254", policy: policyOf() },
    { forbidden: "10.1.0.5", policy: policyOf("127.0.0.0/8") },
    { forbidden: "192.168.0.1", policy: policyOf("127.0.0.0/8", "10.0.0.0/8", "*.example.com") },
  ];
  for (const { forbidden, policy } of cases) {
    test(`${forbidden} is neither written nor dialled`, async () => {
      for (const host of spellingsOf(forbidden)) {
        for (const scheme of ["http", "https", "HTTP"]) {
          const url = `${scheme}://${host}/`;
          const target = URL.parse(url)?.hostname;
          // What a URL parser takes for a name leads to a look-up, and what that gives is judged again.
          const isAddress = target === undefined || /^\d+\.\d+\.\d+\.\d+$|^\[/u.test(target);
          if (isAddress) expect([url, mayBeWritten(url, policy)]).toEqual([url, false]);
          // Some put it where no host is, and are asked at the host that they have.
          const dialled = await dialledFor(url, policy);
          expect([url, dialled.filter((place) => !place.startsWith("127.0.0.1 "))]).toEqual([
            url,
            [],
          ]);
        }
      }
    });
  }
});

describe("an address on the list", () => {
  test("is dialled as the one that was judged, however it is spelled", async () => {
    const policy = policyOf("127.0.0.0/8:9000");
    let dials = 0;
    for (const host of spellingsOf("127.0.0.9")) {
      const url = `http://${host}:9000/`;
      const dialled = await dialledFor(url, policy);
      for (const place of dialled) {
        dials++;
        const [ip = "", port = ""] = place.split(" ");
        expect(policy.checkAddress(ip, ip, Number(port))).toEqual({ ok: true });
        // Exactly that text goes to the system: no second parser has a say.
        expect(ip).toMatch(/^[\d.]+$|^[\da-f:]+$/u);
      }
    }
    expect(dials).toBeGreaterThan(20);
  });

  test("is no way to another port", async () => {
    const policy = policyOf("127.0.0.1:9000");
    for (const url of ["http://127.0.0.1/", "http://127.0.0.1:9001/", "https://127.0.0.1/"]) {
      expect([mayBeWritten(url, policy), await dialledFor(url, policy)]).toEqual([false, []]);
    }
  });
});

/** A name that stands for these one after the other, the last for good. */
function turning(...answers: readonly (readonly string[])[]): Resolve {
  let turn = 0;
  return () => {
    const ips = answers[Math.min(turn++, answers.length - 1)]!;
    const addresses = ips.map((ip) => ({ ip, family: ip.includes(":") ? 6 : 4 }) as const);
    return Promise.resolve({ ok: true, addresses });
  };
}

describe("a name", () => {
  const policy = policyOf("127.0.0.0/8");
  const url = "http://changing.test:80/";

  test("that changed after it was written is refused at the connect", async () => {
    expect(mayBeWritten(url, policy)).toBe(true);
    const guarded = new Guarded(url, policy, turning(["127.0.0.1"], ["169.254.169.254"]));
    expect(await guarded.ask()).toMatchObject({ ok: true });
    expect(await guarded.ask()).toMatchObject({
      reason: "not_allowed",
      detail: "changing.test: 169.254.169.254 is the address of a cloud's metadata service",
    });
    expect(guarded.dialled).toEqual(["127.0.0.1 80"]);
  });

  test("is looked up once for each connect, and what was judged is what is dialled", async () => {
    let lookUps = 0;
    const resolve: Resolve = (name) => {
      lookUps++;
      // Whoever looked it up a second time would be led astray.
      return turning([lookUps % 2 === 1 ? "127.0.0.1" : "10.0.0.1"])(name);
    };
    const guarded = new Guarded(url, policy, resolve);
    expect(await guarded.ask()).toMatchObject({ ok: true });
    expect([lookUps, guarded.dialled]).toEqual([1, ["127.0.0.1 80"]]);
  });

  test("of several addresses leads to the allowed ones alone", async () => {
    const mixed = [
      "10.0.0.1",
      "::ffff:169.254.169.254",
      "64:ff9b::a9fe:a9fe",
      "fe80::1%lo",
      "::1",
      "127.0.0.7",
      "127.0.0.7%lo",
      "0x7f.0.0.1",
      "",
    ];
    const guarded = new Guarded(url, policy, turning(mixed));
    expect(await guarded.ask()).toMatchObject({ ok: true });
    expect(guarded.dialled).toEqual(["127.0.0.7 80"]);
  });

  test("on the list stays on its kept connection, and is judged again with the next", async () => {
    const byName = policyOf("changing.test");
    const guarded = new Guarded(url, byName, turning(["10.0.0.1"], ["fd00:ec2::254"]), true);
    expect(await guarded.ask()).toMatchObject({ ok: true, reusedConnection: false });
    const closing = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    expect(await guarded.ask(closing)).toMatchObject({ ok: true, reusedConnection: true });
    expect(await guarded.ask()).toMatchObject({ reason: "not_allowed" });
    expect(guarded.dialled).toEqual(["10.0.0.1 80"]);
  });
});

describe("an answer", () => {
  test.each([301, 302, 303, 307, 308])("%i leads nowhere", async (status) => {
    const guarded = new Guarded("http://127.0.0.1/", policyOf("127.0.0.0/8"));
    const location = "location: http://169.254.169.254/latest/meta-data/\r\ncontent-length: 0";
    expect(await guarded.ask(`HTTP/1.1 ${status} x\r\n${location}\r\n\r\n`)).toMatchObject({
      reason: "status",
    });
    expect(guarded.dialled).toEqual(["127.0.0.1 80"]);
  });

  test.each([
    "refresh: 0; url=http://10.0.0.1/",
    'alt-svc: h2="10.0.0.1:443"',
    "link: <http://10.0.0.1/>; rel=preload",
  ])("with %s leads nowhere either", async (header) => {
    const guarded = new Guarded("http://127.0.0.1/", policyOf("127.0.0.0/8"));
    const answer = `HTTP/1.1 200 OK\r\n${header}\r\ncontent-length: 0\r\n\r\n`;
    for (let times = 0; times < 3; times++) {
      expect(await guarded.ask(answer)).toMatchObject({ ok: true });
    }
    expect(new Set(guarded.dialled)).toEqual(new Set(["127.0.0.1 80"]));
  });
});
