/**
 * Monitors that alert, in virtual time: a real replicated record on each, the alerts of this folder on top,
 * observers that hold what a test says, and receivers that do as they are told.
 */
import { expect } from "bun:test";
import { createHmac } from "node:crypto";
import {
  TestStores,
  type TestClusterOptions,
  type TestMonitor,
} from "../../test/kit/test_stores.ts";
import { decodeAlertsText, type AlertsConfig } from "../config/mod.ts";
import type { CombinedChange, Doubt, ObserversReading } from "../observers/mod.ts";
import type { AlertResult, AlertRecord, Incident, TextByName } from "../store/mod.ts";
import type { CombinedVerdict } from "../verdict/mod.ts";
import { Alerts, type AlertsWorld } from "./alerts.ts";

export function alertsOf(value: object): AlertsConfig {
  const decoded = decodeAlertsText(JSON.stringify(value), undefined, "json");
  if (!decoded.ok) throw new Error(decoded.errors.map(({ message }) => message).join("; "));
  return decoded.alerts;
}

export const WEBHOOK = { name: "chat", webhook: "http://chat/hook", secretFile: "/secret" };
export const ALERTMANAGER = { name: "am", alertmanager: ["http://am1:9093", "http://am2:9093/"] };
export const SECRET = "0123456789abcdef0123456789";

/** What the observers hold; every monitor sees the same, and may doubt itself. */
export class FakeObservers {
  readonly #verdicts = new Map<string, CombinedVerdict>();
  readonly #listeners = new Set<(change: CombinedChange) => void>();
  readonly #wallMs: () => number;
  doubts: readonly Doubt[] = [];
  isMinority = false;

  readonly #id: string;
  /** All of them. */
  readonly peers: () => readonly { readonly id: string; readonly doubts: readonly Doubt[] }[];

  constructor(id: string, wallMs: () => number, peers: FakeObservers["peers"]) {
    this.#id = id;
    this.#wallMs = wallMs;
    this.peers = peers;
  }

