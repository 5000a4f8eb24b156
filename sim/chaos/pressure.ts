/**
 * How short of processors the machine was, as Linux counts it (PSI): the time in which something that could
 * have run had to wait. A monitor that is starved is late, and says that it doubts itself.
 */
import { readFileSync } from "node:fs";

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
