/**
 * How a change of the whole config ended, for whoever asked for it: done, with the counts and the revision, or not,
 * with how much had been written by then, since what goes target by target can end half-way.
 */
import { countTargets, type ConfigDifference } from "./config_difference.ts";
import { EXIT_DONE, fail, misuse, type ExitCode, type Output } from "./output.ts";

/** What was written before it came to an end, of `all` that was to be; empty if nothing was. */
function progressOf(made: ConfigDifference, all?: ConfigDifference): string {
  const count = countTargets(made);
  if (count === 0) return "";
  const total = all === undefined ? "" : ` of ${countTargets(all)}`;
  const were = total === "" && count === 1 ? "target was" : "targets were";
  return `${count}${total} ${were} written; ask again to go on`;
}

export function withProgress(
  message: string,
  made: ConfigDifference,
  all?: ConfigDifference,
): string {
  const progress = progressOf(made, all);
  return progress === "" ? message : `${message} (${progress})`;
}

/** Target by target all of it was written, and then the config could not be read again. */
export function allButTheLook(message: string, made: ConfigDifference): string {
  const count = countTargets(made);
  return `${message} (all ${count} targets were written; whether others have changed any meanwhile is not known)`;
}

export function giveUp(output: Output, attempts: number, made: ConfigDifference): ExitCode {
  const progress = progressOf(made) || "nothing was written";
  return fail(output, `others changed the config ${attempts} times meanwhile; ${progress}`);
}

/** Whoever asked for it wrongly had nothing changed; what came up on the way is a failure. */
export function refuse(output: Output, objection: string, made: ConfigDifference): ExitCode {
  const progress = progressOf(made);
  if (progress === "") return misuse(output, `${objection}. Nothing was changed`);
  return fail(output, `${objection}. ${progress}`);
}

export interface Outcome {
  readonly isDryRun: boolean;
  readonly json: boolean;
  /** What was changed, or would be; nothing, if it was as it should be. */
  readonly made: ConfigDifference;
  /** Of the config as it is then. */
  readonly etag: string;
}

export function finish(output: Output, { isDryRun, json, made, etag }: Outcome): ExitCode {
  const revision = etag.replaceAll('"', "");
  const added = made.added.map(({ name }) => name);
  const changed = made.changed.map(({ after }) => after.name);
  const { deleted } = made;
  if (json) {
    output.data(JSON.stringify({ revision: Number(revision), isDryRun, added, changed, deleted }));
  } else if (countTargets(made) === 0) {
    output.data(`nothing to change, revision ${revision}`);
  } else {
    const counts = `${added.length} added, ${changed.length} changed, ${deleted.length} deleted`;
    output.data(isDryRun ? `would be ${counts}` : `${counts}, revision ${revision}`);
  }
  return EXIT_DONE;
}
