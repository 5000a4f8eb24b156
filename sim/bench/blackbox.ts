/**
 * What a probe costs blackbox_exporter (Debian's prometheus-blackbox-exporter): the CPU time of its
 * process over the probes it was asked for, in a closed loop of 100 connections. Its own measure: what
 * the asking costs is not counted.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../free_ports.ts";

const EXPORTER = "prometheus-blackbox-exporter";
const CONNECTIONS = 100;
const CONFIG = `modules:
  http_2xx:
    prober: http
    timeout: 5s
`;
/** Kernel ticks a second, in which /proc counts CPU time; 100 on every Linux that Bun runs on. */
const TICKS_PER_SECOND = 100;

/** Microseconds of CPU a probe; undefined where the exporter is not installed. */
export async function measureBlackbox(
  targetPort: number,
  probes: number,
): Promise<number | undefined> {
  if (Bun.which(EXPORTER) === null) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "phi-bench-"));
  const config = join(folder, "blackbox.yml");
  await writeFile(config, CONFIG);
  const [port] = freePorts(1);
  const exporter = Bun.spawn(
    [EXPORTER, `--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`],
    { stdout: "ignore", stderr: "ignore" },
  );
  try {
    const target = encodeURIComponent(`http://127.0.0.1:${targetPort}/heartbeat`);
    const url = `http://127.0.0.1:${port}/probe?module=http_2xx&target=${target}`;
    await untilReady(url);
    await closedLoop(url, probes / 10);
    const before = await cpuSeconds(exporter.pid);
    await closedLoop(url, probes);
    return (((await cpuSeconds(exporter.pid)) - before) * 1e6) / probes;
  } finally {
    exporter.kill();
    await exporter.exited;
    await rm(folder, { recursive: true });
  }
}

async function closedLoop(url: string, probes: number): Promise<void> {
  let left = probes;
  const worker = async () => {
    while (left-- > 0) {
      // A closed loop: the next question waits for the answer.
      const text = await (await fetch(url)).text();
      if (!text.includes("probe_success 1"))
        throw new Error(`the exporter's probe failed: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Not listening yet.
    }
    await Bun.sleep(50);
  }
  throw new Error(`${EXPORTER} does not answer`);
}

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold spaces; user and system time are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
