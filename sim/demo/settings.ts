/**
 * Where the demo's parts listen: the ports of DESIGN.md, unless the environment says otherwise, so
 * that a test runs beside a demo that is up.
 */
import { parsePorts } from "../../src/cli/ports.ts";

export const HOST = "127.0.0.1";

/** The servers as `servers.yml` has them: 10.1.0.101:8080 and so on, led to ports of this machine. */
const FIRST_ADDRESS = 101;
const SERVER_COUNT = 10;

export interface DemoSettings {
  /** One for each simulated server. */
  readonly simPorts: readonly number[];
  readonly httpPort: number;
  readonly metricsPort: number;
  /** Where it is written down what runs. */
  readonly runDirectory: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings, or a line that says which variable makes no sense. */
export function readSettings(environment: Environment): DemoSettings | string {
  const simPorts = parsePorts(environment["PHI_DEMO_SIM_PORTS"] ?? "8081..8090");
  if (simPorts?.length !== SERVER_COUNT)
    return "PHI_DEMO_SIM_PORTS must be ten ports, as 8081..8090";
  const http = parsePorts(environment["PHI_DEMO_HTTP_PORT"] ?? "8000");
  if (http?.length !== 1) return "PHI_DEMO_HTTP_PORT must be one port, as 8000";
  const metrics = parsePorts(environment["PHI_DEMO_METRICS_PORT"] ?? "9000");
  if (metrics?.length !== 1) return "PHI_DEMO_METRICS_PORT must be one port, as 9000";
  return {
    simPorts,
    httpPort: http[0]!,
    metricsPort: metrics[0]!,
    runDirectory: environment["PHI_DEMO_RUN_DIRECTORY"] ?? ".run",
  };
}

/** What the demo needs for itself, each with the variable that moves it. */
export function neededPorts(settings: DemoSettings): { port: number; variable: string }[] {
  return [
    ...settings.simPorts.map((port) => ({ port, variable: "PHI_DEMO_SIM_PORTS" })),
    { port: settings.httpPort, variable: "PHI_DEMO_HTTP_PORT" },
    { port: settings.metricsPort, variable: "PHI_DEMO_METRICS_PORT" },
  ];
}

/** `--connect-to` for each simulated server. */
export function connectTo(settings: DemoSettings): string[] {
  return settings.simPorts.map(
    (port, index) => `--connect-to=10.1.0.${FIRST_ADDRESS + index}:8080=${HOST}:${port}`,
  );
}
