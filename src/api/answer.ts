/** Small answers in JSON, and the refusals that several routes share. */
import { problem } from "./problem.ts";

export const JSON_HEADERS = { "content-type": "application/json" } as const;

/** Indented, because people read these with curl. */
export function jsonAnswer(
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${JSON.stringify(value, null, 2)}\n`, {
    headers: { ...JSON_HEADERS, ...headers },
  });
}

export function unknownTarget(
  name: string | null,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const what = name === null ? "The name's percent-encoding is broken" : `"${name}" is not watched`;
  return problem("unknown_target", `${what}; GET /config lists the targets.`, { headers });
}
