/**
 * Listens for HTTP: an address and a handler in, a listener out. A port that cannot be had is a value
 * with a line for people, because it is the commonest way for a start to fail.
 */

import { faultOfTlsPair, type TlsPair } from "./tls_pair.ts";

/** Longer than the longest silence of a stream of events, which sends a comment every 15 s. */
const IDLE_TIMEOUT_SECONDS = 120;

export interface ListenOptions {
  /** Ends a connection on which nothing moves for so long, 255 at most; 0 never ends one. */
  readonly idleTimeoutSeconds?: number;
  /** Speaks HTTPS (TLS 1.2 and later) instead of HTTP. */
  readonly tls?: TlsPair;
}

/** The API itself refuses bodies over 8 MiB with an explanation; this is the last bound behind it. */
const MAX_REQUEST_BODY_BYTES = 16 * 1024 * 1024;

export interface Listener {
  readonly port: number;
  /** Closes the socket and every connection. */
  stop(): Promise<void>;
}

export type ListenResult =
  | { readonly ok: true; readonly listener: Listener }
  | { readonly ok: false; readonly detail: string };

export function listen(
  bind: { readonly host: string; readonly port: number },
  handler: (request: Request) => Response | Promise<Response>,
  options: ListenOptions = {},
): ListenResult {
  const { idleTimeoutSeconds = IDLE_TIMEOUT_SECONDS, tls } = options;
  const fault = tls && faultOfTlsPair(tls);
  if (fault !== undefined) return { ok: false, detail: `${cannotListen(bind)}: ${fault}` };
  try {
    const server = Bun.serve({
      hostname: bind.host,
      port: bind.port,
      reusePort: false,
      idleTimeout: idleTimeoutSeconds,
      // Left to itself, Bun would show a page with source code where a handler throws.
      development: false,
      maxRequestBodySize: MAX_REQUEST_BODY_BYTES,
      ...(tls && { tls: { cert: tls.cert, key: tls.key } }),
      fetch: (request) => withReadableUrl(request, handler),
      error: () => new Response("Something went wrong here.\n", { status: 500 }),
    });
    const listener = { port: server.port ?? bind.port, stop: () => server.stop(true) };
    return { ok: true, listener };
  } catch (error) {
    const reason = whyNot(error);
    // Where no hosts file knows it the failure has no code of its own; as in `bunResolve`.
    if (reason === undefined && bind.host === "localhost") {
      return listen({ ...bind, host: "127.0.0.1" }, handler, options);
    }
    const detail = reason ?? (error instanceof Error ? error.message : String(error));
    return { ok: false, detail: `${cannotListen(bind)}: ${detail}` };
  }
}

/**
 * A request without a host (HTTP/1.0, as simple health checks send it), or with one that is none, has no
 * URL that a handler could read. The former is answered as if this machine had been named. One with two hosts
 * has a URL with the first, and whoever stands in between may have gone by the second (RFC 9112 §3.2).
 */
function withReadableUrl(
  request: Request,
  handler: (request: Request) => Response | Promise<Response>,
): Response | Promise<Response> {
  const host = request.headers.get("host");
  const isReadable = host?.includes(",") !== true && URL.canParse(request.url);
  if (isReadable) return handler(request);
  if (host === null && URL.canParse(request.url, "http://localhost")) {
    return handler(new Request(new URL(request.url, "http://localhost"), request));
  }
  return new Response("The Host header is not one host.\n", { status: 400 });
}

/** Undefined where that is not known. */
function whyNot(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "the port is in use";
  if (code === "EACCES") return "no permission for this port";
  if (code === "EADDRNOTAVAIL") return "not an address of this machine";
  return undefined;
}

function cannotListen({ host, port }: { host: string; port: number }): string {
  return `cannot listen on ${host.includes(":") ? `[${host}]` : host}:${port}`;
}
