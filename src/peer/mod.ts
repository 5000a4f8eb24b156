/** Monitor to monitor: frames, authentication, snapshots. */
export { PeerTransport } from "./transport.ts";
export type { PeerTransportOptions } from "./transport.ts";
export { isLoopback, parsePeerAddress } from "./address.ts";
export { MIN_SECRET_BYTES } from "./auth.ts";
export type { PeerAuth } from "./auth.ts";
export type { PeerWorld } from "./dialler.ts";
export type { PeerLimits } from "./limits.ts";
export type { PeerCrypto } from "./peer_crypto.ts";
export type {
  OpenedSocket,
  AdmitAddresses,
  Admitted,
  PeerAddress,
  PeerListener,
  PeerListenResult,
  PeerSocket,
  PeerSocketEvents,
  PeerSockets,
} from "./peer_sockets.ts";
export type { PeerStats, PeerTransportStats } from "./peer_stats.ts";
export { PEER_VERSIONS } from "./versions.ts";
export type { PeerVersions } from "./versions.ts";
