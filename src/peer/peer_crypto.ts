/**
 * What authentication needs of a cryptographic library, as types. `src/bun/peer` grants it; a transport
 * without it cannot be built.
 */

export interface PeerCrypto {
  /** `count` bytes that nobody can guess. */
  randomBytes(count: number): Uint8Array;
  /** HMAC-SHA-256 (RFC 2104) over the parts, one after the other: 32 bytes. */
  hmacSha256(key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array;
  /** Whether both are the same, in a time that does not tell where they differ. False if the lengths differ. */
  timingSafeEqual(left: Uint8Array, right: Uint8Array): boolean;
}
