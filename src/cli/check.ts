/** `phi check FILE --alerts FILE`: says whether the files would be taken, and if not, where they are wrong. */
import { readAlertsFile } from "./alerts_file.ts";
import { readSeed } from "./config_file.ts";
import { readNetFlags, type NetOptions } from "./net_options.ts";
import type { CheckArguments } from "./program.ts";
import { EXIT_DONE, EXIT_FAILED, misuse, type ExitCode, type Output } from "./output.ts";

export interface CheckGrants {
  readonly readBytes: (path: string) => Promise<Uint8Array>;
  readonly output: Output;
}

export async function runCheck(
  file: string | undefined,
  flags: CheckArguments,
  { readBytes, output }: CheckGrants,
): Promise<ExitCode> {
  const net = readNetFlags(flags);
  if (!net.ok) return misuse(output, net.detail);
  if (file === undefined && flags.alerts === undefined) {
    return misuse(output, "name a config file, or an alerts file with --alerts");
  }
  const found = [
    ...(file === undefined ? [] : [await checkConfig(file, net.options, readBytes)]),
    ...(flags.alerts === undefined
      ? []
      : [await checkAlerts(flags.alerts, net.options, readBytes)]),
  ];
  const errors = found.flatMap(({ lines }) => lines);
  const ok = errors.length === 0;
  if (flags.json) {
    const counts = Object.fromEntries(found.map(({ what, count }) => [what, count]));
    output.data(JSON.stringify(ok ? { ok, ...counts } : { ok, errors }));
    return ok ? EXIT_DONE : EXIT_FAILED;
  }
  for (const { path, lines, count, what } of found) {
    for (const line of lines) output.say(line);
    const things = count === 1 ? what.replace(/s$/u, "") : what;
    if (lines.length === 0) output.data(`${path}: ok, ${count} ${things}`);
  }
  return ok ? EXIT_DONE : EXIT_FAILED;
}

/** One file: how much is in it, or the lines that say what is wrong. */
interface Found {
  readonly path: string;
  readonly what: "targets" | "receivers";
  readonly count: number;
  readonly lines: readonly string[];
}

type ReadBytes = CheckGrants["readBytes"];

async function checkConfig(path: string, net: NetOptions, readBytes: ReadBytes): Promise<Found> {
  const read = await readSeed(path, net, readBytes);
  const found = { path, what: "targets" } as const;
  if (!read.ok) return { ...found, count: 0, lines: read.lines };
  return { ...found, count: read.targets.length, lines: [] };
}

async function checkAlerts(path: string, net: NetOptions, readBytes: ReadBytes): Promise<Found> {
  const read = await readAlertsFile(path, net, readBytes);
  const found = { path, what: "receivers" } as const;
  if (!read.ok) return { ...found, count: 0, lines: read.lines };
  return { ...found, count: read.alerts.receivers.length, lines: [] };
}
