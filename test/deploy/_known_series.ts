/**
 * Which series there are for the rules and the dashboard to ask for: those of the project's own table, those
 * that the recording rules add, and those that Prometheus has of every scrape.
 */
import { parse } from "yaml";
import { SERIES, type Series } from "../../src/metrics/mod.ts";
import { readPromql } from "../kit/promql.ts";

/** Of the alerts, which are not in the table yet: to be deleted when they are. */
export const SERIES_TO_COME: readonly Pick<Series, "name" | "type" | "labels">[] = [
  { name: "phi_alerts_held", type: "gauge", labels: ["reason"] },
  { name: "phi_alert_queue_length", type: "gauge", labels: ["receiver"] },
  { name: "phi_alert_notifications_total", type: "counter", labels: ["receiver", "outcome"] },
  { name: "phi_alerts_dropped_total", type: "counter", labels: [] },
];

const OF_PROMETHEUS = new Map<string, readonly string[]>([
  ["up", []],
  ["ALERTS", ["alertname", "alertstate", "severity"]],
]);

/** What Prometheus adds to every series: whose it is. `namespace` and `pod` where it runs in Kubernetes. */
const LABELS_OF_SCRAPE = ["job", "instance", "namespace"];

export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

const RULES = new URL("../../deploy/prometheus/", import.meta.url);

export async function readRules(file: string): Promise<readonly Rule[]> {
  const { groups } = parse(await Bun.file(new URL(file, RULES)).text()) as {
    readonly groups: readonly RuleGroup[];
  };
  return groups.flatMap(({ rules }) => rules);
}

/** The labels of every series that may be asked for, by its name. */
export async function knownSeries(): Promise<ReadonlyMap<string, readonly string[]>> {
  const known = new Map(OF_PROMETHEUS);
  for (const { name, type, labels } of [...SERIES, ...SERIES_TO_COME]) {
    const parts = type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    for (const part of parts) known.set(name + part, labels);
  }
  for (const { record, expr } of await readRules("recording_rules.yml")) {
    known.set(record!, [...readPromql(expr).labels]);
  }
  return known;
}

/** What an expression asks for that is not there, as lines; labels that `allowed` names pass. */
export function unknownIn(
  expression: string,
  known: ReadonlyMap<string, readonly string[]>,
  allowed: readonly string[] = [],
): readonly string[] {
  const { series, labels } = readPromql(expression);
  const strange = [...series].filter((name) => !known.has(name));
  const there = new Set([
    ...LABELS_OF_SCRAPE,
    ...allowed,
    ...[...series].flatMap((name) => known.get(name) ?? []),
  ]);
  return [
    ...strange.map((name) => `there is no series ${name}: ${expression}`),
    ...[...labels]
      .filter((name) => !there.has(name))
      .map((name) => `no series there has a label ${name}: ${expression}`),
  ];
}
