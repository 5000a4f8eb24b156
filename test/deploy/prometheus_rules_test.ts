/**
 * The rules that operators are given: each fires when it must and does not when it must not, as the files in
 * rules/ say and promtool finds; asks for series that exist; and leads to a section of the docs.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { SERIES } from "../../src/metrics/mod.ts";
import { needs } from "../kit/needs.ts";
import { knownSeries, readRules, type Rule, SERIES_TO_COME, unknownIn } from "./_known_series.ts";

const PROJECT = new URL("../../", import.meta.url);
const CASES = new URL("rules/", import.meta.url);
const pathOf = (url: URL) => fileURLToPath(url);

/** Of what promtool reads, what is read here. */
interface RuleCases {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly object[];
    }[];
    readonly promql_expr_test?: readonly { readonly expr: string }[];
  }[];
}

let alerts: readonly Rule[] = [];
let records: readonly Rule[] = [];
let cases: RuleCases["tests"] = [];
let caseFiles: readonly string[] = [];

beforeAll(async () => {
  [alerts, records] = await Promise.all([
    readRules("alert_rules.yml"),
    readRules("recording_rules.yml"),
  ]);
  const names = await readdir(CASES);
  caseFiles = names
    .filter((name) => name.endsWith(".yml"))
    .map((name) => pathOf(new URL(name, CASES)));
  const texts = await Promise.all(caseFiles.map((file) => Bun.file(file).text()));
  cases = texts.flatMap((text) => (parse(text) as RuleCases).tests);
});

/** A test of a quarter of an hour is hundreds of evaluations of all rules. */
const LONG_MS = 60_000;

async function promtool(...args: readonly string[]) {
  const child = Bun.spawn(["promtool", ...args], { stdout: "pipe", stderr: "pipe" });
  const said = await Promise.all(
    [child.stdout, child.stderr].map((out) => new Response(out).text()),
  );
  return { exitCode: await child.exited, said: said.join("") };
}

describe.skipIf(!needs("promtool"))("promtool", () => {
  test.each(["alert_rules.yml", "recording_rules.yml"])(
    "accepts deploy/prometheus/%s",
    async (file) => {
      const url = new URL(`deploy/prometheus/${file}`, PROJECT);
      const { exitCode, said } = await promtool(
        "check",
        "rules",
        "--lint=all",
        "--lint-fatal",
        pathOf(url),
      );
      expect(said).toContain("SUCCESS");
      expect(exitCode).toBe(0);
    },
  );

  test(
    "finds that each rule says what test/deploy/rules says it must",
    async () => {
      const { exitCode, said } = await promtool("test", "rules", ...caseFiles);
      expect(said).not.toContain("FAILED");
      expect(exitCode).toBe(0);
    },
    LONG_MS,
  );
});

describe("alert_rules.yml", () => {
  test("each alert is tried where it must fire and where it must not", () => {
    const tried = cases.flatMap(({ alert_rule_test: of = [] }) => of);
    const untried = alerts.flatMap(({ alert }) => {
      const own = tried.filter(({ alertname }) => alertname === alert);
      const fires = own.some(({ exp_alerts: expected }) => expected.length > 0);
      const isQuiet = own.some(({ exp_alerts: expected }) => expected.length === 0);
      return fires && isQuiet ? [] : [alert];
    });
    expect(untried).toEqual([]);
    expect(alerts.length).toBeGreaterThan(20);
  });

  test("each asks for series and labels that exist", async () => {
    const known = await knownSeries();
    expect(alerts.flatMap(({ expr }) => unknownIn(expr, known))).toEqual([]);
  });

  test("each says what it is, and leads to a section of the docs of its name", async () => {
    const docs = await Bun.file(new URL("docs/operations.md", PROJECT)).text();
    const sections = [...docs.matchAll(/^### (?<name>Phi\w+)$/gmu)].map(
      ({ groups }) => groups!["name"]!,
    );
    for (const { alert, annotations = {}, labels = {} } of alerts) {
      expect(annotations["summary"]).toMatch(/\w/u);
      expect(annotations["description"]).toMatch(/\.$/u);
      expect(annotations["runbook"]).toBe(`docs/operations.md#${alert!.toLowerCase()}`);
      expect(["critical", "warning"]).toContain(labels["severity"]!);
    }
    expect(sections.toSorted()).toEqual(alerts.map(({ alert }) => alert!).toSorted());
  });

  test("what the monitors all say, wakes at once and for all of them together", () => {
    const down = alerts.find(({ alert }) => alert === "PhiTargetDown")!;
    expect(down.labels).toEqual({ severity: "critical" });
    expect(down.for).toBeUndefined();
    expect(down.expr).toStartWith("avg by (job, namespace, target) (");
    // Nobody is woken for what the others can make up for.
    const waking = alerts.filter(({ labels }) => labels?.["severity"] === "critical");
    expect(waking.map(({ alert }) => alert)).toEqual([
      "PhiTargetDown",
      "PhiNobodyWatches",
      "PhiBlind",
      "PhiVerdictsMissing",
      "PhiAlertsFailing",
    ]);
  });
});

describe("recording_rules.yml", () => {
  test("each is tried", () => {
    const tried = cases.flatMap(({ promql_expr_test: of = [] }) => of.map(({ expr }) => expr));
    const untried = records.filter(({ record }) => !tried.some((expr) => expr.startsWith(record!)));
    expect(untried.map(({ record }) => record)).toEqual([]);
    expect(records.length).toBeGreaterThan(10);
  });

  test("each asks for series and labels that exist, and is asked for by its whole name", async () => {
    const known = await knownSeries();
    expect(records.flatMap(({ expr }) => unknownIn(expr, known))).toEqual([]);
    expect(new Set(records.map(({ record }) => record)).size).toBe(records.length);
  });
});

test("whatever is put together is put together within one cluster", () => {
  const lists = [...alerts, ...records].flatMap(({ expr }) => [
    ...expr.matchAll(/\b(?:by|on) \((?<labels>[^)]*)\)/gu),
  ]);
  expect(lists.length).toBeGreaterThan(30);
  expect(lists.filter(({ groups }) => !groups!["labels"]!.startsWith("job, namespace"))).toEqual(
    [],
  );
});

test("SERIES_TO_COME has nothing that has come", () => {
  const names = new Set(SERIES.map(({ name }) => name));
  expect(SERIES_TO_COME.filter(({ name }) => names.has(name))).toEqual([]);
});

const RULE_FILE = new URL("deploy/kubernetes/prometheus_operator/prometheus_rule.yaml", PROJECT);

test("the PrometheusRule is deploy/prometheus's rules; UPDATE_GOLDEN=1 writes it anew", async () => {
  const files = ["recording_rules.yml", "alert_rules.yml"].map((name) =>
    Bun.file(new URL(`deploy/prometheus/${name}`, PROJECT)).text(),
  );
  const groups = (await Promise.all(files)).flatMap(
    (text) => (parse(text) as { readonly groups: readonly object[] }).groups,
  );
  const rule = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "phi" },
    spec: { groups },
  };
  if (process.env["UPDATE_GOLDEN"] === "1") {
    const head =
      "# Made of deploy/prometheus/*_rules.yml, where the reasons stand: change those, and then\n# UPDATE_GOLDEN=1 bun test test/deploy/prometheus_rules_test.ts\n";
    await Bun.write(RULE_FILE, head + stringify(rule));
  }
  expect(parse(await Bun.file(RULE_FILE).text())).toEqual(rule);
});
