/**
 * Changes the config of a running cluster as a whole: what it is to be in, what it is afterwards out. It
 * is read with its revision, the difference is shown, and the new one is written on condition that the
 * revision still holds; where it does not, all of that is done again, so that nobody's change is lost. What is too
 * large to be written at once is written target by target, and read again afterwards: nothing held the others
 * off meanwhile. Whatever ends it half-way is told together with how much was written.
 */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { encodeConfigJson, MAX_CONFIG_BYTES, type Target } from "../config/mod.ts";
import { parseJson, type ApiAnswer, type ApiClient } from "./api_client.ts";
import {
  addDifferences,
  compareConfigs,
  describeDifference,
  NO_DIFFERENCE,
  type ConfigDifference,
} from "./config_difference.ts";
import { finish, giveUp, refuse, withProgress, allButTheLook } from "./config_outcome.ts";
import { readCurrentConfig } from "./current_config.ts";
import { fail, type ExitCode, type Output } from "./output.ts";
import { writeOneByOne } from "./one_by_one.ts";

export interface ConfigChangeRequest {
  /** What the config is to be. Asked again whenever the current one has changed. */
  readonly plan: (current: readonly Target[]) => readonly Target[];
  /**
   * Why the change may not be made as it was asked for, without the full stop; undefined if it may. Asked after it
   * was shown.
   */
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
  let made = NO_DIFFERENCE;
  let isAllMade = false;
  for (let attempt = 0; ; attempt++) {
    const read = await readCurrentConfig(client);
    if (!read.ok) {
      const message = isAllMade
        ? allButTheLook(read.message, made)
        : withProgress(read.message, made);
      return fail(output, message);
    }
    const { etag, targets: before } = read.config;
    const after = request.plan(before);
    const difference = compareConfigs(before, after);
    const lines = describeDifference(difference);
    if (lines.length === 0) return finish(output, { ...request, made, etag });
    if (attempt === MAX_ATTEMPTS) return giveUp(output, MAX_ATTEMPTS, made);
    if (lines.join("\n") !== shown) {
      if (attempt > 0) output.say("phi: the config was changed meanwhile; what is to change now:");
      for (const line of lines) {
        if (request.json) output.say(line);
        else output.data(line);
      }
      shown = lines.join("\n");
    }
    const objection = request.objection?.(difference);
    if (objection !== undefined) return refuse(output, objection, made);
    if (request.isDryRun) return finish(output, { ...request, made: difference, etag });
    const written = await writeAtOnce(client, after, etag);
    if (written === "too large") {
      output.say("phi: the config is too large to be written at once; it goes target by target");
      const { made: more, refusal } = await writeOneByOne(client, before, difference);
      const all = addDifferences(made, difference);
      made = addDifferences(made, more);
      isAllMade = refusal === undefined;
      if (refusal !== undefined && refusal.status !== CHANGED_MEANWHILE) {
        return fail(output, withProgress(refusal.message, made, all));
      }
    } else if (written.ok) {
      made = addDifferences(made, difference);
      return finish(output, { ...request, made, etag: revisionOf(written.text) });
    } else if (written.status !== CHANGED_MEANWHILE) {
      return fail(output, withProgress(written.message, made));
    }
  }
}

const CHANGED_MEANWHILE = 412;
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

const Written = Type.Object({ revision: Type.Integer() });

function revisionOf(text: string): string {
  const answer = parseJson(text);
  return Value.Check(Written, answer) ? String(answer.revision) : "unknown";
}
