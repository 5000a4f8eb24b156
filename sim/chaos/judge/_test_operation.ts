/** Operations and faults for tests, of what a test cares about. */
import type { Fault } from "../faults.ts";
import type { ConfigCall, ConfigOperation, ConfigOutcome } from "../operation.ts";

/** From `from` to `to`, in milliseconds. */
export function did(
  from: number,
  to: number,
  call: ConfigCall,
  outcome: ConfigOutcome,
  monitor = "monitor1",
): ConfigOperation {
  const process = `client-${from}`;
  return { process, call, invokedAtMs: from, returnedAtMs: to, outcome, monitor, attempts: 1 };
}

export const put = (name: string, value: string): ConfigCall => ({ kind: "put", name, value });
export const get = (name: string): ConfigCall => ({ kind: "get", name });
export const written = (revision: number): ConfigOutcome => ({ kind: "written", revision });
export const UNKNOWN: ConfigOutcome = { kind: "unknown", detail: "no answer" };
export const FAILED: ConfigOutcome = { kind: "failed", detail: "503" };

export function fault(part: Partial<Fault>): Fault {
  return {
    kind: "server-kill",
    members: ["server1"],
    fromMs: 1_000,
    untilMs: 10_000,
    blocksWrites: false,
    measure: "",
    ...part,
  };
}
