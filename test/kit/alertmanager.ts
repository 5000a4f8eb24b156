/** A real Alertmanager for tests, on a port of its own, that tells a sink of what it is told. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../sim/free_ports.ts";
import { answers, start, temporaryDirectory, until } from "./binary.ts";

export const ALERTMANAGER = "prometheus-alertmanager";

export interface AlertmanagerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: { readonly state: string };
}

export interface Alertmanager {
  readonly url: string;
  /** Those that go on. */
  alerts(): Promise<readonly AlertmanagerAlert[]>;
  /** `firing a`, `resolved a`, ... as it has told others. */
  readonly told: readonly string[];
  stop(): Promise<void>;
}

export async function startAlertmanager(): Promise<Alertmanager> {
  const [port] = freePorts(1);
  const told: string[] = [];
  const sink = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const body = (await request.json()) as {
        alerts: readonly { status: string; labels: Record<string, string> }[];
      };
      for (const { status, labels } of body.alerts) told.push(`${status} ${labels["target"]}`);
      return new Response();
    },
  });
  const directory = temporaryDirectory();
  const config = join(directory, "alertmanager.yml");
  writeFileSync(
    config,
    `route: {receiver: sink, group_by: [alertname], group_wait: 1s, group_interval: 1s}
receivers: [{name: sink, webhook_configs: [{url: "http://127.0.0.1:${sink.port}/"}]}]
`,
  );
  const running = start(
    [
      `--config.file=${config}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
      `--storage.path=${join(directory, "data")}`,
    ],
    { command: [ALERTMANAGER] },
  );
  const url = `http://127.0.0.1:${port}`;
  await until("Alertmanager to be ready", () => answers(`${url}/-/ready`), running);
  return {
    url,
    told,
    async alerts() {
      const response = await fetch(`${url}/api/v2/alerts`);
      const alerts: AlertmanagerAlert[] = await response.json();
      return alerts;
    },
    async stop() {
      running.signal("SIGTERM");
      await running.exited;
      await sink.stop(true);
    },
  };
}
