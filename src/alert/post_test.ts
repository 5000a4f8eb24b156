import { describe, expect, test } from "bun:test";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import { originOf, post, type PostWorld } from "./post.ts";

const URL_WITH_SECRET = "https://chat.example.org:8443/hooks/T0K3N?key=T0K3N";

function setUp(world: Partial<PostWorld> = {}) {
  const timers = new VirtualTime();
  const requests: Request[] = [];
  const send = () =>
    post(
      { url: URL_WITH_SECRET, headers: { "x-a": "b" }, body: "{}", timeoutMillis: 1_000 },
      {
        timers,
        addressesOf: async () => ({ ok: true, ips: ["10.0.0.1"] }),
        fetchAt: async (request) => {
          requests.push(request);
          return new Response("T0K3N");
        },
        ...world,
      },
    );
  return { timers, requests, send };
}

const answering = (status: number, headers = {}) => ({
  fetchAt: async () => new Response(null, { status, headers }),
});

/** What becomes of an attempt at which this is thrown. */
async function throwing(error: unknown) {
  const fetchAt = async () => {
    throw error;
  };
  return await setUp({ fetchAt }).send();
}

describe("post()", () => {
  test("sends the body as JSON with the headers, and follows no redirect", async () => {
    const { requests, send } = setUp();
    expect(await send()).toEqual({ kind: "taken" });
    const [request] = requests;
    expect([request!.method, request!.redirect, await request!.text()]).toEqual([
      "POST",
      "manual",
      "{}",
    ]);
    expect(request!.headers.get("content-type")).toBe("application/json");
    expect(request!.headers.get("x-a")).toBe("b");
  });

  test.each([
    [200, "taken"],
    [204, "taken"],
    [299, "taken"],
    [301, "failed"],
    [307, "failed"],
    [400, "refused"],
    [401, "failed"],
    [403, "failed"],
    [404, "failed"],
    [408, "failed"],
    [413, "refused"],
    [422, "refused"],
    [429, "failed"],
    [500, "failed"],
    [503, "failed"],
  ])("%p is %p, and nothing secret is said", async (status, kind) => {
    const outcome = await setUp(answering(status)).send();
    expect(outcome.kind as string).toBe(kind);
    expect(JSON.stringify(outcome)).not.toContain("T0K3N");
  });

  test("how long the receiver wants to be left alone is told", async () => {
    const { send } = setUp(answering(429, { "retry-after": "90" }));
    expect(await send()).toMatchObject({ retryAfterMs: 90_000 });
    const dated = setUp(answering(429, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }));
    expect(await dated.send()).not.toHaveProperty("retryAfterMs");
  });

  test("whatever is thrown is a failure in a few words", async () => {
    const refused = Object.assign(new Error(`to ${URL_WITH_SECRET}`), { code: "ECONNREFUSED" });
    expect(await throwing(refused)).toEqual({
      kind: "failed",
      detail: "https://chat.example.org:8443 cannot be reached: ECONNREFUSED",
    });
    expect(await throwing(new TypeError("T0K3N"))).toMatchObject({
      detail: "https://chat.example.org:8443 cannot be reached: TypeError",
    });
    expect(await throwing("T0K3N")).toMatchObject({ kind: "failed" });
  });

  test("one that hangs ends at the deadline, and is told to", async () => {
    let signal: AbortSignal | undefined;
    const { timers, send } = setUp({
      fetchAt: (request) => {
        signal = request.signal;
        return new Promise(() => {});
      },
    });
    const sent = send();
    await Promise.resolve();
    timers.pass(1_000);
    expect(await sent).toEqual({
      kind: "failed",
      detail: "https://chat.example.org:8443 did not answer in 1000 ms",
    });
    expect(signal!.aborted).toBe(true);
    expect(timers.waitingCount).toBe(0);
  });

  test("a look-up that hangs ends at the deadline too, and nothing is sent after it", async () => {
    const { timers, requests, send } = setUp({ addressesOf: () => new Promise(() => {}) });
    const sent = send();
    timers.pass(1_000);
    expect(await sent).toMatchObject({ kind: "failed" });
    expect(requests).toEqual([]);
  });

  test("connects to the addresses that were judged, one after the other until one answers", async () => {
    const tried: string[] = [];
    const ips = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
    const { send } = setUp({
      addressesOf: async () => ({ ok: true, ips }),
      fetchAt: async (request, ip) => {
        tried.push(`${ip} ${await request.text()}`);
        if (ip === "10.0.0.1") throw new Error("refused");
        return new Response();
      },
    });
    expect(await send()).toEqual({ kind: "taken" });
    expect(tried).toEqual(["10.0.0.1 {}", "10.0.0.2 {}"]);
  });

  test("nothing is sent to an address that is not allowed", async () => {
    const { requests, send } = setUp({
      addressesOf: async () => ({ ok: false, detail: "10.0.0.1 is not allowed" }),
    });
    expect(await send()).toEqual({ kind: "failed", detail: "10.0.0.1 is not allowed" });
    expect(requests).toEqual([]);
  });
});

test("originOf() leaves out what may be secret", () => {
  expect(originOf(URL_WITH_SECRET)).toBe("https://chat.example.org:8443");
  expect(originOf("no URL")).toBe("the receiver");
});
