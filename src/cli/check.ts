/** `phi check FILE`: says whether a config file would be taken, and if not, where it is wrong. */
import { readConfigFile } from "./config_file.ts";
import { EXIT_DONE, EXIT_FAILED, type ExitCode, type Output } from "./output.ts";

export interface CheckGrants {
  readonly readBytes: (path: string) => Promise<Uint8Array>;
  readonly output: Output;
}

export async function runCheck(
  file: string,
  flags: { readonly json?: boolean },
  { readBytes, output }: CheckGrants,
): Promise<ExitCode> {
  const read = await readConfigFile(file, readBytes);
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
