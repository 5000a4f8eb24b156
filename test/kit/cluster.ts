/**
 * Clusters of monitors for end-to-end tests, each the compiled binary on ports and in a directory of its
 * own: started, killed and started again, asked, and written to. `stopAll` of `binary.ts` ends them.
 */
import { join } from "node:path";
import type { ClusterStatus } from "../../src/cluster/mod.ts";
import { freePorts } from "../../sim/free_ports.ts";
import { type Running, start, temporaryDirectory, until } from "./binary.ts";

export interface MonitorOptions {
  readonly id: string;
  /** The one to join; none for one that founds. */
  readonly join?: Pick<Monitor, "url">;
  readonly flags?: readonly string[];
  readonly command?: readonly string[];
  /** Default: an empty one. */
  readonly directory?: string;
  readonly env?: Record<string, string>;
  /** With these it serves HTTPS: PEM files, and what to trust them by. */
  readonly https?: { readonly cert: string; readonly key: string; readonly caPem: string };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** One monitor, over all its lives. */
export class Monitor {
  readonly id: string;
  readonly httpPort: number;
  raftPort: number;
  readonly directory: string;
  readonly url: string;
  readonly options: MonitorOptions;
  #running: Running | undefined;

  constructor(options: MonitorOptions) {
    const [httpPort, raftPort] = freePorts(2);
    this.options = options;
    this.id = options.id;
    this.httpPort = httpPort!;
    this.raftPort = raftPort!;
    this.directory = options.directory ?? join(temporaryDirectory(), options.id);
    this.url = `${options.https === undefined ? "http" : "https"}://127.0.0.1:${httpPort}`;
  }

  get running(): Running {
    return this.#running!;
  }

  /** What it has said in this life. */
  get log(): string {
    return this.running.stderr();
  }

  get address(): string {
    return `127.0.0.1:${this.raftPort}`;
  }

  /** Starts it, again with the same flags and `more`. */
  start(more: readonly string[] = []): this {
    const { id, join: member, flags = [], command, env, https } = this.options;
    this.#running = start(
      [
        "monitor",
        `--id=${id}`,
        `--http-bind=127.0.0.1:${this.httpPort}`,
        `--raft-bind=${this.address}`,
        `--datadir=${this.directory}`,
        "--allow-net=127.0.0.0/8",
        member === undefined ? "--bootstrap" : `--join=${member.url.replace(/^http:\/\//u, "")}`,
        ...(https === undefined ? [] : [`--tls-cert=${https.cert}`, `--tls-key=${https.key}`]),
        ...flags,
        ...more,
      ],
      { ...(command && { command }), ...(env && { env }) },
    );
    return this;
  }

  /** Ends it and waits for its end; the exit code. */
  async end(signal: NodeJS.Signals): Promise<number> {
    this.running.signal(signal);
    return await this.ended();
  }

  /** Waits for its end, and for all that it said to be here; the exit code. */
  async ended(): Promise<number> {
    await this.running.drained;
    return await this.running.exited;
  }

  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const { https } = this.options;
    const tls = https && { tls: { ca: https.caPem } };
    const response = await fetch(this.url + path, { ...init, ...tls });
    const text = await response.text();
    const { status, headers } = response;
    return { status, headers, body: text.startsWith("{") ? JSON.parse(text) : { text } };
  }

  put(target: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask("/config", {
      method: "PUT",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(target),
    });
  }

  /** Undefined while it does not answer as a member. */
  async status(): Promise<ClusterStatus | undefined> {
    try {
      const { status, body } = await this.ask("/cluster", { signal: AbortSignal.timeout(2_000) });
      return status === 200 ? (body as unknown as ClusterStatus) : undefined;
    } catch {
      return undefined;
    }
  }

  untilStatus(what: string, is: (status: ClusterStatus) => boolean): Promise<ClusterStatus> {
    return until(
      `${this.id}: ${what}`,
      async () => {
        const status = await this.status();
        return status !== undefined && is(status) ? status : undefined;
      },
      this.running,
    );
  }

  untilSays(pattern: RegExp): Promise<string> {
    return until(`${this.id} to say ${pattern}`, () => pattern.exec(this.log)?.[0], this.running);
  }

  /** Its config now, by the names in it. */
  async names(query = ""): Promise<readonly string[]> {
    const { body } = await this.ask(`/config${query}`);
    const { servers } = body as { servers: readonly { name: string }[] };
    return servers.map(({ name }) => name);
  }

  /** How often it has had an answer of a target; undefined if it does not watch it. */
  async heartbeats(name: string): Promise<number | undefined> {
    return await this.metric(`phi_heartbeats_total{target="${name}"}`);
  }

  async metric(series: string): Promise<number | undefined> {
    const { body } = await this.ask("/metrics");
    const line = String(body["text"])
      .split("\n")
      .find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }
}

export const isVoter = ({ members, id }: ClusterStatus): boolean =>
  members.some((member) => member.id === id && member.role === "voter");

/** Monitors a, b, c, ... that are all voters, know their leader, and have the same log. */
export async function startCluster(
  count: number,
  optionsOf: (id: string) => Partial<MonitorOptions> = () => ({}),
): Promise<readonly Monitor[]> {
  const monitors: Monitor[] = [];
  for (const id of "abcdefg".slice(0, count)) {
    const founder = monitors[0];
    const member = new Monitor({ id, ...(founder && { join: founder }), ...optionsOf(id) });
    monitors.push(member.start());
  }
  await untilWhole(monitors);
  return monitors;
}

/** Waits until all of these are voters that follow one leader, and are current. */
export async function untilWhole(monitors: readonly Monitor[]): Promise<void> {
  for (const monitor of monitors) {
    await monitor.untilStatus(
      "to be a voter in a whole cluster",
      (status) => status.quorum && isVoter(status) && status.members.length >= monitors.length,
    );
  }
  // Whoever leads at that moment: the lead may move while one waits.
  await until("a leader that sees all of them current", async () => {
    const status = await (await leaderOf(monitors)).status();
    return status !== undefined && seesAllCurrent(status) ? true : undefined;
  });
}

function seesAllCurrent({ role, members, commitIndex }: ClusterStatus): boolean {
  const isCurrent = ({ role: of, isActive, matchIndex = 0 }: (typeof members)[number]) =>
    of === "voter" && isActive === true && matchIndex >= commitIndex;
  return role === "leader" && members.every(isCurrent);
}

/** The one of these that leads, once one does and says so itself. */
export function leaderOf(monitors: readonly Monitor[]): Promise<Monitor> {
  return until("a leader", async () => {
    for (const monitor of monitors) {
      const status = await monitor.status();
      if (status?.role === "leader" && status.quorum) return monitor;
    }
    return undefined;
  });
}

/** The leader, and the others in their order. */
export async function rolesOf(
  monitors: readonly Monitor[],
): Promise<{ readonly leader: Monitor; readonly followers: readonly Monitor[] }> {
  const leader = await leaderOf(monitors);
  return { leader, followers: monitors.filter((monitor) => monitor !== leader) };
}
