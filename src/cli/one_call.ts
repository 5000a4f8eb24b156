/** A command that is one request to a running cluster: what the answer is shown as, and how it exits. */
import {
  openApiClient,
  type ApiAnswer,
  type ApiClient,
  type ApiClientArguments,
  type ApiClientGrants,
  type ApiRequest,
} from "./api_client.ts";
import { fail, misuse, type ExitCode, type Output } from "./output.ts";

export type Answered = Extract<ApiAnswer, { ok: true }>;

export interface OneCallGrants extends ApiClientGrants {
  readonly output: Output;
}

/** Says itself why there is nothing to show, where there is not. */
export async function oneCall(
  flags: ApiClientArguments,
  grants: OneCallGrants,
  path: string,
  request: ApiRequest,
  show: (answer: Answered, client: ApiClient) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  const opened = await openApiClient(flags, grants);
  if (!opened.ok) return misuse(grants.output, opened.message);
  const answer = await opened.client.call(path, request);
  return answer.ok ? await show(answer, opened.client) : fail(grants.output, answer.message);
}
