/** Why a cluster did not tell of one target: what it answered, or what to do where it watches none of that name. */
import type { Refused } from "./api_client.ts";
import { printable } from "./output.ts";

export function whyUntold(name: string, { problemType, message }: Refused): string {
  if (problemType !== "urn:phi:problem:unknown_target") return message;
  return `"${printable(name)}" is not watched; "phi targets list" shows what is`;
}
