/** The receiver of pushed heartbeats: the same requests to it under every runtime it is for. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { bundleEdge, EDGE_RUNTIMES, type EdgeReceiver } from "../kit/edge_runtimes.ts";
import { VERSION } from "../../src/version.ts";

const POLL_MS = 20;
const PATIENCE_MS = 8_000;
const LONG_MS = 30_000;

/** Judged in about a second: after beats 100 ms apart, suspect some 0.6 s into a silence and down some 1.2 s. */
const QUICK = {
  url: "push:",
  intervalMillis: 100,
  monitor: {
    threshold: 16,
    suspectRatio: 0.25,
    minStdDeviationMillis: 150,
    firstHeartbeatEstimateMillis: 100,
  },
};

/** Silent for as long as a test goes on, it is up. */
const PATIENT = { url: "push:", intervalMillis: 60_000 };

interface TargetAnswer {
  readonly name: string;
  readonly verdict: string;
  readonly verdictSince: string;
  readonly lastHeartbeat: string | null;
  readonly phi: number;
  readonly heartbeats: number;
}

interface ProblemAnswer {
  readonly type: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** What the stream tells of a verdict. */
interface Change {
  readonly from: string;
  readonly to: string;
  readonly phi: number;
  readonly at: string;
}

const JSON_TYPE = { "content-type": "application/json" };

function put(url: string, target: unknown): Promise<Response> {
  return fetch(`${url}/config`, {
    method: "PUT",
    headers: JSON_TYPE,
    body: JSON.stringify(target),
  });
}

async function watch(url: string, name: string, settings: object = QUICK): Promise<void> {
  const response = await put(url, { name, ...settings });
  expect([response.status, (await response.json()) as unknown]).toMatchObject([
    200,
    { created: true, target: { name, url: "push:" } },
  ]);
}

/** The answer's status. */
async function beat(url: string, name: string, body?: unknown): Promise<number> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${url}/heartbeat/${name}`, { method: "POST", ...init });
  await response.arrayBuffer();
  return response.status;
}

/** Beats at the target's own interval. */
async function beats(url: string, name: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    if (index > 0) await Bun.sleep(QUICK.intervalMillis);
    expect(await beat(url, name)).toBe(204);
  }
}

async function look(url: string, name: string): Promise<TargetAnswer> {
  return (await (await fetch(`${url}/targets/${name}`)).json()) as TargetAnswer;
}

async function untilVerdict(url: string, name: string, verdict: string): Promise<TargetAnswer> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await look(url, name);
    if (answer.verdict === verdict) return answer;
    if (performance.now() > deadlineMs) throw new Error(`${name} is ${answer.verdict} for ever`);
    await Bun.sleep(POLL_MS);
  }
}

/** Fails for what is no problem document. */
async function problemOf(response: Response): Promise<ProblemAnswer> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await response.json()) as ProblemAnswer;
  expect(problem.status).toBe(response.status);
  return problem;
}

function momentMs(time: string | null): number {
  return Date.parse(time ?? "never");
}

for (const runtime of EDGE_RUNTIMES) {
  const reason = runtime.whyNot();
  if (reason === undefined) {
    describe(`edge under ${runtime.name}`, () => describeReceiver(runtime.start));
    continue;
  }
  if (process.env["CI"] !== "true") console.warn(`skipped: edge under ${runtime.name}: ${reason}`);
  test.skipIf(process.env["CI"] !== "true")(`edge under ${runtime.name} (${reason})`, () => {
    throw new Error(`CI has to run this: ${reason}`);
  });
}

function describeReceiver(startRuntime: (config?: unknown) => Promise<EdgeReceiver>): void {
  const receivers: EdgeReceiver[] = [];
  /** Of the receiver that was given no config. */
  let url = "";

  async function start(config?: unknown): Promise<string> {
    const receiver = await startRuntime(config);
    receivers.push(receiver);
    return receiver.url;
  }

  beforeAll(async () => {
    url = await start();
  }, LONG_MS);

  afterAll(async () => {
    await Promise.all(receivers.map((receiver) => receiver.end()));
  });

  test("without a config it is alive and watches nothing", async () => {
    const health = await fetch(`${url}/healthz`);
    expect([health.status, await health.text()]).toEqual([200, "alive\n"]);
    expect(await (await fetch(`${url}/targets`)).json()).toEqual([]);
    const ready = (await (await fetch(`${url}/readyz`)).json()) as unknown;
    expect(ready).toMatchObject({ watching: 0, revision: 0, version: VERSION });
  });

  test("PUT /config takes push: targets only, because this receiver asks nobody", async () => {
    await watch(url, "put");
    const refused = await put(url, { name: "asked", url: "http://127.0.0.1:9/heartbeat" });
    expect(refused.status).toBe(422);
    expect(await problemOf(refused)).toMatchObject({
      type: "urn:phi:problem:not_allowed",
      errors: [{ pointer: "/url", detail: 'this receiver asks nobody: write "url": "push:"' }],
    });
    expect((await fetch(`${url}/config/asked`)).status).toBe(404);
    expect((await fetch(`${url}/config/put`, { method: "DELETE" })).status).toBe(200);
    expect((await fetch(`${url}/targets/put`)).status).toBe(404);
  });

  test("POST /heartbeat/:name is 204, 409 for a stale one, 404 for a stranger's", async () => {
    await watch(url, "counted", PATIENT);
    expect(await beat(url, "counted", { sequence: 7 })).toBe(204);
    expect(await beat(url, "counted", { sequence: 7 })).toBe(409);
    expect(await beat(url, "counted", { sequence: 8 })).toBe(204);
    expect(await beat(url, "counted")).toBe(204);
    expect(await beat(url, "stranger")).toBe(404);
    expect(await look(url, "counted")).toMatchObject({ verdict: "up" });
  });

  test("bad input is answered with a problem document, and changes nothing", async () => {
    const before = await (await fetch(`${url}/config`)).json();
    const cases: readonly [number, string, string, RequestInit][] = [
      [400, "invalid_body", "/config", { method: "PUT", headers: JSON_TYPE, body: "{" }],
      [400, "invalid_body", "/config", { method: "PUT", headers: JSON_TYPE, body: '{"nam":"x"}' }],
      [415, "unsupported_media_type", "/config", { method: "PUT", body: "name=x" }],
      [428, "precondition_required", "/config", { method: "POST", headers: JSON_TYPE, body: "{}" }],
      [400, "invalid_body", "/heartbeat/counted", { method: "POST", body: "[" }],
      [413, "too_large", "/heartbeat/counted", { method: "POST", body: "x".repeat(2_000) }],
      [413, "too_large", "/config", { method: "PUT", headers: JSON_TYPE, body: tooLong() }],
      [400, "invalid_query", "/targets?verdict=well", {}],
      [404, "unknown_path", "/nothing", {}],
      [404, "unknown_target", "/targets/%E0%A4%A", {}],
      [405, "method_not_allowed", "/metrics", { method: "DELETE" }],
    ];
    for (const [status, kind, path, init] of cases) {
      const answer = await problemOf(await fetch(`${url}${path}`, init));
      const { type } = answer;
      expect([path, answer.status, type]).toEqual([path, status, `urn:phi:problem:${kind}`]);
    }
    expect(await (await fetch(`${url}/config`)).json()).toEqual(before);
  });

  test(
    "silence leads from up over suspect to down, and two beats back up",
    async () => {
      await watch(url, "journey");
      expect(await look(url, "journey")).toMatchObject({ verdict: "unknown", lastHeartbeat: null });
      const stream = await listen(url);
      await beats(url, "journey", 5);
      const down = await untilVerdict(url, "journey", "down");
      expect(down.phi).toBeGreaterThanOrEqual(16);
      expect(down.heartbeats).toBe(5);
      // A machine that is slow sees the step between the two in what was told of it alone.
      await stream.until('{"target":"journey","from":"suspect","to":"down"');
      const told = stream.changesOf("journey");
      expect(told[0]).toMatchObject({ from: "unknown", to: "up" });
      const [suspected, fallen] = told.slice(-2);
      expect(suspected).toMatchObject({ from: "up", to: "suspect" });
      expect(suspected!.phi).toBeGreaterThanOrEqual(4);
      expect(fallen!.phi).toBeGreaterThanOrEqual(16);
      expect(momentMs(down.verdictSince)).toBeGreaterThan(momentMs(suspected!.at));
      expect(momentMs(suspected!.at)).toBeGreaterThan(momentMs(down.lastHeartbeat));
      await beats(url, "journey", 1);
      expect(await look(url, "journey")).toMatchObject({ verdict: "down", heartbeats: 6 });
      // Where the second comes late, it is the first one of two again.
      for (let { verdict } = down; verdict === "down";) {
        await Bun.sleep(QUICK.intervalMillis);
        await beats(url, "journey", 1);
        ({ verdict } = await look(url, "journey"));
      }
      await stream.until('{"target":"journey","from":"down","to":"up"');
      await stream.leave();
    },
    LONG_MS,
  );

  test(
    "a change of verdict is dated to its own moment, although nobody looked for seconds",
    async () => {
      await watch(url, "unseen");
      await beats(url, "unseen", 5);
      await Bun.sleep(6_000);
      const lookedMs = Date.now();
      const { verdict, verdictSince, lastHeartbeat } = await look(url, "unseen");
      expect(verdict).toBe("down");
      expect(momentMs(verdictSince)).toBeLessThan(lookedMs - 1_000);
      expect(momentMs(verdictSince) - momentMs(lastHeartbeat)).toBeGreaterThan(800);
    },
    LONG_MS,
  );

  test("GET /metrics is text, or OpenMetrics by Accept", async () => {
    await watch(url, "measured", PATIENT);
    await beats(url, "measured", 1);
    const text = await fetch(`${url}/metrics`);
    expect(text.headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
    const lines = (await text.text()).split("\n");
    expect(lines).toContain('phi_target_state{target="measured",state="up"} 1');
    expect(lines).toContain('phi_heartbeats_total{target="measured"} 1');
    expect(lines).toContain('phi_target_info{target="measured",url="push:"} 1');
    expect(lines.some((line) => /^phi_suspicion\{target="measured"\} \d/.test(line))).toBe(true);
    const accept = "application/openmetrics-text; version=1.0.0";
    const open = await fetch(`${url}/metrics`, { headers: { accept } });
    expect(open.headers.get("content-type")).toStartWith(accept);
    expect(await open.text()).toEndWith("\n# EOF\n");
  });

  test("GET /metrics is compressed once where gzip is accepted", async () => {
    await watch(url, "compressed");
    const headers = { "accept-encoding": "gzip" };
    const response = await fetch(`${url}/metrics`, { headers, decompress: false });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    const text = new TextDecoder().decode(Bun.gunzipSync(await response.bytes()));
    expect(text).toStartWith("# HELP phi_suspicion ");
    const head = await fetch(`${url}/metrics`, { method: "HEAD", headers });
    expect([head.status, head.headers.get("content-encoding")]).toEqual([200, "gzip"]);
    const plain = await fetch(`${url}/metrics`, { headers: { "accept-encoding": "identity" } });
    expect(plain.headers.has("content-encoding")).toBe(false);
    expect(await plain.text()).toStartWith("# HELP phi_suspicion ");
  });

  test(
    "GET /events tells of other requests' beats, and of a silence at which nobody looks",
    async () => {
      await watch(url, "told");
      const stream = await listen(url);
      await stream.until('{"target":"told","verdict":"unknown"');
      await beats(url, "told", 3);
      await stream.until('{"target":"told","from":"unknown","to":"up"');
      await stream.until('{"target":"told","from":"suspect","to":"down"');
      await stream.leave();
      expect(await beat(url, "told")).toBe(204);
    },
    LONG_MS,
  );

  test("CONFIG says what to watch", async () => {
    const configured = await start(
      `servers: [{ name: a, url: "push:" }, { name: b, url: "push:" }]`,
    );
    expect(await beat(configured, "a")).toBe(204);
    const targets = (await (await fetch(`${configured}/targets`)).json()) as TargetAnswer[];
    expect(targets.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["a", "up"],
      ["b", "unknown"],
    ]);
    await watch(configured, "c");
    expect(await beat(configured, "c")).toBe(204);
  });

  test("a CONFIG that is no text counts as none", async () => {
    const other = await start({ servers: [{ name: "a", url: "push:" }] });
    expect(await (await fetch(`${other}/targets`)).json()).toEqual([]);
  });

  test("a CONFIG with mistakes is the answer to every request, with line and field", async () => {
    const broken = await start("servers:\n  - name: a\n    url: 'push:'\n    intervalMilis: 5\n");
    const line = "CONFIG:4: servers[0].intervalMilis: unknown key; did you mean intervalMillis?";
    for (const [method, path] of [
      ["GET", "/healthz"],
      ["GET", "/metrics"],
      ["POST", "/heartbeat/a"],
      ["GET", "/healthz"],
    ] as const) {
      const answer = await problemOf(await fetch(`${broken}${path}`, { method }));
      expect(answer).toMatchObject({
        type: "urn:phi:problem:broken_config",
        status: 500,
        detail: line,
        errors: [{ pointer: "/servers/0/intervalMilis" }],
      });
    }
  });

  test("a CONFIG with targets to be asked is refused, each of them named", async () => {
    const broken = await start(`servers:
      - { name: a, url: "http://127.0.0.1:9/" }
      - { name: b, url: "push:" }
      - { name: c, url: "https://127.0.0.1:9/" }`);
    const answer = await problemOf(await fetch(`${broken}/targets`));
    expect(answer.status).toBe(500);
    expect(answer.detail.split("\n")).toEqual(
      [0, 2].map((index) => {
        return `CONFIG: servers[${index}].url: this receiver asks nobody: write "url": "push:"`;
      }),
    );
  });

  test("nothing of all this made the runtime complain", () => {
    expect(receivers.map((receiver) => receiver.complaints())).toEqual(receivers.map(() => ""));
  });
}

/** One byte more than a config may have. */
function tooLong(): string {
  return " ".repeat(8 * 1_024 * 1_024 + 1);
}

interface Listening {
  /** Waits for a piece of text to have come, and for the event that it is of. */
  until(text: string): Promise<void>;
  /** All that was told of the target until the last piece that was waited for. */
  changesOf(target: string): readonly Change[];
  leave(): Promise<void>;
}

async function listen(url: string): Promise<Listening> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/events`, { signal: leaving.signal });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  return {
    async until(text) {
      while (!(heard.includes(text) && heard.includes("\n\n", heard.indexOf(text)))) {
        const piece = await reader.read();
        if (piece.done) throw new Error(`the stream ended without ${text}: ${heard}`);
        heard += piece.value;
      }
    },
    changesOf(target) {
      const lines =
        heard.match(new RegExp(`^data: \\{"target":"${target}","from":.*$`, "gmu")) ?? [];
      return lines.map((line): Change => JSON.parse(line.slice("data: ".length)));
    },
    async leave() {
      leaving.abort();
      await reader.closed.catch(() => {});
    },
  };
}

test("the bundle is one file that carries the version and nothing else of package.json", async () => {
  const text = await bundleEdge();
  expect(text).toContain(`version = "${VERSION}"`);
  expect(text).not.toContain("devDependencies");
  expect(new Bun.Transpiler({ loader: "js" }).scanImports(text)).toEqual([]);
});
