/**
 * The API, attacked over real sockets in the compiled binary: a monitor with a token, a few targets that report
 * by themselves, and alerts. Writes of the config go one after the other, so that what they make of it is known;
 * everything else goes at the same time, over connections of its own.
 */
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { Random } from "../../world/random.ts";
import { type FuzzSession, type FuzzTarget, Tally } from "../fuzz_target.ts";
import { atLeast } from "../minimum.ts";
import { fieldsOf, numberOf, parseJson } from "../json_value.ts";
import { MonitorProcess } from "../monitor_process.ts";
import { openDescriptorsOf, residentBytesOf } from "../process_reading.ts";
import { ConfigModel } from "./config_model.ts";
import { abandon, type Answer, KeptConnection, statusesIn, stream } from "./connection.ts";
import { CANARY, makeRawRequest, RAW_KINDS, type RawRequest } from "./raw_requests.ts";
import { type FuzzRequest, isDocument, type OpenapiDocument, RequestMaker } from "./requests.ts";

const TOKEN = "a-token-that-nobody-guesses-0123456789";
const FIRST_CONFIG = {
  servers: [
    { name: "a", url: "push:" },
    { name: "b", url: "push:" },
  ],
};
const LANES = 16;
const RAW_SHARE = 0.3;
const SMUGGLE_WAIT_MS = 1;
/** The runtime's own word for a request line that it cannot read. */
const NO_HTTP1 = 505;

/** Of all requests, each half of what comes or less. */
const MINIMA = [
  // Without accepted writes the model has nothing to say, and without repeated ones idempotency has not.
  ...atLeast(0.015, ["accepted PUT /config"]),
  ...atLeast(0.001, ["accepted DELETE /config/{name}", "accepted POST /config", "repeated"]),
  // So rare that only a run of some thousand owes any.
  ...atLeast(0.000_4, ["accepted POST /heartbeat/{name}", "accepted POST /silences"]),
  ...atLeast(0.000_2, ["accepted DELETE /silences/{id}"]),
  // Refused: what is wrong, whoever has no token, what is not there, a stale or missing condition.
  ...atLeast(0.1, ["200"]),
  ...atLeast(0.03, ["400", "401", "404"]),
  ...atLeast(0.001, ["412", "428"]),
  ...atLeast(0.01, RAW_KINDS),
  // Raw bytes have to come through to a route too, and not all be refused as no HTTP.
  ...atLeast(0.1, ["raw 200"]),
  ...atLeast(0.02, ["raw 400", "raw 401"]),
];

export const apiTarget: FuzzTarget = {
  name: "api",
  unit: "requests",
  fullCount: 100_000,
  casesPerRound: 500,
  allowedBytesPer10k: 4 * 1024 * 1024,
  minima: MINIMA,
  async open() {
    const monitor = new MonitorProcess(writeFiles);
    try {
      await monitor.started();
      const response = await monitor.get("/openapi/json");
      const document: unknown = await response.json();
      if (!isDocument(document)) throw new Error("the monitor serves no OpenAPI document");
      return new ApiSession(monitor, document);
    } catch (error) {
      await monitor.stop();
      throw error;
    }
  },
};

