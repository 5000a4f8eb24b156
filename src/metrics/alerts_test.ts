import { expect, test } from "bun:test";
import { renderAlerts } from "./alerts.ts";

const FACTS = {
  openCount: 2,
  silenceCount: 1,
  droppedCount: 3,
  isSender: true,
  hold: "in_doubt",
  queueLengths: { chat: 4, am: 0 },
  notifications: [
    { receiver: "chat", outcome: "delivered", count: 7 },
    { receiver: "chat", outcome: "failed", count: 0 },
  ],
} as const;

test("renderAlerts() writes what is open, who is owed, and what became of the attempts", () => {
  const lines = renderAlerts(FACTS, "text")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines).toEqual([
    "phi_alerts_open 2",
    "phi_alerts_sender 1",
    'phi_alerts_held{reason="not_configured"} 0',
    'phi_alerts_held{reason="minority"} 0',
    'phi_alerts_held{reason="in_doubt"} 1',
    'phi_alerts_held{reason="older_members"} 0',
    'phi_alerts_held{reason="cannot_record"} 0',
    'phi_alert_queue_length{receiver="chat"} 4',
    'phi_alert_queue_length{receiver="am"} 0',
    'phi_alert_notifications_total{receiver="chat",outcome="delivered"} 7',
    'phi_alert_notifications_total{receiver="chat",outcome="failed"} 0',
    "phi_alerts_dropped_total 3",
    "phi_silences_active 1",
  ]);
});

test("renderAlerts() leaves out families without a receiver", () => {
  const text = renderAlerts({ ...FACTS, queueLengths: {}, notifications: [] }, "openmetrics");
  expect(text).not.toContain("phi_alert_queue_length");
  expect(text).not.toContain("phi_alert_notifications");
  expect(text).toContain("# TYPE phi_alerts_dropped counter");
});
