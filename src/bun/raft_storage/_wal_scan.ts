/**
 * Reads SQLite's write-ahead log before SQLite does, to tell a log that a crash cut short from one that
 * was damaged. SQLite replays frames up to the first that does not check out and forgets the rest,
 * in both cases. But a transaction is begun only once the one before it is synced: so if behind a frame
 * that does not check out a transaction ends and another begins, the frame was durable once.
 *
 * What this cannot tell: damage in the last transactions (one mostly, three at worst) looks like a
 * crash in the middle of them, and a log cut off between two looks like a shorter log. There the
 * high-water mark helps.
 *
 * The format is SQLite's (fileformat2.html §4): a header of 32 bytes, then frames of a 24-byte header
 * and a page. Numbers are big-endian. Each checksum goes on from the one before it, and a frame holds
 * its own, so that a frame behind a broken one can be checked too.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { PAGE_BYTES } from "./_schema.ts";

export const HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 24;
export const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;

/** Its last bit says in which order the checksum reads the bytes of a word. */
export const MAGIC = 0x377f0682;
export const FORMAT = 3_007_000;

/** Two running sums. */
export type Sums = readonly [number, number];

/**
 * What is wrong with the log at `path` beyond what a crash does; undefined if nothing is. A log that is
 * not there, or empty, has nothing wrong with it.
 */
export function damageInWal(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    return damageInFrames(size, (place, length) => readAt(descriptor, place, length));
  } finally {
    closeSync(descriptor);
  }
}

/** As `damageInWal`, of a log of `sizeBytes` that `read` gives any part of. */
export function damageInFrames(
  sizeBytes: number,
  read: (place: number, length: number) => DataView,
): string | undefined {
  // The header is synced before the first frame is written: without a frame it may be cut short.
  if (sizeBytes <= HEADER_BYTES) return undefined;
  const header = read(0, HEADER_BYTES);
  const magic = header.getUint32(0);
  const isLittleEndian = magic === MAGIC;
  let sums: Sums = sumOf(header, 0, 24, isLittleEndian, [0, 0]);
  const isHeaderIntact =
    (isLittleEndian || magic === MAGIC + 1) &&
    header.getUint32(4) === FORMAT &&
    header.getUint32(8) === PAGE_BYTES &&
    sums[0] === header.getUint32(24) &&
    sums[1] === header.getUint32(28);
  if (!isHeaderIntact) return "its header does not check out, though frames follow it";
  const frames = Math.floor((sizeBytes - HEADER_BYTES) / FRAME_BYTES);
  let broken: number | undefined;
  let hasEndedSince = false;
  for (let frame = 0; frame < frames; frame++) {
    const bytes = read(HEADER_BYTES + frame * FRAME_BYTES, FRAME_BYTES);
    // Behind the end of this log there may be frames of an earlier one.
    const isOfThisLog =
      bytes.getUint32(8) === header.getUint32(16) && bytes.getUint32(12) === header.getUint32(20);
    if (isOfThisLog && hasEndedSince) {
      return `frame ${broken! + 1} does not check out, though a later transaction follows it`;
    }
    const before = sumOf(bytes, 0, 8, isLittleEndian, sums);
    const expected = sumOf(bytes, FRAME_HEADER_BYTES, FRAME_BYTES, isLittleEndian, before);
    sums = [bytes.getUint32(16), bytes.getUint32(20)];
    const isIntact = isOfThisLog && expected[0] === sums[0] && expected[1] === sums[1];
    const endsTransaction = bytes.getUint32(4) !== 0;
    // Believed of an intact frame only: a torn one may have this from the log that was here before.
    if (!isIntact) broken ??= frame;
    else if (broken !== undefined && endsTransaction) hasEndedSince = true;
  }
  return undefined;
}

function readAt(descriptor: number, place: number, length: number): DataView {
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const more = readSync(descriptor, bytes, read, length - read, place + read);
    if (more === 0) break;
    read += more;
  }
  return new DataView(bytes.buffer);
}

/** SQLite's checksum of the words from `start` to `end`, going on from `before`. */
export function sumOf(
  bytes: DataView,
  start: number,
  end: number,
  isLittleEndian: boolean,
  before: Sums,
): Sums {
  // Signed, since the engine adds those without leaving the processor's own integers.
  let first = before[0] | 0;
  let second = before[1] | 0;
  for (let place = start; place < end; place += 8) {
    first = (first + bytes.getInt32(place, isLittleEndian) + second) | 0;
    second = (second + bytes.getInt32(place + 4, isLittleEndian) + first) | 0;
  }
  return [first >>> 0, second >>> 0];
}
