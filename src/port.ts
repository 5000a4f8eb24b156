/**
 * What the core asks of the world, as types. A module that is not handed a `Clock` has no time, one
 * without a `Dial` has no network. `src/bun` implements these for Bun; tests implement them with
 * plain objects. Nothing here has a body.
 */

/** Two clocks that must not be mixed up. */
export interface Clock {
  /** Milliseconds, with a fraction, since some fixed moment. Never goes back; only for differences. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01 UTC. May jump in either direction; only for people. */
  wallMs(): number;
}

/** The event loop, as far as the core may lean on it. */
export interface Timers {
  /** Runs `run` once, no sooner than `delayMs` from now. The result cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /** Resolves once the event loop has served whatever else is waiting. */
  yieldToLoop(): Promise<void>;
}

/** A number in [0, 1). */
export type Random = () => number;

/** One address that a name stands for. */
export interface IpAddress {
  /** Textual form without brackets: `127.0.0.1`, `::1`. */
  readonly ip: string;
  readonly family: 4 | 6;
}

export type ResolveResult =
  | { readonly ok: true; readonly addresses: readonly IpAddress[] }
  | { readonly ok: false; readonly detail: string };

/** Looks a host name up. Never rejects. A caller whose deadline has passed ignores the answer. */
export type Resolve = (hostName: string) => Promise<ResolveResult>;

/** The text of a small file (a secret, a certificate authority). Rejects if it cannot be read. */
export type ReadTextFile = (path: string) => Promise<string>;

/**
 * Asks over HTTP. Rejects where no answer comes; where the server's certificate is not trusted, with an error
 * whose `code` is `UNTRUSTED_CERTIFICATE` and whose message says why.
 */
export type Fetch = (request: Request) => Promise<Response>;

/**
 * As `Fetch`, but connects to this address (without brackets), whatever the host's name in the URL stands for
 * by now: it was looked up, and judged, before. The server is asked for, and has to prove, that name.
 */
export type FetchAt = (request: Request, ip: string) => Promise<Response>;

export type FetchTrustingResult =
  | { readonly ok: true; readonly fetch: Fetch }
  | { readonly ok: false; readonly detail: string };

/** A fetch that trusts these authorities, PEM certificates, instead of the system's. */
export type FetchTrusting = (caPem: string) => FetchTrustingResult;

/** TLS on top of a dialled connection. */
export interface DialTls {
  /** The name sent (SNI) and, unless verification is off, required of the certificate. */
  readonly serverName: string;
  /** PEM certificates to trust instead of the system's. */
  readonly caPem?: string;
  readonly insecureSkipVerify: boolean;
}

/** Where to connect. The address has been resolved, and has been allowed, before it gets here. */
export interface DialAddress {
  readonly ip: string;
  readonly port: number;
  readonly tls?: DialTls;
}

/** Why a connection could not be made, or ended. */
export type ConnectionFault = "refused" | "unreachable" | "tls" | "reset";

/** What a connection tells its owner. None of these is called once `close()` was. */
export interface ConnectionEvents {
  /** The TCP connection stands. */
  onConnect(): void;
  /** The TLS handshake is done: when the peer's certificate ends, by the wall clock. */
  onSecure(certificateExpiresWallMs: number | undefined): void;
  /** Bytes arrived. They are valid only during the call. */
  onData(bytes: Uint8Array): void;
  /** The peer has finished sending, in good order. */
  onEnd(): void;
  /**
   * The connection is gone, or never was. Nothing follows. With fault `tls` the end of the refused
   * certificate, by the wall clock, is told too, where one was seen.
   */
  onFault(fault: ConnectionFault, detail: string, certificateExpiresWallMs?: number): void;
}

export interface Connection {
  /** A string's characters are the bytes: U+0000 to U+00FF. */
  write(bytes: Uint8Array | string): void;
  /** Frees the descriptor at once, in whatever phase the connection is, connecting included. */
  close(): void;
}

/** Never throws, and calls none of the events before it has returned. */
export type Dial = (address: DialAddress, events: ConnectionEvents) => Connection;
