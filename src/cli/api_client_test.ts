import { describe, expect, test } from "bun:test";
import { problem } from "../api/mod.ts";
import { bunFetch } from "../bun/mod.ts";
import { openApiClient, type ApiAnswer, type ApiRequest } from "./api_client.ts";
import { connectionRefused, makeMember } from "./_test_member.ts";

type Member = (request: Request) => Promise<Response>;

const PUT: ApiRequest = {
  method: "PUT",
  headers: { "content-type": "application/json" },
  body: '{"name":"a","url":"push:"}',
};

/** One call over members m0, m1, ..., of which some answer. */
async function callOver(members: readonly Member[], request?: ApiRequest, path = "/config") {
  const asked: string[] = [];
  const fetch: Member = (sent) => {
    const { host } = new URL(sent.url);
    asked.push(`${host} ${sent.headers.get("idempotency-key")}`);
    return members[Number(host.slice(1))]!(sent);
  };
  const opened = await openApiClient({ api: members.map((_, i) => `http://m${i}`) }, { fetch });
  if (!opened.ok) throw new Error(opened.message);
  return { answer: await opened.client.call(path, request), asked };
}

const broken: Member = () => Promise.reject(new Error("socket closed"));
const failed: Member = async () => problem("write_failed", "The write has failed: no leader.");
const gone: Member = async () => problem("unknown_target", "It is gone.");
const unknown: Member = async () => problem("write_unknown", "Whether it was made is unknown.");

/** Never answers, but hears when it is given up. */
const hanging: Member = (request) =>
  new Promise((_, reject) => {
    request.signal.addEventListener("abort", () => reject(new Error("aborted")));
  });

const unreadable = () => Promise.reject(new Error("ENOENT"));

function messageOf(answer: ApiAnswer): string {
  return answer.ok ? `ok: ${answer.api}` : answer.message;
}

describe("openApiClient()", () => {
  test.each([
    "",
    "127.0.0.1:8000",
    "ftp://a",
    "http://u:p@a",
    "http://a/phi",
    "http://a/?x",
    "http://a,",
    "http://",
    "nonsense",
  ])("refuses the address %j", async (api) => {
    const { fetch } = makeMember();
    const opened = await openApiClient({ api: ["http://127.0.0.1", api] }, { fetch });
    expect(opened.ok ? "" : opened.message).toStartWith("--api: ");
  });

  test("takes one address, several, or several between commas", async () => {
    for (const api of [
      "http://a",
      "http://a:8000/",
      ["http://a"],
      "http://a, http://b",
      ["http://a", "https://b"],
    ]) {
      const { fetch } = makeMember();
      expect((await openApiClient({ api }, { fetch })).ok).toBe(true);
    }
  });

  test("sends the token with writes only, from its file", async () => {
    const { fetch, requests } = makeMember({ writeToken: "t0ken" });
    const grants = { fetch, readTextFile: async (path: string) => (path === "F" ? "t0ken\n" : "") };
    const opened = await openApiClient({ api: "http://a", tokenFile: "F" }, grants);
    if (!opened.ok) throw new Error(opened.message);
    expect((await opened.client.call("/config", PUT)).ok).toBe(true);
    expect((await opened.client.call("/config")).ok).toBe(true);
    const sent = requests.map(({ headers }) => headers.get("authorization"));
    expect(sent).toEqual(["Bearer t0ken", null]);
  });

  test.each([
    ["", "holds no token"],
    ["\n", "holds no token"],
    ["two words", "holds no token"],
    ["a\nb", "holds no token"],
    ["é", "holds no token"],
  ])("a token file with %j is refused", async (content, sentence) => {
    const grants = { fetch: makeMember().fetch, readTextFile: async () => content };
    const opened = await openApiClient({ api: "http://a", tokenFile: "F" }, grants);
    expect(opened.ok ? "" : opened.message).toContain(sentence);
  });

  test("a token file that cannot be read is refused, with its name and why", async () => {
    const { fetch } = makeMember();
    const opened = await openApiClient(
      { api: "http://a", tokenFile: "F" },
      { fetch, readTextFile: unreadable },
    );
    expect(opened).toEqual({ ok: false, message: "--token-file: F cannot be read: ENOENT" });
  });
});

