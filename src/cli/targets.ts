/** `phi targets list|add|remove`: the config and the verdicts of a running monitor, over its HTTP face. */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { parseJson, type ApiClientArguments } from "./api_client.ts";
import { oneCall, type Answered, type OneCallGrants } from "./one_call.ts";
import { EXIT_DONE, fail, formatTable, type ExitCode, type Output } from "./output.ts";

export interface TargetsArguments extends ApiClientArguments {
  /** Shows what the monitor answered. */
  readonly json?: boolean;
}

export interface AddArguments {
  readonly interval?: number;
  readonly timeout?: number;
  readonly threshold?: number;
}

/** What this command shows of what `GET /targets` answers. */
const TargetLines = Type.Array(
  Type.Object({
    name: Type.String(),
    url: Type.String(),
    verdict: Type.String(),
    phi: Type.Number(),
    threshold: Type.Number(),
  }),
);

export async function listTargets(
  flags: TargetsArguments,
  grants: OneCallGrants,
): Promise<ExitCode> {
  return oneCall(flags, grants, "/targets", {}, (answer) =>
    showTargets(answer, flags, grants.output),
  );
}

function showTargets(answer: Answered, flags: TargetsArguments, output: Output): ExitCode {
  if (flags.json) {
    output.data(answer.text);
    return EXIT_DONE;
  }
  const targets = parseJson(answer.text);
  if (!Value.Check(TargetLines, targets)) return fail(output, `${answer.api} is not a phi monitor`);
  const rows = targets.map((target) => [
    target.name,
    target.verdict,
    `${target.phi.toFixed(2)}/${target.threshold}`,
    target.url,
  ]);
  for (const line of formatTable([["NAME", "VERDICT", "PHI", "URL"], ...rows])) output.data(line);
  return EXIT_DONE;
}

export async function addTarget(
  name: string,
  url: string,
  flags: TargetsArguments & AddArguments,
  grants: OneCallGrants,
): Promise<ExitCode> {
  // What is undefined here is left out of the JSON, and so gets the config's default.
  const target = {
    name,
    url,
    intervalMillis: flags.interval,
    timeoutMillis: flags.timeout,
    ...(flags.threshold === undefined ? {} : { monitor: { threshold: flags.threshold } }),
  };
  const request = {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(target),
  } as const;
  return oneCall(flags, grants, "/config", request, ({ text }) => {
    grants.output.data(flags.json ? text : `watching ${name}`);
    return EXIT_DONE;
  });
}

export async function removeTarget(
  name: string,
  flags: TargetsArguments,
  grants: OneCallGrants,
): Promise<ExitCode> {
  const path = `/config/${encodeURIComponent(name)}`;
  return oneCall(flags, grants, path, { method: "DELETE" }, ({ text }) => {
    grants.output.data(flags.json ? text : `no longer watching ${name}`);
    return EXIT_DONE;
  });
}