/** The flags that name what is written here. */
function writeFiles(directory: string): readonly string[] {
  const [token, alerts, secret] = ["token", "alerts.json", "secret"].map((name) =>
    join(directory, name),
  );
  writeFileSync(token!, `${TOKEN}\n`);
  writeFileSync(secret!, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n");
  const webhook = { name: "hook", webhook: "http://127.0.0.1:9/", secretFile: secret };
  writeFileSync(alerts!, JSON.stringify({ receivers: [webhook] }));
  return [`--api-token-file=${token}`, `--alerts=${alerts}`];
}

class ApiSession implements FuzzSession {
  readonly tally = new Tally();
  readonly #monitor: MonitorProcess;
  readonly #maker: RequestMaker;
  readonly #model = new ConfigModel();
  readonly #writer: KeptConnection;
  readonly #lanes: readonly KeptConnection[];
  #findings: string[] = [];

  constructor(monitor: MonitorProcess, document: OpenapiDocument) {
    this.#monitor = monitor;
    this.#maker = new RequestMaker(document, TOKEN);
    const connect = () => new KeptConnection(monitor.httpPort);
    this.#writer = connect();
    this.#lanes = Array.from({ length: LANES }, connect);
  }

  async round(seed: number, cases: number): Promise<readonly string[]> {
    this.#findings = [];
    const random = new Random(seed, "api");
    await this.#reset();
    const writes: FuzzRequest[] = [];
    const others: (FuzzRequest | RawRequest)[] = [];
    for (let left = cases; left > 0; left--) {
      const request = this.#maker.make(random);
      if (random.chance(RAW_SHARE)) {
        const raw = makeRawRequest(random, request.text, TOKEN);
        this.tally.add(raw.label);
        others.push(raw);
      } else if (request.write === undefined) others.push(request);
      else writes.push(request);
    }
    await Promise.all([
      this.#makeWrites(writes),
      ...this.#lanes.map((lane) => this.#makeOthers(lane, others)),
    ]);
    await this.#checkAll();
    return this.#findings;
  }

  residentBytes(): number {
    return this.#monitor.isAlive ? residentBytesOf(this.#monitor.pid) : 0;
  }

  openDescriptors(): number {
    return this.#monitor.isAlive ? openDescriptorsOf(this.#monitor.pid) : 0;
  }

  async finish(): Promise<readonly string[]> {
    for (const connection of [this.#writer, ...this.#lanes]) connection.close();
    const defect = this.#monitor.defect();
    return defect === undefined ? [] : [`the monitor said: ${defect}`];
  }

  async close(): Promise<void> {
    await this.#monitor.stop();
  }

  /** An empty config, and then the first one: its targets are of this round. */
  async #reset(): Promise<void> {
    for (const config of [{ servers: [] }, FIRST_CONFIG]) {
      const body = JSON.stringify(config);
      const head = `POST /config HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-Match: *\r\nAuthorization: Bearer ${TOKEN}`;
      const type = `Content-Type: application/json\r\nContent-Length: ${body.length}`;
      const answer = await this.#writer.ask(`${head}\r\n${type}\r\n\r\n${body}`, false);
      if (answer?.status !== 200) return this.#find(`the config cannot be set: ${answer?.status}`);
      if (config.servers.length === 0) this.#model.clear(revisionOf(answer));
      else this.#model.apply({ kind: "replace", config }, revisionOf(answer));
    }
  }

  async #makeWrites(writes: readonly FuzzRequest[]): Promise<void> {
    for (const request of writes) {
      const answer = await this.#ask(this.#writer, request);
      if (answer === undefined) return;
      const hasWritten = answer.status === 200;
      const fault = hasWritten ? this.#model.apply(request.write!, revisionOf(answer)) : undefined;
      if (this.#findings.length > 0) return;
      if (fault !== undefined) return this.#find(`${fault}; ${show(request.text)}`);
      if (!hasWritten || !request.isRepeatable) continue;
      this.tally.add("repeated");
      const again = await this.#ask(this.#writer, request);
      if (again?.body !== answer.body || again.status !== 200) {
        this.#find(`a repeated write was answered with ${again?.status}; ${show(request.text)}`);
      }
    }
  }

  /** All lanes take from one list. */
  async #makeOthers(lane: KeptConnection, left: (FuzzRequest | RawRequest)[]): Promise<void> {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (this.#findings.length > 0) return;
      if ("text" in next) await this.#ask(lane, next);
      else await this.#stream(next);
    }
  }

  async #ask(connection: KeptConnection, request: FuzzRequest): Promise<Answer | undefined> {
    const { text, method, operation, isWrong, statuses } = request;
    const label = `${request.isSpoilt ? "spoilt" : "valid"} ${operation}`;
    const answer = await connection.ask(text, method === "HEAD");
    if (answer === undefined) {
      this.#find(`no answer to ${label}; ${show(text)}`);
      return undefined;
    }
    const { status } = answer;
    this.tally.add(String(status));
    const isRefused = status >= 400;
    if (!isRefused && !operation.startsWith("GET ")) this.tally.add(`accepted ${operation}`);
    if (isServersFault(status)) this.#find(`${status} to ${label}: ${answer.body}; ${show(text)}`);
    if (isWrong && !isRefused) this.#find(`${status} to what is wrong, ${label}; ${show(text)}`);
    if (statuses !== undefined && !statuses.has(status)) {
      this.#find(`${status} to ${label}, which the document does not list; ${show(text)}`);
    }
    if (isRefused && !isProblem(answer, operation)) {
      this.#find(`${status} to ${label} is no problem document: ${answer.body}; ${show(text)}`);
    }
    return answer;
  }

  async #stream({ pieces, isAbandoned }: RawRequest): Promise<void> {
    const { httpPort } = this.#monitor;
    if (isAbandoned) return await abandon(httpPort, pieces.join(""));
    const received = await stream(httpPort, pieces);
    for (const status of statusesIn(received)) {
      this.tally.add(`raw ${status}`);
      if (!isServersFault(status) || status === NO_HTTP1) continue;
      this.#find(`${status} to raw bytes; ${show(pieces.join(""))}`);
    }
  }

  async #checkAll(): Promise<void> {
    if (!this.#monitor.isAlive) return this.#find(`the monitor has ended: ${this.#monitor.log()}`);
    // What was smuggled in by the last of them may be on its way.
    await Bun.sleep(SMUGGLE_WAIT_MS);
    const health = await this.#get("/healthz");
    if (health?.status !== 200) this.#find(`/healthz says ${health?.status}`);
    const config = await this.#get("/config");
    if (config?.status !== 200) return this.#find(`/config says ${config?.status}`);
    const revision = Number(config.headers.get("etag")?.replaceAll('"', ""));
    const fault = this.#model.faultOf(parseJson(config.body), revision);
    if (fault !== undefined) this.#find(`the config is not what the writes make it: ${fault}`);
    if (config.body.includes(CANARY)) this.#find("a write was smuggled in");
  }

  async #get(path: string): Promise<Answer | undefined> {
    return await this.#writer.ask(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`, false);
  }

  #find(sentence: string): void {
    this.#findings.push(sentence);
  }
}

function isServersFault(status: number): boolean {
  return status >= 500 && status !== 503;
}

function revisionOf({ body }: Answer): number {
  return numberOf(fieldsOf(parseJson(body))["revision"]);
}

/** Or, where a picture was asked for, a picture that says so. */
function isProblem({ headers, status }: Answer, operation: string): boolean {
  const type = headers.get("content-type") ?? "";
  if (type === "application/problem+json") return true;
  return operation === "GET /badge/{file}" && status === 404 && type.startsWith("image/svg+xml");
}

function show(text: string): string {
  return JSON.stringify(text.length > 1_500 ? `${text.slice(0, 1_500)}... (${text.length})` : text);
}
