/** A receiver of webhooks for tests: checks the signature of each, remembers them, and answers as it is told. */
import { createHmac } from "node:crypto";

export interface SinkNotice {
  readonly key: string;
  readonly status: string;
  readonly summary: string;
  readonly alerts: readonly {
    readonly key: string;
    readonly status: string;
    readonly target: string;
    readonly verdict: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly since: string;
    readonly resolvedAt?: string;
  }[];
}

export class WebhookSink {
  /** Those that were taken, repetitions included. */
  readonly notices: SinkNotice[] = [];
  /** Requests whose signature was wrong. */
  forgeries = 0;
  /** Requests so far, whatever came of them. */
  requests = 0;
  status = 200;
  readonly #server: Bun.Server<undefined>;
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => this.#receive(request),
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/hook`;
  }

  /** `firing a`, `resolved a`, ..., repetitions of a notice left out. */
  get told(): readonly string[] {
    const first = new Map(this.notices.map((notice) => [notice.key, notice]));
    return [...first.values()].flatMap(({ alerts }) =>
      alerts.map(({ status, target }) => `${status} ${target}`),
    );
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }

  async #receive(request: Request): Promise<Response> {
    this.requests++;
    if (this.status !== 200) return new Response(null, { status: this.status });
    const body = await request.text();
    if (!isSigned(request.headers, body, this.#secret)) {
      this.forgeries++;
      return new Response(null, { status: 401 });
    }
    const notice: SinkNotice = JSON.parse(body);
    this.notices.push(notice);
    return new Response(null, { status: 204 });
  }
}

/** As the receiver's side of Standard Webhooks has it; phi's own code is not asked. */
function isSigned(headers: Headers, body: string, secret: string): boolean {
  const [id, timestamp, signature] = ["id", "timestamp", "signature"].map((name) =>
    headers.get(`webhook-${name}`),
  );
  const isFresh = Math.abs(Date.now() / 1_000 - Number(timestamp)) < 300;
  const expected = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`);
  return isFresh && signature === `v1,${expected.digest("base64")}`;
}
