/**
 * A saved watch as bytes, about two of them a gap: gaps lie close around their mean, so what is written is how far
 * each one is from it. What is read back was perhaps cut short, changed, or made up; a checksum finds the
 * accidents, and lengths are believed only as far as there are bytes. Whether the values make sense is for
 * the monitor to say.
 */
import { VERDICTS, type SavedWatch } from "../monitor/mod.ts";

/** What every version of phi reads, and writes where there is nothing but a sampling window. */
const FORMAT_VERSION = 1;
/** With what a model and a budget know after the window: a count and numbers each. */
const LATER_FORMAT_VERSION = 2;
const QUESTION_CHARACTERS = 16;
/** Version, checksum, verdict, question, four numbers. */
const CHECKSUM_OFFSET = 1;
const VERDICT_OFFSET = CHECKSUM_OFFSET + 4;
const QUESTION_OFFSET = VERDICT_OFFSET + 1;
const NUMBERS_OFFSET = QUESTION_OFFSET + QUESTION_CHARACTERS;
const HEAD_BYTES = NUMBERS_OFFSET + 4 * 8;
/** Seven bits each of up to 54. */
const MAX_NUMBER_BYTES = 8;

export function encodeSavedWatch(saved: SavedWatch): Uint8Array<ArrayBuffer> {
  const { windowUs, question, memory, budget } = saved;
  const isLater = memory.length + budget.length > 0;
  const numberCount = windowUs.length + memory.length + budget.length + 4;
  const bytes = new Uint8Array(HEAD_BYTES + MAX_NUMBER_BYTES * numberCount);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, isLater ? LATER_FORMAT_VERSION : FORMAT_VERSION);
  view.setUint8(VERDICT_OFFSET, VERDICTS.indexOf(saved.verdict));
  for (let index = 0; index < QUESTION_CHARACTERS; index++) {
    view.setUint8(QUESTION_OFFSET + index, question.charCodeAt(index));
  }
  const numbers = [
    saved.verdictSinceWallMs,
    saved.lastHeartbeatWallMs,
    saved.answerMs,
    saved.savedWallMs,
  ];
  for (const [index, value] of numbers.entries()) {
    view.setFloat64(NUMBERS_OFFSET + 8 * index, value);
  }
  const middleUs = middleOf(windowUs);
  let end = writeNumber(bytes, HEAD_BYTES, windowUs.length);
  end = writeNumber(bytes, end, middleUs);
  // By index: this is done for thousands of watches in a row, and an iterator takes twice as long.
  for (let index = 0; index < windowUs.length; index++) {
    end = writeNumber(bytes, end, windowUs[index]! - middleUs);
  }
  if (isLater) end = writeKnowledge(bytes, end, saved);
  const record = bytes.slice(0, end);
  new DataView(record.buffer).setUint32(CHECKSUM_OFFSET, checksumOf(record));
  return record;
}

/** The model's whole numbers, and the budget's as they are. */
function writeKnowledge(bytes: Uint8Array, offset: number, { memory, budget }: SavedWatch): number {
  let end = writeNumber(bytes, offset, memory.length);
  for (const number of memory) end = writeNumber(bytes, end, number);
  end = writeNumber(bytes, end, budget.length);
  const view = new DataView(bytes.buffer);
  for (const number of budget) {
    view.setFloat64(end, number);
    end += 8;
  }
  return end;
}

/** Undefined for what `encodeSavedWatch` has not made. */
export function decodeSavedWatch(target: string, bytes: Uint8Array): SavedWatch | undefined {
  const [version] = bytes;
  if (version !== FORMAT_VERSION && version !== LATER_FORMAT_VERSION) return undefined;
  if (bytes.length < HEAD_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(CHECKSUM_OFFSET) !== checksumOf(bytes)) return undefined;
  const verdict = VERDICTS[view.getUint8(VERDICT_OFFSET)];
  const reader = { bytes, offset: HEAD_BYTES };
  const windowUs = readWindow(reader);
  const knowledge = version === FORMAT_VERSION ? NO_KNOWLEDGE : readKnowledge(reader);
  if (verdict === undefined || windowUs === undefined || knowledge === undefined) return undefined;
  if (reader.offset !== bytes.length) return undefined;
  const characters = bytes.subarray(QUESTION_OFFSET, NUMBERS_OFFSET);
  return {
    target,
    question: String.fromCharCode(...characters),
    verdict,
    verdictSinceWallMs: view.getFloat64(NUMBERS_OFFSET),
    lastHeartbeatWallMs: view.getFloat64(NUMBERS_OFFSET + 8),
    answerMs: view.getFloat64(NUMBERS_OFFSET + 16),
    savedWallMs: view.getFloat64(NUMBERS_OFFSET + 24),
    windowUs,
    ...knowledge,
  };
}

