/**
 * Heartbeats that targets have pushed to one monitor, for the others: names by their hashes, each with its sequence
 * number if it had one. What is read comes from a peer and is not believed: it is checked as a whole before any
 * of it is used.
 *
 *     kind 1 byte, beats 2; then for each beat
 *     name's hash 8 bytes, sequence 8 (all ones: none)
 *
 * The highest byte of each number stands first.
 */

/** The first byte. Those of `ViewMessage` are its versions, and far lower. */
export const BEATS_KIND = 0x81;
const HEADER_BYTES = 3;
const BEAT_BYTES = 16;
export const MAX_BEATS = 1_000;

const WORD = 0x1_0000_0000;
const NO_SEQUENCE = 0xffff_ffff;
const MAX_HIGH_WORD = 2 ** 21 - 1;

export interface Beat {
  readonly hash: number;
  /** Undefined for one that had none. */
  readonly sequence: number | undefined;
}

/** Of at most `MAX_BEATS`. */
export function writeBeats(beats: readonly Beat[]): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + beats.length * BEAT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, BEATS_KIND);
  view.setUint16(1, beats.length);
  for (const [index, { hash, sequence }] of beats.entries()) {
    const place = HEADER_BYTES + index * BEAT_BYTES;
    view.setUint32(place, Math.floor(hash / WORD));
    view.setUint32(place + 4, hash >>> 0);
    view.setUint32(place + 8, sequence === undefined ? NO_SEQUENCE : Math.floor(sequence / WORD));
    view.setUint32(place + 12, sequence === undefined ? NO_SEQUENCE : sequence >>> 0);
  }
  return bytes;
}

/** Undefined for what no monitor writes. Never throws. */
export function readBeats(bytes: Uint8Array): readonly Beat[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || bytes[0] !== BEATS_KIND) return undefined;
  const count = view.getUint16(1);
  if (count > MAX_BEATS || bytes.length !== HEADER_BYTES + count * BEAT_BYTES) return undefined;
  const beats: Beat[] = [];
  for (let index = 0; index < count; index++) {
    const place = HEADER_BYTES + index * BEAT_BYTES;
    const hashHigh = view.getUint32(place);
    const [high, low] = [view.getUint32(place + 8), view.getUint32(place + 12)];
    const hasNone = high === NO_SEQUENCE && low === NO_SEQUENCE;
    if (hashHigh > MAX_HIGH_WORD || (high > MAX_HIGH_WORD && !hasNone)) return undefined;
    beats.push({
      hash: hashHigh * WORD + view.getUint32(place + 4),
      sequence: hasNone ? undefined : high * WORD + low,
    });
  }
  return beats;
}