  say(target: string, to: CombinedVerdict, reason = "as the test says"): void {
    const from = this.#verdicts.get(target) ?? "unknown";
    if (from === to) return;
    this.#verdicts.set(target, to);
    const change = {
      isNews: true,
      target,
      from,
      to,
      dissenters: [],
      reason,
      atWallMs: this.#wallMs(),
    };
    for (const listener of this.#listeners) listener(change);
  }

  get reading(): Pick<
    ObserversReading,
    "combined" | "onCombinedChange" | "isMinority" | "observers"
  > {
    const isMinority = () => this.isMinority;
    return {
      get isMinority() {
        return isMinority();
      },
      combined: (target) => {
        const verdict = this.#verdicts.get(target);
        const common = { votes: [], dissenters: [], neededCount: 2, memberCount: 3 };
        return verdict && { target, verdict, sinceWallMs: this.#wallMs(), ...common };
      },
      observers: () =>
        this.peers().map(({ id, doubts }) => ({
          id,
          isSelf: id === this.#id,
          isHeard: true,
          silentMs: 0,
          doubts,
          targetCounts: null,
        })),
      onCombinedChange: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }
}

export interface Received {
  readonly from: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly atMs: number;
}

/** How receivers answer: a status, or not at all, or well, to what was so long on its way to them. */
export type Answer = number | "unreachable" | "hangs" | { readonly afterMs: number };

export class Sentry {
  readonly id: string;
  readonly store: TestMonitor;
  readonly observers: FakeObservers;
  readonly lines: string[] = [];
  /** Its wall clock is ahead of that of the others. */
  aheadMs = 0;
  alerts!: Alerts;
  readonly #house: TestHouse;

  constructor(house: TestHouse, store: TestMonitor) {
    this.#house = house;
    this.id = store.id;
    this.store = store;
    this.observers = new FakeObservers(
      this.id,
      () => house.cluster.time.wallMs(),
      () => house.sentries.map(({ id, observers }) => ({ id, doubts: observers.doubts })),
    );
    this.start();
  }

  start(): void {
    const house = this.#house;
    this.lines.length = 0;
    this.store.alertRecord.subscribe(() => {
      const { incidents } = this.store.alertRecord.readLocal();
      for (const [number, incident] of incidents) house.seen.set(number, incident);
    });
    this.#life++;
    this.alerts = new Alerts(house.config, this.world());
  }

  world(): AlertsWorld {
    const house = this.#house;
    const { time, random } = house.cluster;
    const { store } = this;
    const life = this.#life;
    /** As the cluster's view has it: who is halted neither leads nor knows a leader. */
    const view = () => {
      if (life !== this.#life || store.member === undefined) return undefined;
      const { role, term, leader, halted } = store.member.status();
      return halted === undefined ? { role, term, leader } : { term };
    };
    return {
      observers: this.observers.reading,
      record: house.watched(this, store.alertRecord),
      targets: {
        names: () => house.targets.keys(),
        labelsOf: (target) => house.targets.get(target),
        onGone: (listener) => {
          house.goneListeners.add(listener);
          return () => house.goneListeners.delete(listener);
        },
      },
      clusterId: "c1",
      leadership: () => {
        const now = view();
        return now?.role === "leader" ? String(now.term) : undefined;
      },
      isLeaderless: () => {
        const now = view();
        return now !== undefined && now.leader === undefined;
      },
      olderMembers: () => house.olderMembers,
      handOver: (to) => store.member?.transferLeadership(to),
      clock: {
        monotonicMs: () => time.monotonicMs(),
        wallMs: () => time.wallMs() + this.aheadMs,
      },
      nowMs: () => time.monotonicMs(),
      timers: time,
      random,
      readTextFile: async () => `${SECRET}\n`,
      formatTime: (wallMs) => new Date(wallMs).toISOString(),
      hmacSha256: (key, parts) => {
        const hmac = createHmac("sha256", key);
        for (const part of parts) hmac.update(part);
        return hmac.digest();
      },
      addressesOf: async () => ({ ok: true, ips: ["10.0.0.1"] }),
      fetchAt: (request) => house.receive(this, request),
      tell: (level, line) => this.lines.push(`${level}: ${line}`),
    };
  }

  /** Its process ends at once. */
  crash(): void {
    this.#life++;
    this.alerts.close();
    this.store.crash();
  }

  restart(): void {
    this.store.start();
    this.start();
  }

  #life = 0;
}

export interface HouseOptions extends TestClusterOptions {
  readonly ids?: readonly string[];
  readonly config?: object | undefined;
}

/** Where a sender may be interrupted. */
export type Point = "before write" | "after write" | "before send" | "after send";

export class TestHouse {
  readonly cluster: TestStores;
  config: AlertsConfig;
  readonly sentries: Sentry[] = [];
  readonly targets = new Map<string, TextByName>();
  readonly goneListeners = new Set<(target: string) => void>();
  readonly received: Received[] = [];
  /** All incidents that any record ever had, as they were last. */
  readonly seen = new Map<number, Incident>();
  olderMembers: readonly string[] = [];
  /** By host. Default 200. */
  readonly answers = new Map<string, Answer>();
  /** Called wherever a sender may be interrupted. */
  onPoint: (sentry: Sentry, point: Point) => void = () => {};

  constructor({ ids = ["a", "b", "c"], config, ...options }: HouseOptions = {}) {
    this.config = alertsOf(config ?? { receivers: [WEBHOOK] });
    this.cluster = new TestStores(ids, options);
    for (const store of this.cluster.monitors.values()) this.sentries.push(new Sentry(this, store));
  }

  configOf(value: object): AlertsConfig {
    return alertsOf(value);
  }

  /** Alerts without a config, beside those of a monitor. */
  idleAt(sentry: Sentry): Alerts {
    return new Alerts(undefined, sentry.world());
  }

  async ready(): Promise<Sentry> {
    this.cluster.elect();
    await this.pass(1_000);
    return this.leader!;
  }

  get leader(): Sentry | undefined {
    const leader = this.cluster.leader;
    return this.sentries.find(({ store }) => store === leader);
  }

  /** All observers hold this now. */
  say(target: string, verdict: CombinedVerdict, reason?: string): void {
    if (!this.targets.has(target)) this.targets.set(target, {});
    for (const { observers } of this.sentries) observers.say(target, verdict, reason);
  }

  unwatch(target: string): void {
    this.targets.delete(target);
    for (const listener of this.goneListeners) listener(target);
  }

  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 5) {
      this.cluster.time.pass(5);
      // Promises of the runtime's own need a turn of the event loop.
      for (let count = 0; count < 3; count++) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Passes time until this is settled. */
  async within<T>(promise: Promise<T>): Promise<T> {
    const settled: T[] = [];
    void promise.then((value) => settled.push(value));
    await this.until("a promise", () => settled.length > 0, 5_000);
    return settled[0]!;
  }

  /** Passes time until this holds. */
  async until(what: string, holds: () => boolean, limitMs = 60_000): Promise<void> {
    for (let passedMs = 0; passedMs < limitMs; passedMs += 50) {
      if (holds()) return;
      await this.pass(50);
    }
    throw new Error(`waited in vain for ${what}`);
  }

  watched(sentry: Sentry, record: AlertRecord): AlertRecord {
    const run = async (command: Parameters<AlertRecord["run"]>[0]): Promise<AlertResult> => {
      this.onPoint(sentry, "before write");
      const result = await record.run(command);
      this.onPoint(sentry, "after write");
      return result;
    };
    return {
      run,
      read: () => record.read(),
      readLocal: () => record.readLocal(),
      subscribe: (listener) => record.subscribe(listener),
      get isUntouched() {
        return record.isUntouched;
      },
    };
  }

  async receive(sentry: Sentry, request: Request): Promise<Response> {
    this.onPoint(sentry, "before send");
    if (sentry.store.member === undefined) throw new Error("its process is gone");
    const { host } = new URL(request.url);
    const answer = this.answers.get(host) ?? 200;
    if (answer === "unreachable") {
      throw Object.assign(new Error("refused"), { code: "ConnectionRefused" });
    }
    if (answer === "hangs") return await new Promise(() => {});
    const { url, headers } = request;
    const body = await request.text();
    const { time } = this.cluster;
    const [status, waitMs] = typeof answer === "number" ? [answer, 0] : [200, answer.afterMs];
    if (waitMs > 0) await new Promise<void>((resolve) => void time.after(waitMs, resolve));
    const atMs = time.monotonicMs();
    if (status < 300) this.received.push({ from: sentry.id, url, headers, body, atMs });
    this.onPoint(sentry, "after send");
    return new Response(null, { status });
  }

  /** What webhooks were told, as read from the bodies. */
  get notices(): readonly WebhookNotice[] {
    return this.received
      .filter(({ url }) => !url.endsWith("/api/v2/alerts"))
      .map(({ body }) => {
        const notice: WebhookNotice = JSON.parse(body);
        return notice;
      });
  }

  /** What Alertmanagers were told, with the host. */
  get alertmanagerAlerts(): readonly (AlertmanagerAlert & { readonly host: string })[] {
    return this.received
      .filter(({ url }) => url.endsWith("/api/v2/alerts"))
      .flatMap(({ url, body }) => {
        const alerts: AlertmanagerAlert[] = JSON.parse(body);
        return alerts.map((alert) => ({ ...alert, host: new URL(url).host }));
      });
  }

  /** One key, one body; and to each receiver a beginning, and an end, come under one key only. */
  checkKeys(): void {
    const bodies = new Map<string, string>();
    const keyOfNews = new Map<string, string>();
    for (const { headers, body, url } of this.received) {
      if (url.endsWith("/api/v2/alerts")) continue;
      const key = headers.get("idempotency-key")!;
      expect(headers.get("webhook-id")).toBe(key);
      expect(bodies.get(key) ?? body).toBe(body);
      bodies.set(key, body);
    }
    for (const { key, receiver, alerts } of this.notices) {
      for (const alert of alerts) {
        const news = `${receiver} ${alert.status} ${alert.key}`;
        expect(keyOfNews.get(news) ?? key).toBe(key);
        keyOfNews.set(news, key);
      }
    }
  }

  /** `firing a`, `resolved a`, ... in the order in which the webhooks were told. */
  get told(): readonly string[] {
    return this.notices.flatMap(({ alerts }) =>
      alerts.map(({ status, target }) => `${status} ${target}`),
    );
  }
}

export interface WebhookNotice {
  readonly key: string;
  readonly receiver: string;
  readonly status: string;
  readonly group: TextByName;
  readonly summary: string;
  readonly alerts: readonly {
    readonly key: string;
    readonly status: string;
    readonly target: string;
    readonly verdict: string;
    readonly labels: TextByName;
    readonly reason: string;
    readonly since: string;
    readonly resolvedAt?: string;
    readonly wasTold?: boolean;
  }[];
}

export interface AlertmanagerAlert {
  readonly labels: TextByName;
  readonly annotations: TextByName;
  readonly startsAt: string;
  readonly endsAt: string;
}
