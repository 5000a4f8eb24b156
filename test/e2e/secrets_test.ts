/**
 * Every kind of secret that a monitor is given, and everything that it says: none of the former is in any of the
 * latter. The servers that it asks give back what they are sent, in their status line, headers and body, and so
 * does the receiver of its alerts, since that is how a secret would come back.
 */
import { afterEach, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { join } from "node:path";
import { run, stopAll, temporaryDirectory, until } from "../kit/binary.ts";
import { type Monitor, startCluster } from "../kit/cluster.ts";
import { TestServer } from "../kit/tcp_server.ts";

const LONG_MS = 120_000;

const servers: TestServer[] = [];
afterEach(async () => {
  await stopAll();
  for (const server of servers.splice(0)) server.stop();
});

/** Secrets by what they are, each in a file of its own. */
class Secrets {
  readonly #directory = temporaryDirectory();
  readonly #values = new Map<string, string>();

  /** The path of its file. */
  async file(name: string): Promise<string> {
    const path = join(this.#directory, name);
    await Bun.write(path, `${this.value(name)}\n`);
    return path;
  }

  value(name: string): string {
    const known = this.#values.get(name) ?? randomBytes(24).toString("hex");
    this.#values.set(name, known);
    return known;
  }

  /** Those that are in a text, as they are or in another dress. */
  foundIn(text: string): readonly string[] {
    return [...this.#values].flatMap(([name, value]) => {
      const dresses = [
        value,
        value.toUpperCase(),
        btoa(value),
        btoa(`user:${value}`),
        Buffer.from(value).toString("hex"),
      ];
      return dresses.some((dress) => text.includes(dress)) ? [name] : [];
    });
  }
}

type Reply = (request: string) => string;

/** All that was sent to the servers. */
let heard = "";

/** A server that answers whatever it is sent. */
async function replying(reply: Reply): Promise<TestServer> {
  const server = await TestServer.start((socket: Socket) => {
    socket.on("data", (bytes: Uint8Array) => {
      const request = Buffer.from(bytes).toString("latin1");
      heard += request;
      socket.end(reply(request));
    });
  });
  servers.push(server);
  return server;
}

const credentialsIn = (request: string) => /^authorization: (.*)$/imu.exec(request)?.[1] ?? "none";

/** Each a way for what was sent to come back. */
const REPLIES: Readonly<Record<string, Reply>> = {
  asStatus: (request) => `HTTP/1.1 401 ${credentialsIn(request)}\r\ncontent-length: 0\r\n\r\n`,
  asProtocol: (request) => request,
  asHeader: (request) => `HTTP/1.1 200 OK\r\n${credentialsIn(request)} : x\r\n\r\n`,
  asLocation: (request) =>
    `HTTP/1.1 302 x\r\nlocation: http://127.0.0.1/${credentialsIn(request)}\r\n\r\n`,
  asBody: (request) => `HTTP/1.1 200 OK\r\n\r\n${credentialsIn(request)}`,
};

async function putTargets(monitor: Monitor, secrets: Secrets, headers: Record<string, string>) {
  const bearerTokenFile = await secrets.file("bearer-token");
  const basicAuth = { user: "user", passwordFile: await secrets.file("password") };
  for (const [name, reply] of Object.entries(REPLIES)) {
    const { port } = await replying(reply);
    const common = {
      url: `http://127.0.0.1:${port}/`,
      intervalMillis: 100,
      expect: { bodyMatches: "^never$" },
      monitor: { minStdDeviationMillis: 50, firstHeartbeatEstimateMillis: 300 },
    };
    const put = async (target: object) => {
      expect((await monitor.put({ ...common, ...target }, headers)).status).toBe(200);
    };
    await put({ name: `${name}-bearer`, bearerTokenFile });
    await put({ name: `${name}-basic`, basicAuth });
  }
}

/** What nobody takes, and what is said about it. */
async function refusedWrites(monitor: Monitor, secrets: Secrets, headers: Record<string, string>) {
  const password = secrets.value("url-password");
  const urls = [
    `http://user:${password}@127.0.0.1:9/`,
    `http://${password}@127.0.0.1:9/`,
    `http:///user:${password}@127.0.0.1:9/`,
    `//user:${password}@127.0.0.1:9/`,
    `ftp://user:${password}@127.0.0.1/`,
    `http://user:${password}@127.0.0.1:99999/`,
  ];
  const texts: string[] = [];
  for (const url of urls) {
    for (const headersOf of [headers, {}]) {
      const { status, body } = await monitor.put({ name: "t", url }, headersOf);
      expect(status).toBeOneOf([400, 401]);
      texts.push(JSON.stringify(body));
    }
  }
  const withSecret = await monitor.put(
    { name: "t", url: "push:", headers: { authorization: `Bearer ${password}` } },
    headers,
  );
  expect(withSecret.status).toBe(400);
  const guess = { authorization: `Bearer ${secrets.value("guessed-token")}` };
  const guessed = await monitor.put({ name: "t", url: "push:" }, guess);
  expect(guessed.status).toBe(401);
  return [...texts, JSON.stringify(withSecret.body), JSON.stringify(guessed.body)];
}

const PATHS = [
  "/",
  "/config",
  "/targets",
  "/observers",
  "/observers/matrix",
  "/alerts",
  "/silences",
  "/cluster",
  "/metrics",
  "/healthz",
  "/readyz",
  "/openapi",
  "/openapi/json",
  "/openapi/start.js",
];

/** All that a monitor answers to whoever asks, with its headers. */
async function answersOf(monitor: Monitor): Promise<readonly string[]> {
  const ofTargets = (await monitor.names()).flatMap((name) => [
    `/config/${name}`,
    `/targets/${name}`,
    `/targets/${name}/explain`,
    `/targets/${name}/history`,
    `/targets/${name}/intervals`,
    `/badge/${name}.svg`,
  ]);
  const texts: string[] = [];
  for (const path of [...PATHS, ...ofTargets]) {
    for (const accept of [
      "*/*",
      "application/yaml",
      "text/plain",
      "application/openmetrics-text",
    ]) {
      const { headers, body } = await monitor.ask(path, { headers: { accept } });
      texts.push(JSON.stringify([path, [...headers], body]));
    }
  }
  return texts;
}

/** All that a monitor says of what changes, from now until it ends. */
async function followEvents(monitor: Monitor): Promise<() => string> {
  const { body } = await fetch(`${monitor.url}/events`);
  const decoder = new TextDecoder();
  let text = "";
  const sink = new WritableStream<Uint8Array>({
    write: (chunk) => void (text += decoder.decode(chunk, { stream: true })),
  });
  // How it ends is nothing to this test: the monitor goes.
  void body!.pipeTo(sink).catch(() => undefined);
  return () => text;
}

test(
  "no secret is in a log, a metric or an answer, whatever comes back from those that it was sent to",
  async () => {
    const secrets = new Secrets();
    const hook = await replying((request) => `HTTP/1.1 500 ${request.slice(0, 900)}`);
    const webhook = {
      name: "hook",
      webhook: `http://127.0.0.1:${hook.port}/${secrets.value("path-of-webhook")}?k=${secrets.value("query-of-webhook")}`,
      secretFile: await secrets.file("webhook-secret"),
      bearerTokenFile: await secrets.file("webhook-token"),
      groupWaitMillis: 0,
    };
    const gone = {
      ...webhook,
      name: "gone",
      webhook: webhook.webhook.replace(`:${hook.port}`, ":9"),
    };
    const manager = await replying((request) => `HTTP/1.1 500 ${request.slice(0, 900)}`);
    const alertmanager = {
      name: "manager",
      alertmanager: [`http://127.0.0.1:${manager.port}`],
      bearerTokenFile: await secrets.file("alertmanager-token"),
    };
    const alerts = join(temporaryDirectory(), "alerts.json");
    await Bun.write(alerts, JSON.stringify({ receivers: [webhook, gone, alertmanager] }));
    const flags = [
      `--alerts=${alerts}`,
      `--api-token-file=${await secrets.file("api-token")}`,
      `--cluster-secret-file=${await secrets.file("cluster-secret")}`,
    ];
    const monitors = await startCluster(2, (id) => ({
      flags: id === "a" ? flags : [...flags, "--json"],
    }));
    const [first] = monitors;
    const headers = { authorization: `Bearer ${secrets.value("api-token")}` };
    const events = await Promise.all(monitors.map(followEvents));
    await putTargets(first!, secrets, headers);
    const said = await refusedWrites(first!, secrets, headers);
    await until("all are down, and the receivers were told in vain", async () => {
      const { body } = await first!.ask("/alerts");
      const { incidents } = body as { incidents?: readonly unknown[] };
      const areTold = hook.accepted >= 2 && manager.accepted >= 2;
      return (areTold && incidents?.length === 2 * Object.keys(REPLIES).length) || undefined;
    });
    const { url } = first!;
    for (const command of [["targets", "list"], ["backup"], ["explain", "asBody-basic"]]) {
      const { stdout, stderr } = await run(command, { env: { PHI_API: url } });
      said.push(stdout, stderr);
    }
    for (const monitor of monitors) said.push(...(await answersOf(monitor)));
    for (const monitor of monitors) {
      await monitor.end("SIGTERM");
      await monitor.running.drained;
      said.push(monitor.log, monitor.running.stdout());
      expect(monitor.log.length).toBeGreaterThan(500);
    }
    for (const textOf of events) {
      expect(textOf()).toContain("down");
      said.push(textOf());
    }
    expect(secrets.foundIn(said.join("\n"))).toEqual([]);
    // They were sent, so that they could have come back.
    const sent = [
      "alertmanager-token",
      "bearer-token",
      "password",
      "path-of-webhook",
      "query-of-webhook",
      "webhook-token",
    ];
    expect(secrets.foundIn(heard).toSorted()).toEqual(sent);
  },
  LONG_MS,
);
