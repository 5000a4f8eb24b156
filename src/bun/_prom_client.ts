/** From the table of series to prom-client's metrics. */
import type { Counter } from "prom-client";
import type { Series } from "../metrics/mod.ts";

/** A histogram's `le` is prom-client's own to add. */
export function describe({ name, help, labels }: Series): {
  name: string;
  help: string;
  labelNames: string[];
} {
  return { name, help, labelNames: labels.filter((label) => label !== "le") };
}

/** For a total that somebody else counts: prom-client's counters can only be added to. */
export function setCounter(counter: Counter, total: number): void {
  counter.reset();
  counter.inc(total);
}
