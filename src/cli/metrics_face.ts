/**
 * /metrics alone, for a scraper that needs no way to the API. What is only to be reached from this machine has
 * the API's guard in front: a web page that points a name of its own at this address is refused.
 */
import { refuseForeign } from "../api/mod.ts";
import type { Exposition } from "../metrics/mod.ts";
import { isLoopback } from "../peer/mod.ts";
import type { Handler } from "./assemble.ts";
import type { Bind } from "./bind.ts";

/** `bind`: where it listens; undefined where it does not. */
export function metricsFace(
  exposition: Pick<Exposition, "respond">,
  bind: Bind | undefined,
): Handler {
  const allowedHosts = bind !== undefined && isLoopback(bind.host) ? [] : undefined;
  return async (request) => refuseForeign(request, allowedHosts) ?? answer(exposition, request);
}

async function answer(
  exposition: Pick<Exposition, "respond">,
  request: Request,
): Promise<Response> {
  if (new URL(request.url).pathname !== "/metrics") {
    return new Response("Only /metrics is here.\n", { status: 404 });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Use GET.\n", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  return exposition.respond(request);
}
