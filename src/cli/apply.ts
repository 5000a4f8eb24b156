/**
 * `phi apply -f FILE`: makes a running cluster watch what a file says. It adds and changes; what the file
 * does not name is deleted only with --prune, after it was shown.
 */
import type { Target } from "../config/mod.ts";
import { openApiClient, type ApiClientArguments, type ApiClientGrants } from "./api_client.ts";
import { changeConfig } from "./config_change.ts";
import { mergeTargets } from "./config_difference.ts";
import { readConfigFile } from "./config_file.ts";
import { EXIT_FAILED, misuse, type ExitCode, type Output } from "./output.ts";

export interface ApplyArguments extends ApiClientArguments {
  readonly file: string;
  /** Shows the difference and changes nothing. */
  readonly dryRun?: boolean;
  /** Deletes what the file does not name. */
  readonly prune?: boolean;
  /** Takes a file that names nothing, which is more often a mistake than a wish. */
  readonly allowEmpty?: boolean;
  readonly json?: boolean;
}

export interface ApplyGrants extends ApiClientGrants {
  readonly readBytes: (path: string) => Promise<Uint8Array>;
  readonly output: Output;
}

export async function runApply(flags: ApplyArguments, grants: ApplyGrants): Promise<ExitCode> {
  const { output } = grants;
  const { file, dryRun = false, prune = false, allowEmpty = false, json = false } = flags;
  const read = await readConfigFile(file, grants.readBytes, "any");
  if (!read.ok) {
    for (const line of read.lines) output.say(line);
    return EXIT_FAILED;
  }
  if (read.targets.length === 0 && !allowEmpty) {
    return misuse(output, `${file} names no target; add --allow-empty if that is meant`);
  }
  const opened = await openApiClient(flags, grants);
  if (!opened.ok) return misuse(output, opened.message);
  const plan = prune
    ? () => read.targets
    : (current: readonly Target[]) => mergeTargets(current, read.targets);
  return changeConfig({ plan, isDryRun: dryRun, json }, opened.client, output);
}
