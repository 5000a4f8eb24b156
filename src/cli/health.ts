/**
 * `phi health [URL]`: asks once whether something is alive, for a container that has no other program
 * to ask with. Exit 0 if it answered in time with a status of success, else 1 and a line that says why.
 */
import type { Fetch } from "../port.ts";
import { adviceOn, type ApiCaGrants, fetchFor } from "./api_ca.ts";
import { asReached, formatBind, type Bind } from "./bind.ts";
import { EXIT_DONE, fail, misuse, type ExitCode, type Output } from "./output.ts";

export interface HealthArguments {
  /** Of the monitor to ask where no URL is given. */
  readonly httpBind: Bind;
  /** That monitor's certificate: it is asked over HTTPS. */
  readonly tlsCert?: string;
  /** Milliseconds; > 0. The answer has to be complete by then. */
  readonly timeout: number;
  /** Whom to trust instead of the system's authorities, a PEM file. */
  readonly apiCa?: string;
}

export interface HealthGrants extends ApiCaGrants {
  readonly output: Output;
  /** For the monitor of this machine, whose certificate is for the names that others know it by. */
  readonly fetchUnverified: Fetch;
}

/** Without a URL it asks the monitor that listens at `httpBind` of this machine, and believes whoever answers there. */
export async function runHealth(
  url: string | undefined,
  { httpBind, tlsCert, timeout, apiCa }: HealthArguments,
  grants: HealthGrants,
): Promise<ExitCode> {
  const { output, fetchUnverified } = grants;
  const scheme = tlsCert === undefined ? "http" : "https";
  const asked = url ?? `${scheme}://${formatBind(asReached(httpBind))}/healthz`;
  if (!URL.canParse(asked)) {
    return misuse(output, `"${asked}" is not a URL, as http://127.0.0.1:8000/healthz`);
  }
  const trusting =
    url === undefined && apiCa === undefined
      ? { ok: true as const, fetch: fetchUnverified }
      : await fetchFor(apiCa, grants);
  if (!trusting.ok) return misuse(output, trusting.message);
  try {
    const response = await trusting.fetch(
      new Request(asked, { signal: AbortSignal.timeout(timeout) }),
    );
    await response.arrayBuffer();
    return response.ok ? EXIT_DONE : fail(output, `${asked} answered ${response.status}`);
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    if (isLate) return fail(output, `${asked} took more than ${timeout} ms`);
    const advice = adviceOn(error);
    return fail(output, `${asked} ${advice ? `is not trusted: ${advice}` : "does not answer"}`);
  }
}
