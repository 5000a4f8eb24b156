/** One look at a monitor of the soak: what its process holds, which costs little, and what it says of itself, which is dear. */
import { readdirSync, readFileSync } from "node:fs";
import type { Metrics } from "./record.ts";

/** Metrics of 5,000 targets are 12 MB, and a monitor that is stopped is so for 15 s. */
const ANSWER_WITHIN_MS = 30_000;

/** Undefined where there is no such process. */
export function lookAtProcess(
  pid: number,
): { readonly residentMb: number; readonly descriptors: number } | undefined {
  try {
    const resident = /VmRSS:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    // A process that has ended and was not waited for has a status, but holds nothing.
    if (resident === undefined) return undefined;
    const descriptors = readdirSync(`/proc/${pid}/fd`).length;
    return { residentMb: Number(resident) / 1_024, descriptors };
  } catch {
    return undefined;
  }
}

/** Undefined where it does not answer in time, or with anything but 200. */
export async function askMetrics(url: string, signal: AbortSignal): Promise<Metrics | undefined> {
  try {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    const answer = await fetch(`${url}/metrics`, { signal: inTime });
    return answer.ok ? metricsOf(await answer.text()) : undefined;
  } catch {
    return undefined;
  }
}

export function metricsOf(text: string): Metrics {
  return {
    skippedProbes: sumOf(text, "phi_probes_skipped_total"),
    failedProbes: sumOf(text, "phi_probe_failures_total"),
    probes: sumOf(text, "phi_probes_total"),
    targetsUp: text.match(/^phi_target_state\{.*state="up"\} 1$/gmu)?.length ?? 0,
    loopLag: bucketsOf(text, "phi_event_loop_lag_seconds_bucket"),
  };
}

/** Over all series of the family. */
function sumOf(text: string, family: string): number {
  let sum = 0;
  for (const [, value] of text.matchAll(new RegExp(`^${family}(?:\\{[^}]*\\})? (\\S+)$`, "gmu"))) {
    sum += Number(value);
  }
  return sum;
}

function bucketsOf(text: string, family: string): Metrics["loopLag"] {
  const pattern = new RegExp(`^${family}\\{le="([^"]+)"\\} (\\S+)$`, "gmu");
  return Array.from(text.matchAll(pattern), ([, bound, count]) => [bound!, Number(count)] as const);
}
