/**
 * CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), the checksum of every log entry and
 * snapshot: it finds all bursts of up to 32 flipped bits. It guards against accidents, not against
 * an adversary.
 */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  }
  return remainder >>> 0;
});

/** The checksum of `bytes`, in 0..2^32-1. Given the checksum of what came before, it goes on. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let remainder = ~before;
  for (const byte of bytes) remainder = TABLE[(remainder ^ byte) & 0xff]! ^ (remainder >>> 8);
  return ~remainder >>> 0;
}
