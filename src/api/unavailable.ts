/**
 * The refusals of a store that cannot decide now: no quorum, no leader, a halted disk. Each says in words
 * what became of the request, because a write whose end is unknown must not look like one that failed.
 */
import type { ReadResult, WriteResult } from "../store/mod.ts";
import { problem } from "./problem.ts";

/** Seconds: about what an election takes. */
export const RETRY_AFTER = { "retry-after": "1" };

type UnavailableWrite = Extract<WriteResult, { reason: "unavailable" }>;
type UnavailableRead = Extract<ReadResult, { ok: false }>;

export function writeUnavailable({ outcome, detail }: UnavailableWrite): Response {
  return outcome === "failed"
    ? problem("write_failed", `The write has failed and changed nothing: ${detail}.`, {
        headers: RETRY_AFTER,
      })
    : problem(
        "write_unknown",
        `Whether the write was or will be made is unknown: ${detail}. ` +
          "Read the config before repeating it, or repeat it soon under the same Idempotency-Key.",
        { headers: RETRY_AFTER },
      );
}

export function readUnavailable({ detail }: UnavailableRead): Response {
  return problem(
    "read_unavailable",
    `The current config cannot be read now: ${detail}. ` +
      "Add ?stale=true for the config that this monitor has, which may be behind.",
    { headers: RETRY_AFTER },
  );
}