describe("call()", () => {
  test("asks one member after the other until one answers, under one key", async () => {
    const { fetch } = makeMember();
    const { answer, asked } = await callOver(
      [connectionRefused, broken, failed, fetch, fetch],
      PUT,
    );
    expect(messageOf(answer)).toBe("ok: http://m3");
    expect(asked.map((line) => line.split(" ")[0])).toEqual(["m0", "m1", "m2", "m3"]);
    const keys = new Set(asked.map((line) => line.split(" ")[1]));
    expect([...keys]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    const again = await callOver([fetch], PUT);
    expect(keys.has(again.asked[0]!.split(" ")[1])).toBe(false);
    expect((await callOver([fetch])).asked).toEqual(["m0 null"]);
  });

  test("makes a write once whose answer got lost on the way", async () => {
    const { fetch, store } = makeMember();
    const lost: Member = async (request) => {
      await fetch(request);
      throw new Error("socket closed");
    };
    const { answer } = await callOver([lost, fetch], PUT);
    expect(answer.ok && JSON.parse(answer.text)).toMatchObject({ created: true, revision: 1 });
    expect(store.readLocal().revision).toBe(1);
  });

  test("takes a refusal for an answer, and asks nobody else", async () => {
    const { fetch } = makeMember({ writeToken: "t" });
    const { answer, asked } = await callOver([fetch, fetch], PUT);
    expect(answer).toMatchObject({ ok: false, status: 401 });
    expect(asked).toHaveLength(1);
  });

  test.each([
    [
      [connectionRefused, connectionRefused],
      "no monitor answers at http://m0 or http://m1; name another with --api",
    ],
    [
      [connectionRefused, broken],
      "no monitor answers at http://m0 or http://m1 (socket closed); name another with --api (whether the write was made is not known)",
    ],
    [[failed, connectionRefused], "503: The write has failed: no leader."],
    [
      [failed, broken],
      "503: The write has failed: no leader. (whether the write was made is not known)",
    ],
    [[unknown, failed], "503: Whether it was made is unknown."],
    [[failed, unknown, failed], "503: Whether it was made is unknown."],
    [[broken, unknown], "503: Whether it was made is unknown."],
  ])(
    "that no member decides on tells the worst that may have become of the write (%#)",
    async (members, message) => {
      const { answer } = await callOver(members, PUT);
      expect(messageOf(answer)).toBe(message);
    },
  );

  test("a refusal says whether somebody asked before may have done it, and of what type it is", async () => {
    const refusal = { ok: false, status: 404, problemType: "urn:phi:problem:unknown_target" };
    for (const before of [broken, unknown]) {
      const { answer } = await callOver([before, gone], PUT);
      expect(answer).toMatchObject({ ...refusal, mayBeDone: true });
    }
    for (const before of [connectionRefused, failed]) {
      const { answer } = await callOver([before, gone], PUT);
      expect(answer).toMatchObject({ ...refusal, mayBeDone: false });
    }
  });

  test("has no doubts about a read", async () => {
    const { answer } = await callOver([broken]);
    expect(messageOf(answer)).toBe(
      "no monitor answers at http://m0 (socket closed); name another with --api",
    );
  });

  test("gives a member up that hangs", async () => {
    const { fetch } = makeMember();
    const opened = await openApiClient(
      { api: ["http://m0", "http://m1"] },
      {
        fetch: (request) =>
          new URL(request.url).host === "m0" ? hanging(request) : fetch(request),
      },
      { timeoutMs: 1 },
    );
    if (!opened.ok) throw new Error(opened.message);
    expect(messageOf(await opened.client.call("/config", PUT))).toBe("ok: http://m1");
  });

  test("over a socket: gives up who stops in the middle, and follows nobody with the token", async () => {
    const { fetch: answer } = makeMember();
    const strangers: string[] = [];
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        const { pathname, origin } = new URL(request.url);
        if (pathname === "/stranger") strangers.push(request.headers.get("authorization") ?? "");
        if (pathname === "/moved") return Response.redirect(`${origin}/stranger`, 307);
        if (pathname === "/config") return answer(request);
        return new Response(new ReadableStream({ start: (body) => body.enqueue("half") }));
      },
    });
    const grants = { fetch: bunFetch, readTextFile: async () => "t0ken" };
    const api = `http://127.0.0.1:${server.port}`;
    const flags = { api, tokenFile: "F" };
    const opened = await openApiClient(flags, grants, { timeoutMs: 200 });
    if (!opened.ok) throw new Error(opened.message);
    const { client } = opened;
    try {
      expect(messageOf(await client.call("/config", PUT))).toBe(`ok: ${api}`);
      expect(messageOf(await client.call("/moved", PUT))).toStartWith("307:");
      expect(strangers).toEqual([]);
      expect(messageOf(await client.call("/hangs", PUT))).toStartWith("no monitor answers at");
    } finally {
      await server.stop(true);
    }
  });

  test("tells a problem in a line, and what is wrong with a body in a line each", async () => {
    const { fetch } = makeMember();
    const one = await callOver([fetch], { ...PUT, body: '{"name":"a"}' });
    expect(messageOf(one.answer)).toMatch(/^400: [^\n]*url[^\n]*$/);
    const two = await callOver([fetch], { ...PUT, body: '{"name":"","x":1}' });
    expect(messageOf(two.answer).split("\n").slice(1).toSorted()).toEqual([
      expect.stringMatching(/^ {2}\/name: /),
      expect.stringMatching(/^ {2}\/url: /),
      expect.stringMatching(/^ {2}\/x: /),
    ]);
  });

  test.each(["", "<html>\u001b[2J\n\n</html>", "null", "[]", '{"detail":7}', "x".repeat(9_000)])(
    "keeps what is no problem document short and harmless (%#)",
    async (text) => {
      const { answer } = await callOver([async () => new Response(text, { status: 502 })]);
      const message = messageOf(answer);
      expect(message).toStartWith("502:");
      expect(message.length).toBeLessThan(210);
      expect(message).not.toMatch(/\p{Cc}/u);
    },
  );

  test("keeps a problem's own words from moving the cursor", async () => {
    const errors = [1, 2].map((n) => ({ pointer: `/\u001b${n}`, detail: "a\nb" }));
    const evil: Member = async () => problem("invalid_body", "a\u001b[2J\nb", { errors });
    expect(messageOf((await callOver([evil])).answer)).toBe("400: a [2J b\n  / 1: a b\n  / 2: a b");
  });
});
