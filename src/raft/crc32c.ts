/**
 * CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), the checksum of every log entry and
 * snapshot: it finds all bursts of up to 32 flipped bits. It guards against accidents, not against
 * an adversary. Eight bytes are taken at a time, each by a table of what it does to the remainder from its
 * distance ("slicing-by-8"): byte by byte a large snapshot would hold the event loop.
 */
const BYTE_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  }
  return remainder;
});

/** What a byte does once the one after it has passed through too. */
function oneByteOn(table: Int32Array): Int32Array {
  return table.map((remainder) => BYTE_TABLE[remainder & 0xff]! ^ (remainder >>> 8));
}

const T0 = BYTE_TABLE;
const T1 = oneByteOn(T0);
const T2 = oneByteOn(T1);
const T3 = oneByteOn(T2);
const T4 = oneByteOn(T3);
const T5 = oneByteOn(T4);
const T6 = oneByteOn(T5);
const T7 = oneByteOn(T6);

/** The checksum of `bytes`, in 0..2^32-1. Given the checksum of what came before, it goes on. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let remainder = ~before;
  let place = 0;
  for (const end = bytes.length - 7; place < end; place += 8) {
    remainder =
      T7[(remainder ^ bytes[place]!) & 0xff]! ^
      T6[((remainder >>> 8) ^ bytes[place + 1]!) & 0xff]! ^
      T5[((remainder >>> 16) ^ bytes[place + 2]!) & 0xff]! ^
      T4[((remainder >>> 24) ^ bytes[place + 3]!) & 0xff]! ^
      T3[bytes[place + 4]!]! ^
      T2[bytes[place + 5]!]! ^
      T1[bytes[place + 6]!]! ^
      T0[bytes[place + 7]!]!;
  }
  for (; place < bytes.length; place++) {
    remainder = T0[(remainder ^ bytes[place]!) & 0xff]! ^ (remainder >>> 8);
  }
  return ~remainder >>> 0;
}
