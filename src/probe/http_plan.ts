/**
 * What every probe of one target has in common, worked out once: where to connect, the bytes to
 * send, what to expect of the answer, and the world to do it in. The types that a caller fills in
 * are here too. Secrets are not in a plan: their files are read again at each probe, so that they
 * can be rotated.
 */
import type { Dial, ReadTextFile, Resolve } from "../port.ts";
import type { HttpParserOptions } from "./http_parser.ts";
import {
  encodeRequestHead,
  isAddressLiteral,
  parseEndpoint,
  withoutBrackets,
} from "./http_request.ts";
import type { TimerWheel } from "./wheel.ts";

export interface HttpProbeOptions {
  /** http or https, without user and password. */
  readonly url: string;
  readonly method: string;
  /** Over the prober's own `host`, `user-agent`, `accept` and `accept-encoding: identity`. */
  readonly headers: Readonly<Record<string, string>>;
  /** From the question to the last byte of the answer. More bears slower servers, and notices later. */
  readonly timeoutMs: number;
  /** Read at each probe; a newline at its end is not part of the secret. */
  readonly bearerTokenFile?: string;
  readonly basicAuth?: { readonly user: string; readonly passwordFile: string };
  /** See `parseStatusRanges`. */
  readonly statusMatches: (status: number) => boolean;
  /** Searched for in the body, which is taken as UTF-8. */
  readonly bodyMatches?: RegExp;
  /** More body than this is a failure. More costs memory where `bodyMatches` is set, else traffic only. */
  readonly maxBodyBytes: number;
  readonly tls: {
    /** PEM, trusted instead of the system's authorities; read at each new connection. */
    readonly caFile?: string;
    /** Instead of the URL's host. */
    readonly serverName?: string;
    readonly insecureSkipVerify: boolean;
  };
  /** `fresh` makes a connection for each probe: every probe tests connecting, at several times the cost. */
  readonly connection: "reuse" | "fresh";
}

export type AddressCheck = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/** What a prober is granted. */
export interface HttpProbeWorld {
  readonly dial: Dial;
  readonly resolve: Resolve;
  readonly readTextFile: ReadTextFile;
  /** The clock of the wheel. */
  nowMs(): number;
  readonly wheel: TimerWheel;
  /** May this address, which the name stands for, be contacted? Asked before every connect. */
  checkAddress(hostName: string, ip: string, port: number): AddressCheck;
  /** Where to connect instead. What it answers is resolved and checked; the TLS name stays. */
  connectTo?(host: string, port: number): { readonly host: string; readonly port: number };
}

/** What does not depend on the URL. Targets that are asked alike share one. */
export interface HttpSettings {
  readonly options: Omit<HttpProbeOptions, "url">;
  readonly hasSecret: boolean;
  readonly keepsAlive: boolean;
  readonly parserOptions: HttpParserOptions;
  /** The request after the host's line, the empty line at its end included. */
  readonly requestRest: string;
}

export interface HttpPlan {
  readonly world: HttpProbeWorld;
  readonly settings: HttpSettings;
  /** Where to connect to, `connectTo` applied: a name, or an address without brackets. */
  readonly hostName: string;
  readonly port: number;
  readonly isLiteral: boolean;
  /** The name for TLS; undefined without TLS. */
  readonly serverName: string | undefined;
  /** The request's first two lines, which alone are this target's own; the rest is in the settings. */
  readonly requestStart: string;
  /** Whether a connection needs neither a look-up nor a file. */
  readonly isDirect: boolean;
}

/** Throws a `TypeError` or `RangeError` on options that no probe could be made of. */
export function makeHttpPlan(options: HttpProbeOptions, world: HttpProbeWorld): HttpPlan {
  if (!(options.timeoutMs > 0)) {
    throw new RangeError(
      `Cannot create HttpProber: "timeoutMs" must be > 0, received ${options.timeoutMs}`,
    );
  }
  if (!(options.maxBodyBytes >= 0)) {
    throw new RangeError(
      `Cannot create HttpProber: "maxBodyBytes" must be >= 0, received ${options.maxBodyBytes}`,
    );
  }
  const endpoint = parseEndpoint(options.url);
  const target = world.connectTo?.(endpoint.hostName, endpoint.port);
  const hostName = withoutBrackets(target?.host ?? endpoint.hostName);
  const isLiteral = isAddressLiteral(hostName);
  const keepsAlive = options.connection === "reuse";
  const [start, rest] = splitAfterHost(encodeRequestHead({ ...options, keepsAlive }));
  const settings = sharedSettings(options, `${rest}\r\n`);
  return {
    world,
    settings,
    hostName,
    port: target?.port ?? endpoint.port,
    isLiteral,
    serverName: endpoint.isTls ? (options.tls.serverName ?? endpoint.hostName) : undefined,
    requestStart: start,
    isDirect: isLiteral && !(endpoint.isTls && options.tls.caFile !== undefined),
  };
}

/** All of it, to be sent as it is when there is no secret to add. */
export function requestOf({ requestStart, settings }: HttpPlan): string {
  return requestStart + settings.requestRest;
}

/** The host's is the second line, whatever the headers. */
function splitAfterHost(head: string): [string, string] {
  const hostLine = head.indexOf("\r\n") + 2;
  const end = head.indexOf("\r\n", hostLine) + 2;
  return [detached(head.slice(0, end)), detached(head.slice(end))];
}

/** Put together anew, because a slice keeps all of the text that it is from. */
function detached(slice: string): string {
  return slice.split("").join("");
}

/** Targets mostly come one after another with the same settings: remembering the last ones is enough. */
let lastSettings: HttpSettings | undefined;

function sharedSettings(
  { url: _url, ...options }: HttpProbeOptions,
  requestRest: string,
): HttpSettings {
  if (lastSettings !== undefined && isSame(lastSettings.options, options)) return lastSettings;
  lastSettings = {
    options,
    hasSecret: options.bearerTokenFile !== undefined || options.basicAuth !== undefined,
    keepsAlive: options.connection === "reuse",
    requestRest,
    parserOptions: {
      isHeadRequest: options.method === "HEAD",
      keepsBody: options.bodyMatches !== undefined,
      maxBodyBytes: options.maxBodyBytes,
    },
  };
  return lastSettings;
}

function isSame(a: HttpSettings["options"], b: HttpSettings["options"]): boolean {
  return (
    a.method === b.method &&
    a.headers === b.headers &&
    a.timeoutMs === b.timeoutMs &&
    a.bearerTokenFile === b.bearerTokenFile &&
    a.basicAuth === b.basicAuth &&
    a.statusMatches === b.statusMatches &&
    a.bodyMatches === b.bodyMatches &&
    a.maxBodyBytes === b.maxBodyBytes &&
    a.tls === b.tls &&
    a.connection === b.connection
  );
}
