/** `phi check FILE`: says whether a config file would be taken, and if not, where it is wrong. */
import { readSeed } from "./config_file.ts";
import { readNetFlags } from "./net_options.ts";
import type { CheckArguments } from "./program.ts";
import { EXIT_DONE, EXIT_FAILED, misuse, type ExitCode, type Output } from "./output.ts";

export interface CheckGrants {
  readonly readBytes: (path: string) => Promise<Uint8Array>;
  readonly output: Output;
}

export async function runCheck(
  file: string,
  flags: CheckArguments,
  { readBytes, output }: CheckGrants,
): Promise<ExitCode> {
  const net = readNetFlags(flags);
  if (!net.ok) return misuse(output, net.detail);
  const read = await readSeed(file, net.options, readBytes);
  if (flags.json) {
    const result = read.ok
      ? { ok: true, targets: read.targets.length }
      : { ok: false, errors: read.lines };
    output.data(JSON.stringify(result));
  } else if (read.ok) {
    const count = read.targets.length;
    output.data(`${file}: ok, ${count} ${count === 1 ? "target" : "targets"}`);
  } else {
    for (const line of read.lines) output.say(line);
  }
  return read.ok ? EXIT_DONE : EXIT_FAILED;
}
