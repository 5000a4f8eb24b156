/**
 * Connections over node:net and node:tls. (`Bun.connect` cannot give up a connect; `destroy` here frees
 * the descriptor at once.) A connection's listeners are shared functions that find their connection
 * on the socket, so that an idle one is few objects: a monitor holds ten thousand.
 *
 * TLS: the runtime is told not to refuse a certificate itself, but to finish the handshake and say
 * what it thinks; unless its verdict is `authorized`, the connection is closed before one byte of ours
 * has been sent. Only so the end of a refused certificate is known, and that is what people look for
 * when it has just expired.
 */
import { isIP, connect as connectTcp, type Socket } from "node:net";
import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import type { Connection, ConnectionEvents, Dial, DialAddress, DialTls } from "../port.ts";
import { errorCode, faultOf } from "./_fault.ts";
import { explainRefusal } from "./_refusal.ts";

const OWNER = Symbol("owner");
type OwnedSocket = Socket & { [OWNER]: SocketConnection };

/**
 * All who trust the same authorities share one context: measured with a system's bundle, a connection
 * then holds 52 KiB and not 264. Few bundles are in use at once.
 */
const MAX_CACHED_CONTEXTS = 16;
const MAX_DETAIL_CHARACTERS = 200;
const contexts = new Map<string, SecureContext>();

/** See the port. Fault `reset` is also how a connection that the peer has ended is reported gone. */
export const bunDial: Dial = (address, events) => new SocketConnection(address, events);

class SocketConnection implements Connection {
  /** Null once closed, or once a fault was told: nothing is told then. */
  #events: ConnectionEvents | null;
  readonly #socket: Socket | null;
  readonly #ip: string;
  readonly #port: number;
  /** Undefined when TLS is not wanted, and from the handshake's end on. */
  #tls: DialTls | undefined;
  /** Why the certificate is not for the name, if it is not. */
  #nameProblem: string | undefined;
  #isConnected = false;
  /** An error was reported; the explanation of a refusal may still be under way. */
  #hasFailed = false;
  readonly #startMs = performance.now();

  constructor(address: DialAddress, events: ConnectionEvents) {
    this.#events = events;
    this.#ip = address.ip;
    this.#port = address.port;
    this.#tls = address.tls;
    this.#socket = this.#open();
  }

  write(bytes: Uint8Array | string): void {
    if (typeof bytes === "string") this.#socket?.write(bytes, "latin1");
    else this.#socket?.write(bytes);
  }

  close(): void {
    this.#events = null;
    this.#socket?.destroy();
  }

  connected(): void {
    this.#isConnected = true;
    this.#events?.onConnect();
  }

  secured(socket: TLSSocket): void {
    if (this.#events === null) return;
    const certificate = socket.getPeerCertificate();
    const expiresWallMs = Date.parse(certificate?.valid_to ?? "");
    const knownExpiry = Number.isNaN(expiresWallMs) ? undefined : expiresWallMs;
    const isTrusted = this.#tls?.insecureSkipVerify === true || socket.authorized;
    if (!isTrusted) {
      const why = this.#nameProblem ?? messageOf(socket.authorizationError ?? "not verified");
      return this.#fault("tls", why, knownExpiry);
    }
    this.#tls = undefined;
    this.#events.onSecure(knownExpiry);
  }

  received(bytes: Uint8Array): void {
    this.#events?.onData(bytes);
  }

  ended(): void {
    this.#events?.onEnd();
  }

  failed(problem: Error): void {
    if (this.#hasFailed || this.#events === null) return;
    this.#hasFailed = true;
    const isSecuring = this.#isConnected && this.#tls !== undefined;
    const fault = faultOf(problem, { isConnected: this.#isConnected, isSecuring });
    if (fault !== "refused") {
      return this.#fault(fault, `${errorCode(problem)} ${problem.message}`.trim());
    }
    const afterMs = performance.now() - this.#startMs;
    explainRefusal(this.#ip, this.#port, afterMs).then(
      (explained) => this.#fault(explained.fault, explained.detail),
      (unexplained: unknown) => this.#fault("refused", messageOf(unexplained)),
    );
  }

  closed(): void {
    if (!this.#hasFailed) this.#fault("reset", "the connection was closed");
  }

  #open(): Socket | null {
    try {
      const socket = this.#tls === undefined ? this.#openTcp() : this.#openTls(this.#tls);
      const owned: OwnedSocket = Object.assign(socket, { [OWNER]: this });
      owned.on("connect", onConnect);
      owned.on("data", onData);
      owned.on("end", onEnd);
      owned.on("error", onError);
      owned.on("close", onClose);
      return socket;
    } catch (error) {
      // Only what was asked for can be at fault here, and in practice that is the authorities' PEM.
      queueMicrotask(() => this.#fault("tls", messageOf(error)));
      return null;
    }
  }

  #openTcp(): Socket {
    return connectTcp({ host: this.#ip, port: this.#port, noDelay: true });
  }

  #openTls(tls: DialTls): TLSSocket {
    const { serverName, caPem } = tls;
    const socket = connectTls({
      host: this.#ip,
      port: this.#port,
      // An address is not sent as a name (RFC 6066 §3), but it is verified.
      servername: isIP(serverName) === 0 ? serverName : "",
      rejectUnauthorized: false,
      checkServerIdentity: (_, certificate) => this.#checkName(serverName, certificate),
      ...(caPem === undefined ? {} : { secureContext: contextOf(caPem) }),
    });
    socket.setNoDelay(true);
    socket.on("secureConnect", () => this.secured(socket));
    return socket;
  }

  #checkName(serverName: string, certificate: PeerCertificate): Error | undefined {
    const problem = checkServerIdentity(serverName, certificate);
    // A certificate may list thousands of names.
    this.#nameProblem = problem?.message.slice(0, MAX_DETAIL_CHARACTERS);
    return problem;
  }

  #fault(
    fault: Parameters<ConnectionEvents["onFault"]>[0],
    detail: string,
    expiresWallMs?: number,
  ) {
    const events = this.#events;
    this.close();
    events?.onFault(fault, detail, expiresWallMs);
  }
}

function contextOf(caPem: string): SecureContext {
  const known = contexts.get(caPem);
  if (known !== undefined) return known;
  if (contexts.size >= MAX_CACHED_CONTEXTS) contexts.delete(contexts.keys().next().value!);
  const context = createSecureContext({ ca: caPem });
  contexts.set(caPem, context);
  return context;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function onConnect(this: OwnedSocket): void {
  this[OWNER].connected();
}

function onData(this: OwnedSocket, bytes: Uint8Array): void {
  this[OWNER].received(bytes);
}

function onEnd(this: OwnedSocket): void {
  this[OWNER].ended();
}

function onError(this: OwnedSocket, error: Error): void {
  this[OWNER].failed(error);
}

function onClose(this: OwnedSocket): void {
  this[OWNER].closed();
}
