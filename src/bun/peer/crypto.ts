/** The peers' cryptography, from the runtime. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { PeerCrypto } from "../../peer/mod.ts";

export const bunPeerCrypto: PeerCrypto = {
  randomBytes: (count) => new Uint8Array(randomBytes(count)),
  hmacSha256(key, parts) {
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  },
  timingSafeEqual: (left, right) => left.length === right.length && timingSafeEqual(left, right),
};
