/** A real Prometheus scrapes the compiled binary with the scrape config that operators are given. */
import { afterEach, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../sim/free_ports.ts";
import {
  answers,
  control,
  PROJECT,
  start,
  startMonitor,
  startServers,
  stopAll,
  until,
} from "../kit/binary.ts";
import { needs } from "../kit/needs.ts";

const LONG_MS = 90_000;

afterEach(stopAll);

interface QueryAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

/** A target's value by the name of the target. */
async function query(url: string, expression: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { data } = (await response.json()) as QueryAnswer;
  return new Map(data.result.map(({ metric, value }) => [metric["target"]!, Number(value[1])]));
}

test.skipIf(!needs("prometheus"))(
  "Prometheus shows phi_suspicion of every target, and it rises for a server that is delayed",
  async () => {
    const { ports } = await startServers(3);
    const monitor = await startMonitor(["--allow-net=127.0.0.0/8", "--compat-metrics"]);
    for (const [index, port] of ports.entries()) {
      const target = { name: `server${index + 1}`, url: `http://127.0.0.1:${port}/heartbeat` };
      await fetch(`${monitor.url}/config`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...target, labels: { team: "payments" } }),
      });
    }
    const prometheus = await startPrometheus(new URL(monitor.metricsUrl).host);
    await until("Prometheus to see three targets", async () =>
      (await query(prometheus, 'phi_target_state{state="up"} == 1')).size === 3 ? true : undefined,
    );
    const suspicion = await query(prometheus, "phi_suspicion");
    expect([...suspicion.keys()].toSorted()).toEqual(["server1", "server2", "server3"]);
    await control(ports[1]!, { delay: 10 });
    await until("Prometheus to see server2 suspected", async () =>
      ((await query(prometheus, "phi_suspicion")).get("server2") ?? 0) > 8 ? true : undefined,
    );
    expect((await query(prometheus, "phi_suspicion")).get("server1")).toBeLessThan(8);
    const down = await until("Prometheus to see server2 down", async () => {
      const states = await query(prometheus, 'phi_target_state{state="down"} == 1');
      return states.size > 0 ? [...states.keys()] : undefined;
    });
    expect(down).toEqual(["server2"]);
    // What it was told of types and labels arrived as well.
    const info = await query(prometheus, 'phi_target_info{team="payments"}');
    expect(info.size).toBe(3);
    const rate = await query(prometheus, "rate(phi_heartbeats_total[10s]) > 0");
    expect(rate.has("server1")).toBe(true);
  },
  LONG_MS,
);

/** Prometheus with `deploy/prometheus/prometheus.yml`, but for the address and the pace; its own URL. */
async function startPrometheus(host: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "phi-prometheus-"));
  const given = await readFile(join(PROJECT, "deploy/prometheus/prometheus.yml"), "utf8");
  const config = given
    .replaceAll("127.0.0.1:9000", host)
    .replace(/scrape_interval: \S+/gu, "scrape_interval: 1s")
    .replace(/scrape_timeout: \S+/gu, "scrape_timeout: 1s");
  expect(config).toContain(host);
  await writeFile(join(folder, "prometheus.yml"), config);
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
  await until("Prometheus to be ready", () => answers(`${url}/-/ready`));
  return url;
}
