/** `phi explain NAME`: why the verdict on a target is what it is, as a running monitor knows it. */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import {
  openApiClient,
  parseJson,
  type ApiClientArguments,
  type ApiClientGrants,
} from "./api_client.ts";
import { EXIT_DONE, fail, misuse, printable, type ExitCode, type Output } from "./output.ts";
import { whyUntold } from "./why_untold.ts";

export interface ExplainArguments extends ApiClientArguments {
  /** Shows what the monitor answered. */
  readonly json?: boolean;
}

export interface ExplainGrants extends ApiClientGrants {
  readonly output: Output;
}

/** What this command shows of what `GET /targets/:name/explain` answers. */
const Explained = Type.Object({ sentences: Type.Array(Type.String()) });

export async function runExplain(
  name: string,
  flags: ExplainArguments,
  grants: ExplainGrants,
): Promise<ExitCode> {
  const { output } = grants;
  const opened = await openApiClient(flags, grants);
  if (!opened.ok) return misuse(output, opened.message);
  const answer = await opened.client.call(`/targets/${encodeURIComponent(name)}/explain`);
  if (!answer.ok) return fail(output, whyUntold(name, answer));
  if (flags.json) {
    output.data(answer.text);
    return EXIT_DONE;
  }
  const explained = parseJson(answer.text);
  if (!Value.Check(Explained, explained)) {
    return fail(output, `${answer.api} is not a phi monitor`);
  }
  for (const sentence of explained.sentences) output.data(printable(sentence));
  return EXIT_DONE;
}
