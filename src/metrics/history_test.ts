import { expect, test } from "bun:test";
import { readOpenMetrics } from "../../test/kit/open_metrics.ts";
import { makeMonitorReading } from "../../test/kit/watch_reading.ts";
import { createExposition } from "./exposition.ts";
import { type HistoryFacts, renderHistory } from "./history.ts";
import { NO_OWN_METRICS } from "./own.ts";

const FACTS: HistoryFacts = {
  keptRecords: 12,
  droppedRecords: 3,
  sizeBytes: 4_096,
  restoredTargets: 9,
};

test("renderHistory() shows each fact, under its own name", () => {
  const families = readOpenMetrics(`${renderHistory(FACTS, "openmetrics")}# EOF\n`);
  expect(families.map(({ name, samples }) => [name, samples[0]!.value])).toEqual([
    ["phi_history_records", 12],
    ["phi_history_dropped_records", 3],
    ["phi_history_size_bytes", 4_096],
    ["phi_history_restored_targets", 9],
  ]);
});

test("createExposition() asks for the facts at each scrape, and has no such series without", async () => {
  const timers = { after: () => () => {}, yieldToLoop: () => Promise.resolve() };
  const scrape = async (history?: () => HistoryFacts) => {
    const part = history && { history };
    const monitor = makeMonitorReading([]);
    const exposition = createExposition({ monitor, own: NO_OWN_METRICS, timers, ...part });
    return (await exposition.respond(new Request("http://127.0.0.1/metrics"))).text();
  };
  let droppedRecords = 3;
  const history = () => ({ ...FACTS, droppedRecords: droppedRecords++ });
  expect(await scrape(history)).toContain("\nphi_history_dropped_records_total 3\n");
  expect(await scrape(history)).toContain("\nphi_history_dropped_records_total 4\n");
  expect(await scrape()).not.toContain("phi_history");
});
