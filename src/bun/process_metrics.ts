/**
 * `process_*`: CPU, memory, descriptors and start of this process, under the names that every Prometheus
 * client uses. prom-client's own defaults are not taken: they fail promtool, and count descriptors
 * by listing them, which with 20,000 open ones holds the loop for as long as many probes. Linux tells all of
 * them in files of /proc that cost microseconds; elsewhere what the runtime knows has to do.
 */
import { readFileSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { Counter, Gauge, type Registry } from "prom-client";
import { PROCESS_SERIES } from "../metrics/mod.ts";
import { describe, setCounter } from "./_prom_client.ts";

/** What /proc says of this process. NaN for what it does not say. */
interface ProcReading {
  readonly virtualMemoryBytes: number;
  readonly openFds: number;
  readonly maxFds: number;
}

/** Registers the series; the result brings them up to date, and is to be called before they are read. */
export function registerProcessMetrics(registry: Registry): () => Promise<void> {
  const registers = [registry];
  const cpu = new Counter({ ...describe(PROCESS_SERIES.cpu), registers });
  const resident = new Gauge({ ...describe(PROCESS_SERIES.residentMemory), registers });
  const start = new Gauge({ ...describe(PROCESS_SERIES.startTime), registers });
  // Said once: the wall clock may be set later, but the process did not start at another time then.
  start.set(Math.round(Date.now() - process.uptime() * 1_000) / 1_000);
  const updateProc = process.platform === "linux" ? registerProc(registry) : async () => {};
  return async () => {
    const { user, system } = process.cpuUsage();
    setCounter(cpu, (user + system) / 1_000_000);
    try {
      await updateProc();
      resident.set(process.memoryUsage.rss());
    } catch {
      // No descriptor is left to read them with: they stay as they were, and the rest is told.
    }
  };
}

function registerProc(registry: Registry): () => Promise<void> {
  const registers = [registry];
  const virtualMemory = new Gauge({ ...describe(PROCESS_SERIES.virtualMemory), registers });
  const openFds = new Gauge({ ...describe(PROCESS_SERIES.openFds), registers });
  const maxFds = new Gauge({ ...describe(PROCESS_SERIES.maxFds), registers });
  return async () => {
    const reading = await readProc();
    virtualMemory.set(reading.virtualMemoryBytes);
    openFds.set(reading.openFds);
    maxFds.set(reading.maxFds);
  };
}

async function readProc(): Promise<ProcReading> {
  const status = readText("/proc/self/status");
  const limits = readText("/proc/self/limits");
  return {
    virtualMemoryBytes: numberAfter(/^VmSize:\s+(\d+) kB/m, status) * 1_024,
    openFds: await countOpenFds(),
    maxFds: /^Max open files\s+unlimited/m.test(limits)
      ? Number.POSITIVE_INFINITY
      : numberAfter(/^Max open files\s+(\d+)/m, limits),
  };
}

/** From Linux 6.2 on the folder's size is the answer; before, it is 0 and has to be listed. */
async function countOpenFds(): Promise<number> {
  try {
    const { size } = statSync("/proc/self/fd");
    return size > 0 ? size : (await readdir("/proc/self/fd")).length;
  } catch {
    return Number.NaN;
  }
}

/** "" where /proc is not mounted, or hidden. */
function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function numberAfter(pattern: RegExp, text: string): number {
  return Number(pattern.exec(text)?.[1] ?? Number.NaN);
}