type Knowledge = Pick<SavedWatch, "memory" | "budget">;

const NO_KNOWLEDGE: Knowledge = { memory: new Float64Array(0), budget: new Float64Array(0) };

function readKnowledge(reader: Reader): Knowledge | undefined {
  const { bytes } = reader;
  const memoryCount = readNumber(reader);
  if (!(memoryCount >= 0 && memoryCount <= bytes.length - reader.offset)) return undefined;
  const memory = new Float64Array(memoryCount);
  for (let index = 0; index < memoryCount; index++) memory[index] = readNumber(reader);
  const budgetCount = readNumber(reader);
  const isWhole = budgetCount >= 0 && 8 * budgetCount <= bytes.length - reader.offset;
  if (!isWhole || memory.some(Number.isNaN)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const budget = new Float64Array(budgetCount);
  for (let index = 0; index < budgetCount; index++) {
    budget[index] = view.getFloat64(reader.offset);
    reader.offset += 8;
  }
  return { memory, budget };
}

interface Reader {
  readonly bytes: Uint8Array;
  offset: number;
}

function readWindow(reader: Reader): Float64Array<ArrayBuffer> | undefined {
  const { bytes } = reader;
  const count = readNumber(reader);
  const middleUs = readNumber(reader);
  // Each gap is a byte at the least.
  if (!(count >= 0 && count <= bytes.length - reader.offset)) return undefined;
  const windowUs = new Float64Array(count);
  for (let index = 0; index < count; index++) windowUs[index] = middleUs + readNumber(reader);
  return windowUs.some(Number.isNaN) ? undefined : windowUs;
}

function middleOf(windowUs: Float64Array): number {
  if (windowUs.length === 0) return 0;
  const first = windowUs[0]!;
  let sumFromFirst = 0;
  for (let index = 0; index < windowUs.length; index++) sumFromFirst += windowUs[index]! - first;
  return first + Math.round(sumFromFirst / windowUs.length);
}

/** A whole number below 2^53 either way: sign and six bits, then seven bits a byte; the top bit says that more follows. */
function writeNumber(bytes: Uint8Array, offset: number, value: number): number {
  const size = Math.abs(value);
  let low = (value < 0 ? 0x40 : 0) | (size % 0x40);
  let large = Math.floor(size / 0x40);
  // Rare, and slow: where it does not fit into 32 bits.
  for (; large > 0x7fffffff; large = Math.floor(large / 0x80)) {
    bytes[offset++] = low | 0x80;
    low = large % 0x80;
  }
  for (let rest = large | 0; rest > 0; rest >>>= 7) {
    bytes[offset++] = low | 0x80;
    low = rest & 0x7f;
  }
  bytes[offset++] = low;
  return offset;
}

/** NaN where the bytes end too early. */
function readNumber(reader: Reader): number {
  const first = reader.bytes[reader.offset++] ?? Number.NaN;
  let value = first & 0x3f;
  let scale = 0x40;
  let byte = first;
  while ((byte & 0x80) !== 0) {
    byte = reader.bytes[reader.offset++] ?? Number.NaN;
    value += (byte & 0x7f) * scale;
    scale *= 0x80;
  }
  if (Number.isNaN(byte) || scale > 2 ** 55) return Number.NaN;
  return (first & 0x40) === 0 ? value : -value;
}

/** FNV-1a over all but the checksum itself: a single byte that is another one never goes unnoticed. */
function checksumOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < bytes.length; index++) {
    if (index === CHECKSUM_OFFSET) index = VERDICT_OFFSET;
    hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
  }
  return hash >>> 0;
}
