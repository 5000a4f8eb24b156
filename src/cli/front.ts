/**
 * What answers HTTP before the monitor can: it is alive, and says to come again. So ports are taken, or
 * found to be in use, before anything is written, and a monitor that waits to join its cluster can be looked
 * at.
 */
import type { Handler } from "./assemble.ts";

const RETRY_AFTER_SECONDS = 1;

export class Front {
  #handler: Handler | undefined;

  /** From now on this answers. */
  open(handler: Handler): void {
    this.#handler = handler;
  }

  readonly handle: Handler = async (request) => {
    if (this.#handler !== undefined) return await this.#handler(request);
    if (new URL(request.url).pathname === "/healthz") return new Response("alive\n");
    const detail =
      "This monitor is starting: it reads its data, or waits to be let into its cluster.";
    const problem = {
      type: "urn:phi:problem:starting",
      title: "Not ready yet",
      status: 503,
      detail,
    };
    return new Response(`${JSON.stringify(problem, null, 2)}\n`, {
      status: problem.status,
      headers: {
        "content-type": "application/problem+json",
        "retry-after": String(RETRY_AFTER_SECONDS),
      },
    });
  };
}
