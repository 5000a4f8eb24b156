/** Which signals a process catches or ignores, by what the system says of it. */
import { readFileSync } from "node:fs";

/** By their numbers, which are the same on every Linux. */
const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

export type StopSignal = keyof typeof NUMBERS;

export const STOP_SIGNALS: readonly StopSignal[] = ["SIGHUP", "SIGINT", "SIGTERM"];

/** Those of the stop signals that the process treats so; none if it has ended, or there is no /proc. */
export function signalsOf(pid: number, treatment: "caught" | "ignored"): StopSignal[] {
  const field = treatment === "caught" ? "SigCgt" : "SigIgn";
  const hex = new RegExp(`^${field}:\\s*([0-9a-f]+)$`, "mu").exec(readStatus(pid))?.[1] ?? "0";
  const mask = BigInt(`0x${hex}`);
  return STOP_SIGNALS.filter((name) => (mask & (1n << BigInt(NUMBERS[name] - 1))) !== 0n);
}

export function processName(pid: number): string | undefined {
  return /^Name:\s*(.*)$/mu.exec(readStatus(pid))?.[1];
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}
