/**
 * What peers need of the network, as types: connections with back-pressure, and a listener, plain or
 * with mutual TLS, whichever the implementation was made with. `src/bun/peer` grants it.
 */

export interface PeerAddress {
  /** A name or an IP address, the latter without brackets. */
  readonly host: string;
  /** 0 to 65535; 0 only to listen: the system chooses. */
  readonly port: number;
}

export type Admitted =
  | { readonly ok: true; readonly ips: readonly string[] }
  | { readonly ok: false; readonly detail: string };

/** Which of the IP addresses that a peer's host stands for (or is) may be connected to; none at all is a failure. */
export type AdmitAddresses = (address: PeerAddress, ips: readonly string[]) => Admitted;

/** What is known of the other end once a connection stands. */
export interface OpenedSocket {
  /** Its IP address. */
  readonly remoteIp: string;
  /**
   * With TLS: the DNS names and the common name of the certificate that the other end proved to hold and
   * that our authority signed. Undefined without TLS.
   */
  readonly certificateNames: readonly string[] | undefined;
}

/** What a connection tells its owner. Nothing comes after `onClose`, nor after `destroy()`. */
export interface PeerSocketEvents {
  /** The connection stands, TLS included. Once; nothing but `onClose` comes before it. */
  onOpen(opened: OpenedSocket): void;
  /** Bytes have arrived. They belong to the receiver. */
  onData(bytes: Uint8Array): void;
  /** After a `write` that gave false: what was written has left this process. */
  onDrain(): void;
  /** The connection is gone, or never was; `detail` says why, for people. */
  onClose(detail: string): void;
}

export interface PeerSocket {
  /** Keeps the bytes, which must not change. False: wait for `onDrain`, since all else is memory. */
  write(bytes: Uint8Array): boolean;
  /** Closes it once what was written has left. `onClose` follows when the other end has closed too. */
  end(): void;
  /** Frees the descriptor at once, in whatever phase the connection is, connecting included. */
  destroy(): void;
}

export interface PeerListener {
  /** The one it listens on. */
  readonly port: number;
  /** Takes no more connections; those it took are their owners' to close. */
  close(): Promise<void>;
}

export type PeerListenResult =
  | { readonly ok: true; readonly listener: PeerListener }
  | { readonly ok: false; readonly detail: string };

export interface PeerSockets {
  /** Never throws, and tells nothing before it has returned. Connects to nothing that `admit` does not let through. */
  dial(address: PeerAddress, events: PeerSocketEvents, admit?: AdmitAddresses): PeerSocket;
  /**
   * Never rejects. `accept` is called for each connection as soon as TCP has it, before TLS, so that its
   * owner can bound what has not proved anything.
   */
  listen(
    address: PeerAddress,
    accept: (socket: PeerSocket) => PeerSocketEvents,
  ): Promise<PeerListenResult>;
}
