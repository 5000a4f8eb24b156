export { bunPeerCrypto } from "./crypto.ts";
export { createPeerSockets } from "./sockets.ts";
export type { PeerTls } from "./sockets.ts";
