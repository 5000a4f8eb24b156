import { expect, test } from "bun:test";
import { connectTo, neededPorts, publicPorts, readSettings } from "./settings.ts";

function settingsOf(environment: Record<string, string>) {
  const settings = readSettings(environment);
  if (typeof settings === "string") throw new Error(settings);
  return settings;
}

test("readSettings() is the design's ports where the environment is silent", () => {
  const settings = settingsOf({});
  const ports = neededPorts(settings).map(({ port }) => port);
  expect(ports).toEqual([
    8081, 8082, 8083, 8084, 8085, 8086, 8087, 8088, 8089, 8090, 8000, 8001, 8002, 9000, 9001, 9002,
    7000, 7001, 7002,
  ]);
  expect(settings.runDirectory).toBe(".run");
});

test("publicPorts() has none of those that containers keep to themselves", () => {
  const ports = publicPorts(settingsOf({})).map(({ port }) => port);
  expect(ports).toEqual([
    8081, 8082, 8083, 8084, 8085, 8086, 8087, 8088, 8089, 8090, 8000, 8001, 8002, 9000, 9001, 9002,
  ]);
});

test("connectTo() leads the addresses of servers.yml to the simulated servers, in order", () => {
  const flags = connectTo(settingsOf({ PHI_DEMO_SIM_PORTS: "9101..9110" }));
  expect(flags.length).toBe(10);
  expect(flags[0]).toBe("--connect-to=10.1.0.101:8080=127.0.0.1:9101");
  expect(flags[9]).toBe("--connect-to=10.1.0.110:8080=127.0.0.1:9110");
});

test.each([
  [{ PHI_DEMO_SIM_PORTS: "8081..8089" }, "PHI_DEMO_SIM_PORTS must be ten ports, as 8081..8090"],
  [{ PHI_DEMO_HTTP_PORTS: "eight" }, "PHI_DEMO_HTTP_PORTS must be three ports, as 8000..8002"],
  [{ PHI_DEMO_METRICS_PORTS: "9000" }, "PHI_DEMO_METRICS_PORTS must be three ports, as 9000..9002"],
  [{ PHI_DEMO_RAFT_PORTS: "7000..7003" }, "PHI_DEMO_RAFT_PORTS must be three ports, as 7000..7002"],
])("readSettings() refuses %j and says what it takes", (environment, line) => {
  expect(readSettings(environment)).toBe(line);
});
