/**
 * Where the demo's parts listen: the ports of README.md, unless the environment says otherwise, so
 * that a test runs beside a demo that is up.
 */
import { parsePorts } from "../../src/cli/ports.ts";

export const HOST = "127.0.0.1";

/** The servers as `servers.yml` has them: 10.1.0.101:8080 and so on, led to ports of this machine. */
const FIRST_ADDRESS = 101;
const SERVER_COUNT = 10;
const MONITOR_COUNT = 3;

export interface DemoSettings {
  /** One for each simulated server. */
  readonly simPorts: readonly number[];
  /** One for each monitor, and so the next two. */
  readonly httpPorts: readonly number[];
  readonly metricsPorts: readonly number[];
  /** Where the monitors listen for each other. */
  readonly raftPorts: readonly number[];
  /** Where it is written down what runs. */
  readonly runDirectory: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings, or a line that says which variable makes no sense. */
export function readSettings(environment: Environment): DemoSettings | string {
  const simPorts = parsePorts(environment["PHI_DEMO_SIM_PORTS"] ?? "8081..8090");
  if (simPorts?.length !== SERVER_COUNT)
    return "PHI_DEMO_SIM_PORTS must be ten ports, as 8081..8090";
  const httpPorts = parsePorts(environment["PHI_DEMO_HTTP_PORTS"] ?? "8000..8002");
  if (httpPorts?.length !== MONITOR_COUNT)
    return "PHI_DEMO_HTTP_PORTS must be three ports, as 8000..8002";
  const metricsPorts = parsePorts(environment["PHI_DEMO_METRICS_PORTS"] ?? "9000..9002");
  if (metricsPorts?.length !== MONITOR_COUNT)
    return "PHI_DEMO_METRICS_PORTS must be three ports, as 9000..9002";
  const raftPorts = parsePorts(environment["PHI_DEMO_RAFT_PORTS"] ?? "7000..7002");
  if (raftPorts?.length !== MONITOR_COUNT)
    return "PHI_DEMO_RAFT_PORTS must be three ports, as 7000..7002";
  return {
    simPorts,
    httpPorts,
    metricsPorts,
    raftPorts,
    runDirectory: environment["PHI_DEMO_RUN_DIRECTORY"] ?? ".run",
  };
}

/** The first variable that makes it a demo of its own, as processes, beside one that may be in containers. */
export function ownSetting(environment: Environment): string | undefined {
  return Object.keys(environment).find((name) => name.startsWith("PHI_DEMO_"));
}

export interface NeededPort {
  readonly port: number;
  /** What moves it. */
  readonly variable: string;
}

/** What the demo needs of this machine in containers, too. */
export function publicPorts({ simPorts, httpPorts, metricsPorts }: DemoSettings): NeededPort[] {
  return [
    ...simPorts.map((port) => ({ port, variable: "PHI_DEMO_SIM_PORTS" })),
    ...httpPorts.map((port) => ({ port, variable: "PHI_DEMO_HTTP_PORTS" })),
    ...metricsPorts.map((port) => ({ port, variable: "PHI_DEMO_METRICS_PORTS" })),
  ];
}

/** What it needs as processes. */
export function neededPorts(settings: DemoSettings): NeededPort[] {
  const { raftPorts } = settings;
  return [
    ...publicPorts(settings),
    ...raftPorts.map((port) => ({ port, variable: "PHI_DEMO_RAFT_PORTS" })),
  ];
}

/** `--connect-to` for each simulated server. */
export function connectTo(settings: DemoSettings): string[] {
  return settings.simPorts.map(
    (port, index) => `--connect-to=10.1.0.${FIRST_ADDRESS + index}:8080=${HOST}:${port}`,
  );
}
