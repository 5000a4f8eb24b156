/** `phi targets list|add|remove`: the config and the verdicts of a running monitor, over its HTTP face. */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { AddArguments, ApiArguments } from "./program.ts";
import { EXIT_DONE, fail, formatTable, type ExitCode, type Output } from "./output.ts";

export interface TargetsGrants {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly output: Output;
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

export async function listTargets(flags: ApiArguments, grants: TargetsGrants): Promise<ExitCode> {
  const { output } = grants;
  const answer = await call(grants, flags.api, "/targets", {});
  if (!answer.ok) return fail(output, answer.message);
  if (flags.json) {
    output.data(answer.text);
    return EXIT_DONE;
  }
  const targets = parseJson(answer.text);
  if (!Value.Check(TargetLines, targets)) return fail(output, `${flags.api} is not a phi monitor`);
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
  flags: ApiArguments & AddArguments,
  grants: TargetsGrants,
): Promise<ExitCode> {
  // What is undefined here is left out of the JSON, and so gets the config's default.
  const target = {
    name,
    url,
    intervalMillis: flags.interval,
    timeoutMillis: flags.timeout,
    ...(flags.threshold === undefined ? {} : { monitor: { threshold: flags.threshold } }),
  };
  const answer = await call(grants, flags.api, "/config", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(target),
  });
  if (!answer.ok) return fail(grants.output, answer.message);
  grants.output.data(flags.json ? answer.text : `watching ${name}`);
  return EXIT_DONE;
}

export async function removeTarget(
  name: string,
  flags: ApiArguments,
  grants: TargetsGrants,
): Promise<ExitCode> {
  const path = `/config/${encodeURIComponent(name)}`;
  const answer = await call(grants, flags.api, path, { method: "DELETE" });
  if (!answer.ok) return fail(grants.output, answer.message);
  grants.output.data(flags.json ? answer.text : `no longer watching ${name}`);
  return EXIT_DONE;
}

type Answer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

async function call(
  grants: TargetsGrants,
  api: string,
  path: string,
  init: RequestInit,
): Promise<Answer> {
  if (!URL.canParse(path, api)) {
    return { ok: false, message: `--api: "${api}" is not a URL, as http://127.0.0.1:8000` };
  }
  try {
    const response = await grants.fetch(new Request(new URL(path, api), init));
    const text = await response.text();
    return response.ok
      ? { ok: true, text }
      : { ok: false, message: explain(response.status, text) };
  } catch {
    return { ok: false, message: `no monitor answers at ${api}; name another with --api` };
  }
}

const Problem = Type.Object({
  detail: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
});

function explain(status: number, text: string): string {
  const problem = parseJson(text);
  if (!Value.Check(Problem, problem)) return `${status}: ${text.slice(0, 200)}`;
  const errors = (problem.errors ?? []).map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`);
  return `${status}: ${problem.detail}${errors.join("")}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
