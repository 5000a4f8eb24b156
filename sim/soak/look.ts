/** One look at a monitor of the soak: what its process holds, and what it says of its own lag and of missed probes. */
import { readdirSync, readFileSync } from "node:fs";

export interface Look {
  readonly residentMb: number;
  readonly descriptors: number;
  /** Since the process started. */
  readonly skippedProbes: number;
  readonly failedProbes: number;
  readonly probes: number;
  /** Now. */
  readonly targetsUp: number;
  /** Shares of the observations, by upper bounds in seconds; since the process started. */
  readonly loopLag: ReadonlyMap<number, number>;
}

/** Undefined where it does not answer, or is not there. */
export async function lookAt(
  pid: number | undefined,
  metricsUrl: string,
): Promise<Look | undefined> {
  if (pid === undefined) return undefined;
  try {
    const resident = /VmRSS:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    const descriptors = readdirSync(`/proc/${pid}/fd`).length;
    const answer = await fetch(metricsUrl, { signal: AbortSignal.timeout(20_000) });
    const text = await answer.text();
    return {
      residentMb: Number(resident) / 1_024,
      descriptors,
      skippedProbes: sumOf(text, "phi_probes_skipped_total"),
      failedProbes: sumOf(text, "phi_probe_failures_total"),
      probes: sumOf(text, "phi_probes_total"),
      targetsUp: text.match(/^phi_target_state\{.*state="up"\} 1$/gmu)?.length ?? 0,
      loopLag: bucketsOf(text, "phi_event_loop_lag_seconds_bucket"),
    };
  } catch {
    // It is stopped or killed just now: that is what the soak does.
    return undefined;
  }
}

/** Over all series of the family. */
export function sumOf(text: string, family: string): number {
  let sum = 0;
  for (const [, value] of text.matchAll(new RegExp(`^${family}(?:\\{[^}]*\\})? (\\S+)$`, "gmu"))) {
    sum += Number(value);
  }
  return sum;
}

/** Cumulative counts by the upper bound. */
export function bucketsOf(text: string, family: string): Map<number, number> {
  const pattern = new RegExp(`^${family}\\{le="([^"]+)"\\} (\\S+)$`, "gmu");
  return new Map(
    Array.from(text.matchAll(pattern), ([, bound, count]) => [
      bound === "+Inf" ? Infinity : Number(bound),
      Number(count),
    ]),
  );
}

/** The upper bound of the bucket in which that share of the observations ends. */
export function quantileBound(buckets: ReadonlyMap<number, number>, share: number): number {
  const total = buckets.get(Infinity) ?? 0;
  for (const [bound, count] of buckets) if (count >= share * total) return bound;
  return Infinity;
}
