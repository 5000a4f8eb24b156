/** Alerts that are what a test says, and a record of silences that remembers what it was asked. */
import type { AlertFacts, AlertsReading, AlertsStatus, SilenceResult } from "../alert/mod.ts";
import type { AlertResult, Silence } from "../store/mod.ts";
import { WALL_ORIGIN_MS } from "./_test_world.ts";

export const STATUS: AlertsStatus = {
  isSender: true,
  hold: "in_doubt",
  isConfigured: true,
  droppedCount: 3,
  waiting: [
    { target: "b", verdict: "partial", sinceWallMs: WALL_ORIGIN_MS + 1_000, dueInMs: 239_500.4 },
  ],
  receivers: [
    {
      name: "chat",
      kind: "webhook",
      origins: ["https://chat.example.org"],
      queueLength: 1,
      notice: { key: "c1-8", incidents: 1, sinceWallMs: WALL_ORIGIN_MS + 2_000 },
      failures: 2,
      nextAttemptInMs: 1_500.6,
      lastError: "https://chat.example.org answered 503",
    },
    {
      name: "am",
      kind: "alertmanager",
      origins: ["http://am1:9093", "http://am2:9093"],
      queueLength: 0,
      notice: null,
      failures: null,
      nextAttemptInMs: null,
      lastError: null,
    },
  ],
  incidents: [
    {
      key: "c1-7",
      target: "a",
      verdict: "down",
      labels: { team: "payments" },
      reason: "a and b say down",
      sinceWallMs: WALL_ORIGIN_MS,
      openedWallMs: WALL_ORIGIN_MS + 500,
      closedWallMs: null,
      closedReason: null,
      silencedBy: ["s1"],
      receivers: { chat: "sending", am: "told" },
    },
    {
      key: "c1-5",
      target: "c",
      verdict: "down",
      labels: {},
      reason: "a and b say down",
      sinceWallMs: WALL_ORIGIN_MS,
      openedWallMs: WALL_ORIGIN_MS,
      closedWallMs: WALL_ORIGIN_MS + 9_000,
      closedReason: "up: all say up",
      silencedBy: [],
      receivers: { chat: "pending", am: "resolved" },
    },
  ],
};

export class FakeAlerts implements AlertsReading {
  readonly kept: Silence[] = [];
  readonly writes: (Silence | string)[] = [];
  result: SilenceResult = { ok: true, count: 1 };
  removal: AlertResult = { ok: true, count: 1 };

  status(): AlertsStatus {
    return STATUS;
  }

  facts(): AlertFacts {
    throw new Error("the API shows no facts");
  }

  silences(): readonly Silence[] {
    return this.kept;
  }

  async silence(silence: Silence): Promise<SilenceResult> {
    this.writes.push(silence);
    if (this.result.ok && !this.kept.some(({ id }) => id === silence.id)) this.kept.push(silence);
    return this.result;
  }

  async unsilence(id: string): Promise<AlertResult> {
    this.writes.push(id);
    return this.removal;
  }
}
