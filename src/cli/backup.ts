/** `phi backup` and `phi restore`: the config of a running cluster as a file, and the way back. */
import type { WriteTextFile } from "../bun/mod.ts";
import { encodeConfigYaml } from "../config/mod.ts";
import { openApiClient, type ApiClientArguments, type ApiClientGrants } from "./api_client.ts";
import { changeConfig } from "./config_change.ts";
import type { ConfigDifference } from "./config_difference.ts";
import { readConfigFile } from "./config_file.ts";
import { readCurrentConfig } from "./current_config.ts";
import { EXIT_DONE, EXIT_FAILED, fail, misuse, type ExitCode, type Output } from "./output.ts";

export interface BackupArguments extends ApiClientArguments {
  /** Where the config goes; stdout without it. */
  readonly output?: string;
  /** Replaces a file that is there. */
  readonly force?: boolean;
  /** Takes what a monitor has, which may be behind, where there is no quorum to ask. */
  readonly stale?: boolean;
}

export interface BackupGrants extends ApiClientGrants {
  readonly writeTextFile: WriteTextFile;
  readonly output: Output;
}

export async function runBackup(flags: BackupArguments, grants: BackupGrants): Promise<ExitCode> {
  const { output } = grants;
  const opened = await openApiClient(flags, grants);
  if (!opened.ok) return misuse(output, opened.message);
  const isStale = flags.stale ?? false;
  const read = await readCurrentConfig(opened.client, { isStale });
  if (!read.ok) return fail(output, read.message);
  const { etag, targets } = read.config;
  const revision = etag.replaceAll('"', "");
  const behind = isStale ? ", of one monitor and possibly behind" : "";
  const text = `# phi config, revision ${revision}${behind}\n${encodeConfigYaml(targets)}`;
  const path = flags.output;
  if (path === undefined) {
    output.data(text.trimEnd());
    return EXIT_DONE;
  }
  const written = await grants.writeTextFile(path, text, { replaces: flags.force ?? false });
  if (written.ok) {
    const count = targets.length === 1 ? "1 target" : `${targets.length} targets`;
    output.say(`phi: ${path}: ${count}, revision ${revision}`);
    return EXIT_DONE;
  }
  if (written.reason === "exists") {
    return misuse(output, `${path} is there already; --force replaces it`);
  }
  return fail(output, `${path} cannot be written: ${written.detail}`);
}

export interface RestoreArguments extends ApiClientArguments {
  /** Deletes what the file does not name. */
  readonly yes?: boolean;
  readonly json?: boolean;
}

export interface RestoreGrants extends ApiClientGrants {
  readonly readBytes: (path: string) => Promise<Uint8Array>;
  readonly output: Output;
}

export async function runRestore(
  file: string,
  flags: RestoreArguments,
  grants: RestoreGrants,
): Promise<ExitCode> {
  const { output } = grants;
  const read = await readConfigFile(file, grants.readBytes, "any");
  if (!read.ok) {
    for (const line of read.lines) output.say(line);
    return EXIT_FAILED;
  }
  const opened = await openApiClient(flags, grants);
  if (!opened.ok) return misuse(output, opened.message);
  const request = {
    plan: () => read.targets,
    objection: (difference: ConfigDifference) => objectionTo(difference, flags),
    isDryRun: false,
    json: flags.json ?? false,
  };
  return changeConfig(request, opened.client, output);
}

function objectionTo({ deleted }: ConfigDifference, { yes = false }: RestoreArguments) {
  if (yes || deleted.length === 0) return undefined;
  const count = deleted.length === 1 ? "1 target" : `${deleted.length} targets`;
  return `${count} would be deleted; add --yes if that is meant`;
}
