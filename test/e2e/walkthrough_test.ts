/** The README's walk-through against a demo of processes, on ports of its own. */
import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../sim/free_ports.ts";
import { describeWalkThrough } from "../kit/walkthrough.ts";

const ports = freePorts(19);
const simPorts = ports.slice(0, 10);
const [httpPorts, metricsPorts, raftPorts] = [10, 13, 16].map((at) => ports.slice(at, at + 3));
const folder = mkdtempSync(join(tmpdir(), "phi-walkthrough-"));

describeWalkThrough({
  simPorts,
  httpPorts: httpPorts!,
  metricsPorts: metricsPorts!,
  ports,
  environment: {
    PHI_DEMO_SIM_PORTS: simPorts.join(","),
    PHI_DEMO_HTTP_PORTS: httpPorts!.join(","),
    PHI_DEMO_METRICS_PORTS: metricsPorts!.join(","),
    PHI_DEMO_RAFT_PORTS: raftPorts!.join(","),
    PHI_DEMO_RUN_DIRECTORY: folder,
  },
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));
