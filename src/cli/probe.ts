/** `phi probe URL`: asks once, as a monitor would, and shows what each phase took. */
import type { Clock, Dial, ReadTextFile, Resolve, Timers } from "../port.ts";
import { decodeTarget, formatConfigError, PUSH_URL, type Target } from "../config/mod.ts";
import { httpProbeOptions } from "../monitor/mod.ts";
import { HttpProber, TimerWheel, type ProbeOutcome } from "../probe/mod.ts";
import { readNetFlags, type NetOptions } from "./net_options.ts";
import type { ProbeArguments } from "./program.ts";
import {
  EXIT_DONE,
  EXIT_FAILED,
  formatTable,
  misuse,
  printable,
  type ExitCode,
  type Output,
} from "./output.ts";

export async function runProbe(
  url: string,
  flags: ProbeArguments,
  grants: ProbeGrants & { readonly output: Output },
): Promise<ExitCode> {
  const { output } = grants;
  const net = readNetFlags(flags);
  if (!net.ok) return misuse(output, net.detail);
  if (url === PUSH_URL)
    return misuse(output, "a push: target is not asked, so it cannot be probed");
  // The same decoder that reads a config, so that both take and refuse the same.
  const decoded = decodeTarget({
    name: "probe",
    url,
    timeoutMillis: flags.timeout,
    method: flags.method,
    headers: flags.header,
    ...(flags.status.length === 0 ? {} : { expect: { status: flags.status.map(statusEntry) } }),
    tls: {
      insecureSkipVerify: flags.insecure ?? false,
      ...(flags.ca === undefined ? {} : { caFile: flags.ca }),
      ...(flags.serverName === undefined ? {} : { serverName: flags.serverName }),
    },
  });
  if (!decoded.ok) return misuse(output, decoded.errors.map(formatConfigError).join("\n"));
  const outcome = await probeOnce(decoded.target, net.options, grants);
  return showOutcome(outcome, flags.json ?? false, output);
}

export interface ProbeGrants {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly dial: Dial;
  readonly resolve: Resolve;
  readonly readTextFile: ReadTextFile;
}

/** How often the wheel that holds the deadline is turned. */
const TICK_MS = 5;

/** A config has single statuses as numbers and ranges as text. */
function statusEntry(text: string): number | string {
  return /^\d+$/u.test(text) ? Number(text) : text;
}

/** One probe of `target`, with everything freed afterwards. */
async function probeOnce(
  target: Target,
  net: NetOptions,
  grants: ProbeGrants,
): Promise<ProbeOutcome> {
  const nowMs = () => grants.clock.monotonicMs();
  const wheel = new TimerWheel(nowMs());
  const prober = new HttpProber(httpProbeOptions(target), {
    dial: grants.dial,
    resolve: grants.resolve,
    readTextFile: grants.readTextFile,
    checkAddress: (hostName, ip, port) => net.policy.checkAddress(hostName, ip, port),
    connectTo: net.connectTo,
    wheel,
    nowMs,
  });
  let cancel = grants.timers.after(TICK_MS, turn);
  function turn(): void {
    wheel.advance(nowMs());
    cancel = grants.timers.after(TICK_MS, turn);
  }
  try {
    return await new Promise<ProbeOutcome>((resolve) => prober.ask(resolve));
  } finally {
    cancel();
    prober.close();
  }
}

/** Writes an outcome; the exit code says whether it was a heartbeat. */
function showOutcome(outcome: ProbeOutcome, isJson: boolean, output: Output): ExitCode {
  if (isJson) output.data(JSON.stringify(outcome));
  else for (const line of describe(outcome)) output.data(line);
  return outcome.ok ? EXIT_DONE : EXIT_FAILED;
}

function describe(outcome: ProbeOutcome): string[] {
  const { timings, certificateExpiresWallMs } = outcome;
  const phases: [string, number][] = [
    ["resolve", timings.resolveMs],
    ["connect", timings.connectMs],
    ["tls", timings.tlsMs],
    ["first byte", timings.firstByteMs],
    ["body", timings.bodyMs],
    ["total", timings.totalMs],
  ];
  const head = outcome.ok
    ? `heartbeat: status ${outcome.status}`
    : `no heartbeat: ${outcome.reason}: ${printable(outcome.detail)}`;
  const table = formatTable(
    phases.map(([phase, ms]) => [`  ${phase}`, `${ms.toFixed(3).padStart(10)} ms`]),
  );
  if (certificateExpiresWallMs === undefined) return [head, ...table];
  const expires = new Date(certificateExpiresWallMs).toISOString();
  return [head, ...table, `  certificate expires ${expires}`];
}
