/** A real Prometheus scrapes the compiled binary with the scrape config that operators are given. */
import { afterEach, expect, test } from "bun:test";
import { control, startMonitor, startServers, stopAll, until } from "../kit/binary.ts";
import { needs } from "../kit/needs.ts";
import { startPrometheus } from "../kit/prometheus.ts";

const LONG_MS = 90_000;

afterEach(stopAll);

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
    const prometheus = await startPrometheus([new URL(monitor.metricsUrl).host]);
    await until("Prometheus to see three targets", async () =>
      (await prometheus.query('phi_target_state{state="up"} == 1')).size === 3 ? true : undefined,
    );
    const suspicion = await prometheus.query("phi_suspicion");
    expect([...suspicion.keys()].toSorted()).toEqual(["server1", "server2", "server3"]);
    await control(ports[1]!, { delay: 10 });
    await until("Prometheus to see server2 suspected", async () =>
      ((await prometheus.query("phi_suspicion")).get("server2") ?? 0) > 8 ? true : undefined,
    );
    expect((await prometheus.query("phi_suspicion")).get("server1")).toBeLessThan(8);
    const down = await until("Prometheus to see server2 down", async () => {
      const states = await prometheus.query('phi_target_state{state="down"} == 1');
      return states.size > 0 ? [...states.keys()] : undefined;
    });
    expect(down).toEqual(["server2"]);
    // What it was told of types and labels arrived as well.
    const info = await prometheus.query('phi_target_info{team="payments"}');
    expect(info.size).toBe(3);
    const rate = await prometheus.query("rate(phi_heartbeats_total[10s]) > 0");
    expect(rate.has("server1")).toBe(true);
  },
  LONG_MS,
);
