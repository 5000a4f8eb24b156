/** `phi silence add|list|remove`: keeps alerts of a running cluster quiet for a while. */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { openApiClient, parseJson, type ApiClientArguments } from "./api_client.ts";
import { readCurrentConfig } from "./current_config.ts";
import { oneCall, type OneCallGrants } from "./one_call.ts";
import { EXIT_DONE, fail, formatTable, misuse, printable, type ExitCode } from "./output.ts";
import { warnOfNoTarget } from "./silenced_targets.ts";

export interface SilenceArguments extends ApiClientArguments {
  /** Shows what the monitor answered. */
  readonly json?: boolean;
}

export interface AddSilenceArguments {
  /** Seconds. */
  readonly for: number;
  /** A time as RFC 3339 has it. Default: now. */
  readonly from?: string;
  readonly author?: string;
  readonly comment: string;
}

export interface ListSilencesArguments {
  /** Those that have ended, too. */
  readonly all?: boolean;
}

const SilenceLine = Type.Object({
  id: Type.String(),
  matchers: Type.Array(Type.String()),
  startsAt: Type.Union([Type.String(), Type.Null()]),
  endsAt: Type.Union([Type.String(), Type.Null()]),
  author: Type.String(),
  comment: Type.String(),
  status: Type.String(),
});
const SilenceLines = Type.Array(SilenceLine);

/** A bare word is a target's name. */
export async function addSilence(
  matchers: readonly string[],
  flags: SilenceArguments & AddSilenceArguments,
  grants: OneCallGrants,
): Promise<ExitCode> {
  const { output } = grants;
  if (flags.author === undefined) {
    return misuse(output, "--author is needed: who asks for it, where the environment has no USER");
  }
  if (matchers.includes("")) return misuse(output, 'a target has a name; "*" stands for all');
  const asked = matchers.map((text) => (text.includes("=") ? text : `target=${text}`));
  const body = {
    matchers: asked,
    durationSeconds: flags.for,
    startsAt: flags.from,
    author: flags.author,
    comment: flags.comment,
  };
  const request = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  } as const;
  return oneCall(flags, grants, "/silences", request, async (answer, client) => {
    const silence = parseJson(answer.text);
    if (flags.json) output.data(answer.text);
    else if (!Value.Check(SilenceLine, silence))
      return fail(output, `${answer.api} is not a phi monitor`);
    else {
      const { id, endsAt, matchers: made } = silence;
      output.data(printable(`silence ${id} until ${endsAt}: ${made.join(" ")}`));
    }
    // The silence is made: where the config cannot be read, there is nothing to say against it.
    const read = await readCurrentConfig(client, { isStale: true });
    const warning = read.ok ? warnOfNoTarget(read.config.targets, asked) : undefined;
    if (warning !== undefined) output.say(`phi: ${warning}`);
    return EXIT_DONE;
  });
}

export async function listSilences(
  flags: SilenceArguments & ListSilencesArguments,
  grants: OneCallGrants,
): Promise<ExitCode> {
  const { output } = grants;
  return oneCall(flags, grants, "/silences", {}, (answer) => {
    if (flags.json) {
      output.data(answer.text);
      return EXIT_DONE;
    }
    const silences = parseJson(answer.text);
    if (!Value.Check(SilenceLines, silences))
      return fail(output, `${answer.api} is not a phi monitor`);
    const rows = silences
      .filter(({ status }) => flags.all || status !== "expired")
      .map(({ id, status, startsAt, endsAt, author, matchers, comment }) => [
        id,
        status,
        startsAt ?? "",
        endsAt ?? "",
        author,
        matchers.join(" "),
        comment,
      ]);
    const head = ["ID", "STATUS", "FROM", "UNTIL", "AUTHOR", "MATCHERS", "COMMENT"];
    for (const line of formatTable([head, ...rows])) output.data(line);
    return EXIT_DONE;
  });
}

/** One that is gone by the time that another member is asked was removed by the one that did not say so. */
export async function removeSilence(
  id: string,
  flags: SilenceArguments,
  grants: OneCallGrants,
): Promise<ExitCode> {
  const { output } = grants;
  const opened = await openApiClient(flags, grants);
  if (!opened.ok) return misuse(output, opened.message);
  const path = `/silences/${encodeURIComponent(id)}`;
  const answer = await opened.client.call(path, { method: "DELETE" });
  if (!answer.ok && !(answer.mayBeDone && answer.problemType === UNKNOWN_SILENCE)) {
    return fail(output, answer.message);
  }
  const removed = answer.ok ? answer.text : JSON.stringify({ removed: id });
  output.data(flags.json ? removed : `silence ${id} is over`);
  return EXIT_DONE;
}

const UNKNOWN_SILENCE = "urn:phi:problem:unknown_silence";
