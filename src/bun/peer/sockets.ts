/**
 * Connections between peers over node:net, or node:tls where the monitor has a certificate: TLS 1.3, and
 * each end has to show one that our authority signed. Whether its names are those of the monitor that it
 * claims to be is not decided here but handed up, so that host names need not be in it.
 *
 * In Bun the socket that a TLS server tells of with `connection`, before TLS, is the one it tells of
 * again with `secureConnection`.
 */
import { lookup as lookUp } from "node:dns";
import {
  connect as connectTcp,
  createServer,
  isIP,
  type LookupFunction,
  type Server,
  Socket,
} from "node:net";
import {
  connect as connectTls,
  createServer as createTlsServer,
  TLSSocket,
  type PeerCertificate,
} from "node:tls";
import type {
  AdmitAddresses,
  PeerAddress,
  PeerListenResult,
  PeerSocket,
  PeerSocketEvents,
  PeerSockets,
} from "../../peer/mod.ts";

/** All as PEM. */
export interface PeerTls {
  readonly certPem: string;
  readonly keyPem: string;
  /** Of the authority, or the authorities, that sign the monitors' certificates. No other is trusted. */
  readonly caPem: string;
}

/** The kernel asks a connection that is quiet for so long whether it still stands. */
const KEEP_ALIVE_MS = 30_000;

/** Throws if the certificate, its key or the authority cannot be read. */
export function createPeerSockets(tls?: PeerTls): PeerSockets {
  const { listen, dial } = tls === undefined ? tcpSockets() : tlsSockets(tls);
  return {
    dial(address, events, admit) {
      const socket = new NodePeerSocket(admit ? dialAdmitted(dial, address, admit) : dial(address));
      socket.tell(events);
      return socket;
    },
    listen: async (address, accept) =>
      await startListening(listen(), address, (socket) => {
        const owned = new NodePeerSocket(socket);
        owned.tell(accept(owned));
        return owned;
      }),
  };
}

interface SocketKind {
  readonly listen: () => Server;
  readonly dial: (address: PeerAddress, lookup?: LookupFunction) => Socket;
}

/** Looks a name up once, as it would be otherwise, and connects to nothing else than what was judged then. */
function dialAdmitted(
  dial: SocketKind["dial"],
  address: PeerAddress,
  admit: AdmitAddresses,
): Socket {
  if (isIP(address.host) === 0) return dial(address, lookUpAdmitted(address, admit));
  const admitted = admit(address, [address.host]);
  return admitted.ok ? dial(address) : new Socket().destroy(new Error(admitted.detail));
}

function lookUpAdmitted(address: PeerAddress, admit: AdmitAddresses): LookupFunction {
  return (name, options, done) =>
    lookUp(name, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      const ips = found.map(({ address: ip }) => ip);
      const admitted = admit(address, ips);
      if (!admitted.ok) return done(new Error(admitted.detail), []);
      done(
        null,
        found.filter(({ address: ip }) => admitted.ips.includes(ip)),
      );
    });
}

function tcpSockets(): SocketKind {
  return {
    listen: () => createServer(),
    dial: (address, lookup) => connectTcp({ ...address, ...(lookup && { lookup }) }),
  };
}

function tlsSockets({ certPem, keyPem, caPem }: PeerTls): SocketKind {
  const options = {
    cert: certPem,
    key: keyPem,
    ca: caPem,
    minVersion: "TLSv1.3",
    rejectUnauthorized: true,
  } as const;
  return {
    listen: () => createTlsServer({ ...options, requestCert: true }),
    // Which names are right is decided by who knows whom it dialled.
    dial: (address, lookup) =>
      connectTls({
        ...address,
        ...options,
        ...(lookup && { lookup }),
        checkServerIdentity: () => undefined,
      }),
  };
}

async function startListening(
  server: Server,
  { host, port }: PeerAddress,
  accept: (socket: Socket) => NodePeerSocket,
): Promise<PeerListenResult> {
  const sockets = new Map<Socket, NodePeerSocket>();
  server.on("connection", (socket: Socket) => {
    const owned = accept(socket);
    sockets.set(socket, owned);
    socket.on("close", () => sockets.delete(socket));
    if (!(socket instanceof TLSSocket)) owned.opened();
  });
  server.on("secureConnection", (socket: Socket) => sockets.get(socket)?.opened());
  server.on("tlsClientError", (error: Error, socket: Socket) => sockets.get(socket)?.failed(error));
  const { promise, resolve } = Promise.withResolvers<PeerListenResult>();
  server.on("error", (error) => resolve({ ok: false, detail: textOf(error) }));
  server.listen(port, host, () => {
    const bound = server.address();
    const boundPort = bound !== null && typeof bound === "object" ? bound.port : port;
    const close = () => new Promise<void>((closed) => server.close(() => closed()));
    resolve({ ok: true, listener: { port: boundPort, close } });
  });
  return await promise;
}

class NodePeerSocket implements PeerSocket {
  readonly #socket: Socket;
  /** Undefined before it is known whom to tell, and once there is nothing more to tell. */
  #events: PeerSocketEvents | undefined;
  #error: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on("data", (bytes: Uint8Array) => this.#events?.onData(bytes));
    socket.on("drain", () => this.#events?.onDrain());
    socket.on("error", (error) => this.failed(error));
    socket.on("close", () => this.#closed());
    const isTls = socket instanceof TLSSocket;
    if (socket.connecting) socket.on(isTls ? "secureConnect" : "connect", () => this.opened());
  }

  tell(events: PeerSocketEvents): void {
    this.#events = events;
  }

  write(bytes: Uint8Array): boolean {
    return this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#events = undefined;
    this.#socket.destroy();
  }

  opened(): void {
    const socket = this.#socket;
    const isTls = socket instanceof TLSSocket;
    if (isTls && !socket.authorized) {
      this.failed(new Error(`its certificate is not accepted: ${socket.authorizationError}`));
      socket.destroy();
      return;
    }
    const certificateNames = isTls ? namesOf(socket.getPeerCertificate()) : undefined;
    this.#events?.onOpen({ remoteIp: socket.remoteAddress ?? "", certificateNames });
  }

  failed(error: Error): void {
    this.#error ??= error;
  }

  #closed(): void {
    const events = this.#events;
    this.#events = undefined;
    events?.onClose(this.#error === undefined ? "the connection was closed" : textOf(this.#error));
  }
}

/** DNS names and the common name. A name with quotes or blanks is not one that a monitor can have. */
function namesOf(certificate: PeerCertificate): readonly string[] {
  const alternative = certificate.subjectaltname ?? "";
  const names = alternative.split(", ").filter((name) => /^DNS:[\w.-]+$/u.test(name));
  const common = certificate.subject?.CN;
  return [...names.map((name) => name.slice("DNS:".length)), ...[common ?? []].flat()];
}

function textOf(error: Error): string {
  return "code" in error ? `${String(error.code)} ${error.message}` : error.message;
}
