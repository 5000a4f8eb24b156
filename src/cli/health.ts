/**
 * `phi health [URL]`: asks once whether something is alive, for a container that has no other program
 * to ask with. Exit 0 if it answered in time with a status of success, else 1 and a line that says why.
 */
import { asReached, formatBind, type Bind } from "./bind.ts";
import { EXIT_DONE, fail, misuse, type ExitCode, type Output } from "./output.ts";

export interface HealthArguments {
  /** Of the monitor to ask where no URL is given. */
  readonly httpBind: Bind;
  /** Milliseconds; > 0. The answer has to be complete by then. */
  readonly timeout: number;
}

export interface HealthGrants {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly output: Output;
}

/** Without a URL it asks the monitor that listens at `httpBind` of this machine. */
export async function runHealth(
  url: string | undefined,
  { httpBind, timeout }: HealthArguments,
  { fetch, output }: HealthGrants,
): Promise<ExitCode> {
  const asked = url ?? `http://${formatBind(asReached(httpBind))}/healthz`;
  if (!URL.canParse(asked)) {
    return misuse(output, `"${asked}" is not a URL, as http://127.0.0.1:8000/healthz`);
  }
  try {
    const response = await fetch(new Request(asked, { signal: AbortSignal.timeout(timeout) }));
    await response.arrayBuffer();
    return response.ok ? EXIT_DONE : fail(output, `${asked} answered ${response.status}`);
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    return fail(output, `${asked} ${isLate ? `took more than ${timeout} ms` : "does not answer"}`);
  }
}
