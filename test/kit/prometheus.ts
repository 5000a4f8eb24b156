/** A real Prometheus with what operators are given in deploy/prometheus, but for whom it scrapes and its pace. `stopAll` ends it. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { freePorts } from "../../sim/free_ports.ts";
import { answers, PROJECT, start, until } from "./binary.ts";

interface Config {
  readonly global: Record<string, string>;
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly { readonly static_configs: { targets: readonly string[] }[] }[];
}

interface QueryAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface AlertsAnswer {
  readonly data: { readonly alerts: readonly (FiringAlert & { readonly state: string })[] };
}

/** Every second, whatever the files say; and what is to last for minutes is to last for two seconds. */
function atTestPace(rules: string): string {
  return rules.replaceAll(/interval: \S+/gu, "interval: 1s").replaceAll(/for: \S+/gu, "for: 2s");
}

export class Prometheus {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** A target's value by the name of the target. */
  async query(expression: string): Promise<Map<string, number>> {
    const response = await fetch(
      `${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`,
    );
    const { data } = (await response.json()) as QueryAnswer;
    return new Map(data.result.map(({ metric, value }) => [metric["target"]!, Number(value[1])]));
  }

  async firing(): Promise<readonly FiringAlert[]> {
    const response = await fetch(`${this.url}/api/v1/alerts`);
    const { data } = (await response.json()) as AlertsAnswer;
    return data.alerts.filter(({ state }) => state === "firing");
  }
}

const given = (name: string) => readFile(join(PROJECT, "deploy/prometheus", name), "utf8");

/** Scrapes these, as HOST:PORT, and has the rules with `withRules`. */
export async function startPrometheus(
  hosts: readonly string[],
  { withRules = false } = {},
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), "phi-prometheus-"));
  const config = parse(await given("prometheus.yml")) as Config;
  for (const key of Object.keys(config.global)) config.global[key] = "1s";
  config.scrape_configs[0]!.static_configs[0]!.targets = hosts;
  const ruleFiles = withRules ? config.rule_files : [];
  for (const name of ruleFiles) await writeFile(join(folder, name), atTestPace(await given(name)));
  await writeFile(join(folder, "prometheus.yml"), stringify({ ...config, rule_files: ruleFiles }));
  const [port] = freePorts(1);
  const running = start(
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { command: ["prometheus"] },
  );
  void running.exited.then(() => rm(folder, { recursive: true, force: true }));
  const url = `http://127.0.0.1:${port}`;
  await until("Prometheus to be ready", () => answers(`${url}/-/ready`), running);
  return new Prometheus(url);
}
