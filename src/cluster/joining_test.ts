import { afterEach, describe, expect, test } from "bun:test";
import { askToJoin, findCluster, type JoinGrants } from "./joining.ts";

const CLUSTER = { clusterId: "c1", members: [{ id: "a", address: "127.0.0.1:7000" }] };
const MORE = { leader: "a", members: [{ ...CLUSTER.members[0], role: "voter", isLeader: true }] };
const problem = (status: number, detail: string) => () => Response.json({ detail }, { status });

type Answer = (request: Request) => Response | Promise<Response>;

let server: Bun.Server<undefined> | undefined;

afterEach(async () => {
  await server?.stop(true);
  server = undefined;
});

/** A member that gives these answers, the last of them for good, and the grants of one who asks it. */
function setUp(...answers: readonly Answer[]) {
  const requests: { method: string; path: string; body: string; token: string | null }[] = [];
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const token = request.headers.get("authorization");
      const path = new URL(request.url).pathname;
      requests.push({ method: request.method, path, body: await request.text(), token });
      return answers[Math.min(requests.length, answers.length) - 1]!(request);
    },
  });
  const [pauses, troubles, stopping] = [[] as number[], [] as string[], new AbortController()];
  const grants: JoinGrants = {
    fetch: (request) => fetch(request),
    timers: {
      after: (delayMs, run) => {
        pauses.push(delayMs);
        const timer = setTimeout(run, 0);
        return () => clearTimeout(timer);
      },
      yieldToLoop: () => Promise.resolve(),
    },
    onTrouble: (detail) => troubles.push(detail),
    signal: stopping.signal,
  };
  return { url: server.url.origin, requests, pauses, troubles, stopping, grants };
}

const found: Answer = () => Response.json({ ...CLUSTER, ...MORE });

