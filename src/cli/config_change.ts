/**
 * Changes the config of a running cluster as a whole: what it is to be in, what it is afterwards out. It
 * is read with its revision, the difference is shown, and the new one is written on condition that the
 * revision still holds; where it does not, all of that is done again, so that nobody's change is lost. What is too
 * large to be written at once is written target by target.
 */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { encodeConfigJson, MAX_CONFIG_BYTES, type Target } from "../config/mod.ts";
import { parseJson, type ApiAnswer, type ApiClient } from "./api_client.ts";
import { compareConfigs, describeDifference, type ConfigDifference } from "./config_difference.ts";
import { readCurrentConfig } from "./current_config.ts";
import { EXIT_DONE, fail, misuse, type ExitCode, type Output } from "./output.ts";
import { writeOneByOne } from "./one_by_one.ts";

export interface ConfigChangeRequest {
  /** What the config is to be. Asked again whenever the current one has changed. */
  readonly plan: (current: readonly Target[]) => readonly Target[];
  /** Why the change may not be made as it was asked for; undefined if it may. Asked after it was shown. */
  readonly objection?: (difference: ConfigDifference) => string | undefined;
  readonly isDryRun: boolean;
  /** One object at the end, on stdout; what is about to change goes to stderr then. */
  readonly json: boolean;
}

/** So often somebody else may come first. */
const MAX_ATTEMPTS = 10;

export async function changeConfig(
  request: ConfigChangeRequest,
  client: ApiClient,
  output: Output,
): Promise<ExitCode> {
  let shown = "";
  let isPartly = false;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const read = await readCurrentConfig(client);
    if (!read.ok) return fail(output, read.message);
    const { etag, targets: before } = read.config;
    const after = request.plan(before);
    const difference = compareConfigs(before, after);
    const lines = describeDifference(difference);
    if (lines.join("\n") !== shown) {
      if (attempt > 0) output.say("phi: the config was changed meanwhile; what is to change now:");
      for (const line of lines) {
        if (request.json) output.say(line);
        else output.data(line);
      }
      shown = lines.join("\n");
    }
    const objection = request.objection?.(difference);
    if (objection !== undefined) return misuse(output, objection);
    const outcome = { request, difference, output };
    if (lines.length === 0) return finish({ ...outcome, did: "nothing", etag });
    if (request.isDryRun) return finish({ ...outcome, did: "dry run", etag });
    let written = await writeAtOnce(client, after, etag);
    if (written === "too large") {
      isPartly = true;
      output.say("phi: the config is too large to be written at once; it goes target by target");
      written = await writeOneByOne(client, before, difference);
    }
    if (written.ok) return finish({ ...outcome, did: "changed", etag: revisionOf(written.text) });
    if (written.status !== 412) return fail(output, written.message);
  }
  return fail(
    output,
    `others changed the config ${MAX_ATTEMPTS} times meanwhile; ${isPartly ? "not all was" : "nothing was"} written`,
  );
}

const TOO_LARGE = 413;

async function writeAtOnce(
  client: ApiClient,
  after: readonly Target[],
  etag: string,
): Promise<ApiAnswer | "too large"> {
  const body = encodeConfigJson(after);
  if (new TextEncoder().encode(body).length > MAX_CONFIG_BYTES) return "too large";
  const written = await client.call("/config", {
    method: "POST",
    headers: { "content-type": "application/json", "if-match": etag },
    body,
  });
  return !written.ok && written.status === TOO_LARGE ? "too large" : written;
}

interface Outcome {
  readonly request: ConfigChangeRequest;
  readonly difference: ConfigDifference;
  readonly output: Output;
  readonly did: "nothing" | "dry run" | "changed";
  readonly etag: string;
}

function finish({ request, difference, output, did, etag }: Outcome): ExitCode {
  const revision = etag.replaceAll('"', "");
  const added = difference.added.map(({ name }) => name);
  const changed = difference.changed.map(({ after }) => after.name);
  const { deleted } = difference;
  if (request.json) {
    const isDryRun = request.isDryRun;
    output.data(JSON.stringify({ revision: Number(revision), isDryRun, added, changed, deleted }));
  } else if (did === "nothing") {
    output.data(`nothing to change, revision ${revision}`);
  } else {
    const counts = `${added.length} added, ${changed.length} changed, ${deleted.length} deleted`;
    output.data(did === "changed" ? `${counts}, revision ${revision}` : `would be ${counts}`);
  }
  return EXIT_DONE;
}

const Written = Type.Object({ revision: Type.Integer() });

function revisionOf(text: string): string {
  const answer = parseJson(text);
  return Value.Check(Written, answer) ? String(answer.revision) : "unknown";
}
