/**
 * How short of processors the machine was, as Linux counts it (PSI): the time in which something that could
 * have run had to wait. A monitor that is starved is late, and says that it doubts itself.
 */
import { readFileSync } from "node:fs";

/**
 * From this share of the time on a machine may be what made monitors doubt themselves: all runs in which they did
 * so without a cause of their own were above it. Lower excuses what the product does wrong by itself; higher fails
 * runs for what the machine did.
 */
export const STARVED_SHARE = 0.5;

/** Microseconds since the machine started; null where it is not counted. */
export function processorPressureUs(): number | null {
  try {
    const text = readFileSync("/proc/pressure/cpu", "utf8");
    return Number(/^some .*total=(?<total>\d+)/mu.exec(text)?.groups?.["total"] ?? Number.NaN);
  } catch {
    // Another system, or a kernel without it.
    return null;
  }
}

/** Whether a run can be excused by its share of waiting. Where nobody counted it nothing is excused. */
export function isStarved(share: number | null): boolean {
  return share !== null && share >= STARVED_SHARE;
}
