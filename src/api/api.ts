/**
 * The HTTP face as one function from `Request` to `Response`. Elysia finds the route; everything that
 * decides what an answer says is in this folder's own files, so that a body is never read, a header
 * never parsed and an error never told by anything else. Works without a socket, and in an isolate.
 */
import { Elysia } from "elysia";
import { alertRoutes } from "./alert_routes.ts";
import { badgeRoutes } from "./badge_route.ts";
import { clusterRoutes } from "./cluster_routes.ts";
import { configReads } from "./config_reads.ts";
import { configRoutes } from "./config_routes.ts";
import type { ApiDeps, ApiOptions } from "./deps.ts";
import { EventHub } from "./event_hub.ts";
import { eventRoutes } from "./event_routes.ts";
import { refuseForeign } from "./guard.ts";
import { heartbeatRoutes } from "./heartbeat_route.ts";
import { explainRoutes } from "./explain_route.ts";
import { intervalRoutes } from "./intervals_route.ts";
import { observerRoutes } from "./observer_routes.ts";
import { historyRoutes } from "./history_route.ts";
import { describeApi } from "./openapi.ts";
import { openapiRoutes } from "./openapi_routes.ts";
import { pageRoutes } from "./page_route.ts";
import { problem } from "./problem.ts";
import { describeGuarded, queryGuard } from "./query_guard.ts";
import type { Route } from "./route.ts";
import { statusRoutes } from "./status_routes.ts";
import { targetRoutes } from "./target_routes.ts";
import { writeTokenGuard } from "./write_token.ts";

export interface Api {
  /** Never rejects. */
  fetch(request: Request): Promise<Response>;
  /** Ends every stream of events, so that a server can stop. Other requests are still answered. */
  close(): void;
}

/** Throws `RangeError` for options that cannot work. */
export function createApi(deps: ApiDeps, options: ApiOptions = {}): Api {
  const refuseUnauthorized = writeTokenGuard(options.writeToken);
  const hub = new EventHub(deps);
  const elysia = new Elysia({ aot: options.aot ?? true });
  const describe = () => describeApi(elysia, routes, deps.version);
  const routes: readonly Route[] = [
    ...configRoutes(deps),
    ...configReads(deps),
    ...targetRoutes(deps),
    ...explainRoutes(deps),
    ...intervalRoutes(deps),
    ...observerRoutes(deps),
    ...alertRoutes(deps),
    ...historyRoutes(deps),
    ...eventRoutes(hub),
    ...heartbeatRoutes(deps),
    ...clusterRoutes(deps),
    ...statusRoutes(deps),
    ...badgeRoutes(deps),
    ...pageRoutes(deps),
    ...openapiRoutes(describe, deps.openapiViewer),
  ];
  addRoutes(elysia, deps, routes);

  async function answer(request: Request): Promise<Response> {
    try {
      const refusal =
        refuseForeign(request, options.allowedHosts) ?? (await refuseUnauthorized(request));
      const response = refusal ?? (await elysia.fetch(asRouted(request)));
      return request.method === "HEAD" ? await withoutBody(response) : response;
    } catch (error) {
      return internalProblem(error, deps);
    }
  }

  return {
    fetch: async (request) => withCommonHeaders(await answer(request)),
    close: () => hub.close(),
  };
}

function addRoutes(elysia: Elysia, deps: ApiDeps, routes: readonly Route[]): void {
  // First, or it would not hold for the routes.
  elysia.onError(({ code, error, path }) =>
    code === "NOT_FOUND" ? unknownPath(path) : internalProblem(error, deps),
  );
  const methodsByPath = new Map<string, string[]>();
  for (const route of routes) {
    const { method, path } = route;
    const detail = describeGuarded(route) ?? { hide: true };
    const refuseQuery = queryGuard(route);
    elysia.route(
      method,
      path,
      ({ request, params }) => refuseQuery(request) ?? route.handle(request, params),
      { ...UNPARSED, detail: detail as object },
    );
    const methods = methodsByPath.get(path) ?? [];
    methodsByPath.set(path, [...methods, ...(method === "GET" ? ["GET", "HEAD"] : [method])]);
  }
  for (const [path, methods] of methodsByPath) {
    const allow = methods.toSorted().join(", ");
    const refuse = () =>
      problem("method_not_allowed", `This path takes ${allow}.`, { headers: { allow } });
    elysia.all(path, refuse, { ...UNPARSED, detail: { hide: true } });
  }
}

/** Leaves the body to the route: `parse` says so to compiled routes, `type` to those that are not. */
const UNPARSED = { parse: "none", type: "none" } as const;

function unknownPath(path: string): Response {
  return problem("unknown_path", `There is nothing at ${path}; GET /openapi lists what there is.`);
}

function internalProblem(error: unknown, { reportBug }: ApiDeps): Response {
  reportBug?.(error);
  return problem("internal", "This is a defect of the monitor; its log says more.");
}

/** Elysia takes the path from the 12th character on, which is too far where the host's name is short. */
const FIRST_PATH_OFFSET = 11;

/** HEAD is answered as GET is, less the body; and every host's name is long enough. */
function asRouted(request: Request): Request {
  const { headers, method } = request;
  const isShort = request.url.indexOf("/", request.url.indexOf("//") + 2) < FIRST_PATH_OFFSET;
  if (method !== "HEAD" && !isShort) return request;
  const url = new URL(request.url);
  if (isShort) url.host = "localhost";
  return method === "HEAD" ? new Request(url, { headers }) : new Request(url, request);
}

function withCommonHeaders(response: Response): Response {
  const { headers } = response;
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  if (!headers.has("cross-origin-resource-policy")) {
    headers.set("cross-origin-resource-policy", "same-origin");
  }
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  return response;
}

/** Whatever is longer is not made for the sake of its length. */
const MAX_COUNTED_BYTES = 262_144;

/** As the answer to GET, less the body, but with its length where that is soon known. */
async function withoutBody(response: Response): Promise<Response> {
  const { body, headers } = response;
  if (body === null) return response;
  const isEndless = headers.get("content-type") === "text/event-stream";
  const lengthBytes = isEndless ? null : await countBytes(body.getReader());
  if (lengthBytes === null) await body.cancel();
  else headers.set("content-length", String(lengthBytes));
  return new Response(null, response);
}

/** Null if there are too many; the body is then still to be cancelled. */
async function countBytes(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<number | null> {
  let lengthBytes = 0;
  try {
    while (lengthBytes <= MAX_COUNTED_BYTES) {
      const piece = await reader.read();
      if (piece.done) return lengthBytes;
      lengthBytes += piece.value.byteLength;
    }
    return null;
  } finally {
    reader.releaseLock();
  }
}
