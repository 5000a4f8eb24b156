/**
 * Refuses query parameters that a route does not describe, as the bodies refuse unknown keys: a name with a slip in
 * it would otherwise be a filter that filters nothing. What a route takes is what its operation says it takes.
 */
import { refusals } from "./operation_parts.ts";
import { problem } from "./problem.ts";
import type { Operation, Route } from "./route.ts";

const LONGEST_SHOWN = 40;

/** Gives the refusal of a request to this route; undefined where there is nothing to refuse. */
export function queryGuard({
  operation,
  takesAnyQuery,
}: Route): (request: Request) => Response | undefined {
  // What has no operation is for a browser: it is not the API.
  const isOpen = takesAnyQuery === true || operation === undefined;
  const known = (operation?.parameters ?? [])
    .filter((parameter) => parameter.in === "query")
    .map(({ name }) => name);
  return (request) => {
    // Most have none, and heartbeats are many.
    if (isOpen || !request.url.includes("?")) return undefined;
    const { searchParams } = new URL(request.url);
    const unknown = [...searchParams.keys()].find((name) => !known.includes(name));
    if (unknown === undefined) return undefined;
    return problem("invalid_query", `${whatIsTaken(known)}, received ${show(unknown)}.`);
  };
}

function whatIsTaken(known: readonly string[]): string {
  const names = known.map((name) => `"${name}"`);
  const last = names.pop();
  if (last === undefined) return "This path takes no query parameters";
  if (names.length === 0) return `The only query parameter is ${last}`;
  return `The query parameters are ${names.join(", ")} and ${last}`;
}

export function show(text: string): string {
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
}

/** The operation with that refusal among its answers. */
export function describeGuarded({ operation, takesAnyQuery }: Route): Operation | undefined {
  if (operation === undefined || takesAnyQuery === true) return operation;
  const refusal = refusals({ "400": "There is no such query parameter." });
  return { ...operation, responses: { ...refusal, ...operation.responses } };
}
