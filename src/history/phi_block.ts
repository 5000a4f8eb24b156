/**
 * How φ is kept small: a target's samples of one half hour are one block, six bytes a sample, appended as they
 * come. A sample is its second within the block and two numbers of sixteen bits, which have three digits
 * over the whole range that φ has in practice.
 */
import type { PhiSample } from "./reading.ts";

export const BLOCK_MS = 30 * 60_000;

const SAMPLE_BYTES = 6;

/** A clock that stands still, or is set back again and again, makes no block longer than this. */
export const MAX_BLOCK_BYTES = 240 * SAMPLE_BYTES;

/** Which block a moment is in; ascending with time. */
export function blockOf(wallMs: number): number {
  return Math.floor(wallMs / BLOCK_MS);
}

export function encodeSample({ atWallMs, phi, peakPhi }: PhiSample): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SAMPLE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor((atWallMs - blockOf(atWallMs) * BLOCK_MS) / 1_000));
  view.setUint16(2, packPhi(phi));
  view.setUint16(4, packPhi(peakPhi));
  return bytes;
}

/** In the order of time; what is no sample is left out. */
export function decodeBlock(block: number, bytes: Uint8Array): PhiSample[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples: PhiSample[] = [];
  for (let offset = 0; offset + SAMPLE_BYTES <= bytes.length; offset += SAMPLE_BYTES) {
    const second = view.getUint16(offset);
    if (second >= BLOCK_MS / 1_000) continue;
    const phi = unpackPhi(view.getUint16(offset + 2));
    const peakPhi = unpackPhi(view.getUint16(offset + 4));
    samples.push({ atWallMs: block * BLOCK_MS + second * 1_000, phi, peakPhi });
  }
  return samples.toSorted((a, b) => a.atWallMs - b.atWallMs);
}

/**
 * Of a float of 32 bits the sign is always 0, and thirteen of its digits are far below the third decimal one;
 * what is left is counted from 2^-20, so that it fits. φ of 2^44 is out of all reason, and the most.
 */
const DROPPED_BITS = 13;
const LEAST = 2 ** -20;
const LARGEST_PACKED = 0xffff;
const scratch = new DataView(new ArrayBuffer(4));
const LEAST_BITS = bitsOf(LEAST) >>> DROPPED_BITS;

/** Whatever is not a φ becomes the nearest that is. */
function packPhi(phi: number): number {
  if (!(phi >= LEAST)) return 0;
  const rounded = (bitsOf(phi) + (1 << (DROPPED_BITS - 1))) >>> DROPPED_BITS;
  return Math.min(rounded - LEAST_BITS, LARGEST_PACKED);
}

function unpackPhi(packed: number): number {
  if (packed === 0) return 0;
  scratch.setUint32(0, (packed + LEAST_BITS) << DROPPED_BITS);
  // As text it has no more digits than it knows.
  return Number(scratch.getFloat32(0).toPrecision(3));
}

function bitsOf(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}