describe("findCluster()", () => {
  test("gives what the cluster is called, and who is in it", async () => {
    const { url, grants, requests } = setUp(found);
    const asked = await findCluster({ url }, grants);
    expect(asked).toMatchObject({ ok: true, answer: CLUSTER });
    expect(requests).toEqual([{ method: "GET", path: "/cluster", body: "", token: null }]);
  });

  test.each<[string, Answer, string]>([
    ["503", problem(503, "It is starting."), "503: It is starting."],
    ["an error that is not JSON", () => new Response("oops", { status: 500 }), "500: oops"],
    ["what is no JSON", () => new Response("<html>"), "not the answer of a phi monitor"],
    ["another JSON", () => Response.json({ clusterId: "" }), "not the answer of a phi monitor"],
    [
      "a cluster's name that no monitor gives",
      () => Response.json({ ...CLUSTER, clusterId: "\u001b[2J" }),
      "not the answer of a phi monitor",
    ],
    ["nothing", () => new Response(null, { status: 204 }), "not the answer of a phi monitor"],
  ])("asks again after %s, and says so once", async (_, answer, trouble) => {
    const { url, grants, troubles, pauses } = setUp(answer, answer, answer, found);
    expect(await findCluster({ url }, grants)).toMatchObject({ ok: true });
    expect(troubles).toEqual([expect.stringContaining(trouble)]);
    expect(troubles[0]).toStartWith(`${url}/cluster: `);
    expect(pauses).toEqual([200, 400, 800]);
  });

  test.each<[string, (text: string) => Response]>([
    ["a problem's detail", (detail) => Response.json({ detail }, { status: 503 })],
    ["another body", (text) => new Response(text, { status: 503 })],
  ])("what %s says is one short line that moves no cursor", async (_, say) => {
    const { url, grants, troubles } = setUp(
      () => say("a\u001b[2J\r\nb\u202ec\u2028d"),
      () => say("x".repeat(100_000)),
      found,
    );
    expect(await findCluster({ url }, grants)).toMatchObject({ ok: true });
    const [evil, long] = troubles.map((trouble) => trouble.slice(`${url}/cluster: 503: `.length));
    expect(evil).toBe("a [2J b c d");
    expect(long).toBe("x".repeat(512));
  });

  test("waits 5 s at most from one time to the next", async () => {
    const starting = Array.from({ length: 8 }, () => problem(503, "It is starting."));
    const { url, grants, pauses } = setUp(...starting, found);
    await findCluster({ url }, grants);
    expect(pauses.slice(3)).toEqual([1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  test("follows no redirection, and gives nobody else the token", async () => {
    const elsewhere: string[] = [];
    const other = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        elsewhere.push(request.url);
        return Response.json(CLUSTER);
      },
    });
    const { url, grants, troubles } = setUp(() => Response.redirect(other.url.href), found);
    expect(await findCluster({ url, token: "t" }, grants)).toMatchObject({ ok: true });
    await other.stop(true);
    expect(elsewhere).toEqual([]);
    expect(troubles).toHaveLength(1);
  });

  test("asks again where nobody listens, until it is given up", async () => {
    const { url, grants, troubles, stopping } = setUp(found);
    await server?.stop(true);
    const onTrouble = (detail: string) => {
      grants.onTrouble(detail);
      stopping.abort();
    };
    const asked = await findCluster({ url }, { ...grants, onTrouble });
    expect(asked).toEqual({ ok: false, detail: "the joining was given up" });
    expect(troubles).toHaveLength(1);
  });

  test("given up, it does not wait for an answer that does not come", async () => {
    const arrived = Promise.withResolvers<void>();
    const { url, grants, troubles, stopping } = setUp(() => {
      arrived.resolve();
      return new Promise<Response>(() => {});
    });
    const asked = findCluster({ url }, grants);
    await arrived.promise;
    stopping.abort();
    expect(await asked).toEqual({ ok: false, detail: "the joining was given up" });
    expect(troubles).toEqual([]);
  });
});

describe("askToJoin()", () => {
  const request = { id: "b", address: "127.0.0.1:7001" };

  test("says who it is and where, with the token", async () => {
    const { url, grants, requests } = setUp(() => Response.json(CLUSTER));
    expect(await askToJoin({ url, token: "secret" }, request, grants)).toMatchObject({ ok: true });
    const [asked] = requests;
    expect(asked).toMatchObject({ method: "POST", path: "/cluster/join", token: "Bearer secret" });
    expect(JSON.parse(asked!.body)).toEqual(request);
  });

  test("409 is final, and the answer says why", async () => {
    const { url, grants, requests } = setUp(problem(409, '"b" is a member already.'));
    const asked = await askToJoin({ url }, request, grants);
    const detail = `${url}/cluster/join: 409: "b" is a member already.`;
    expect(asked).toEqual({ ok: false, detail });
    expect(requests).toHaveLength(1);
  });

  test.each([
    [400, "invalid_body"],
    [401, "unauthorized"],
    [404, "no_cluster"],
    [421, "misdirected"],
  ])("%p, which waiting does not mend, is final and says why", async (status, kind) => {
    const type = `urn:phi:problem:${kind}`;
    const { url, grants, requests, pauses } = setUp(() =>
      Response.json({ type, detail: "It is so." }, { status }),
    );
    const asked = await askToJoin({ url }, request, grants);
    const detail = expect.stringContaining(`/cluster/join: ${status}: It is so.`);
    expect(asked).toMatchObject({ ok: false, detail });
    expect([requests.length, pauses]).toEqual([1, []]);
  });

  test("a certificate that is not trusted is final, and the answer says which flag; one that has ended is not", async () => {
    const { url, grants, pauses } = setUp(() => Response.json(CLUSTER));
    const [ended, untrusted] = ["CERT_HAS_EXPIRED", "UNTRUSTED_CERTIFICATE"].map((code) =>
      Object.assign(new Error(`it is ${code}`), { code }),
    );
    const errors = [ended!, untrusted!];
    const fetch = () => Promise.reject(errors.shift()!);
    const asked = await askToJoin({ url }, request, { ...grants, fetch });
    const detail = expect.stringMatching(/it is UNTRUSTED_CERTIFICATE\. .*--api-ca/u);
    expect(asked).toMatchObject({ ok: false, detail });
    expect(pauses).toEqual([200]);
  });

  test("an id that cannot be had says what to take instead", async () => {
    const type = "urn:phi:problem:member_conflict";
    const { url, grants } = setUp(() => Response.json({ type, detail: "Taken." }, { status: 409 }));
    const detail = expect.stringMatching(/409: Taken\. Take another --id, and an empty data/u);
    expect(await askToJoin({ url }, request, grants)).toMatchObject({ ok: false, detail });
  });

  test("401 says which flag is to be given, whoever answers it", async () => {
    const { url, grants } = setUp(() => new Response("Who are you?", { status: 401 }));
    expect(await askToJoin({ url }, request, grants)).toEqual({
      ok: false,
      detail: `${url}/cluster/join: 401: Who are you? Give this monitor the token of the members (--api-token-file).`,
    });
  });

  test.each([404, 408, 429, 500, 502, 504])(
    "%p of whatever stands before a monitor is asked again",
    async (status) => {
      const { url, grants, troubles } = setUp(
        () => new Response("not there yet", { status }),
        () => Response.json(CLUSTER),
      );
      expect(await askToJoin({ url }, request, grants)).toMatchObject({ ok: true });
      expect(troubles).toEqual([expect.stringContaining(`${status}: not there yet`)]);
    },
  );

  test("403 and 503 are asked again, and each is told", async () => {
    const [unproved, unavailable] = [problem(403, "No proof."), problem(503, "No quorum.")];
    const { url, grants, troubles } = setUp(unproved, unproved, unavailable, () =>
      Response.json(CLUSTER),
    );
    expect(await askToJoin({ url }, request, grants)).toMatchObject({ ok: true });
    expect(troubles.map((trouble) => trouble.split(": ").slice(-2).join(" "))).toEqual([
      "403 No proof.",
      "503 No quorum.",
    ]);
  });
});
