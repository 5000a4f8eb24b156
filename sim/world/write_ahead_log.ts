/**
 * A write-ahead log as bytes, in SQLite's format (fileformat2.html §4): what is written of a commit when a
 * crash comes is some of its sectors, and what SQLite makes of that is decided by the checksums of the
 * frames. What the pages hold stands for SQLite's own: the bytes of the write at the page's end.
 */
import { encodeEntryBody, type LogWrite } from "../../src/raft/mod.ts";
import {
  damageInFrames,
  STORE_PAGE_BYTES as PAGE_BYTES,
  WAL_FORMAT as FORMAT,
  WAL_FRAME_BYTES as FRAME_BYTES,
  WAL_FRAME_HEADER_BYTES as FRAME_HEADER_BYTES,
  WAL_HEADER_BYTES as HEADER_BYTES,
  WAL_MAGIC as MAGIC,
  type WalSums as Sums,
  walSumOf as sumOf,
} from "../../src/bun/mod.ts";
import type { Random } from "./random.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The least that a disk writes whole. */
const SECTOR_BYTES = 512;

/** What a page begins with: as SQLite's, so that a page that was not written at all is not like it. */
const PAGE_HEAD = [0x0d, 0, 0, 0, 1];

/** A log of `transactions`, each of some writes. `salt` tells it from the one that was in the file before. */
export function logOf(transactions: readonly (readonly LogWrite[])[], salt: number): Bytes {
  const frames = transactions.flatMap((writes) => {
    const pages = pagesOf(writes);
    return pages.map((page, place) => ({ page, isLast: place === pages.length - 1 }));
  });
  const bytes = new Uint8Array(HEADER_BYTES + frames.length * FRAME_BYTES);
  const view = new DataView(bytes.buffer);
  const put = (place: number, words: readonly number[]) => {
    for (const [at, word] of words.entries()) view.setUint32(place + 4 * at, word);
  };
  put(0, [MAGIC, FORMAT, PAGE_BYTES, 0, salt, salt]);
  let sums: Sums = sumOf(view, 0, 24, true, [0, 0]);
  put(24, sums);
  for (const [place, { page, isLast }] of frames.entries()) {
    const start = HEADER_BYTES + place * FRAME_BYTES;
    put(start, [place + 1, isLast ? place + 1 : 0, salt, salt]);
    bytes.set(page, start + FRAME_HEADER_BYTES);
    sums = sumsOfFrame(view, start, sums);
    put(start + 16, sums);
  }
  return bytes;
}

/**
 * What is in the file after a crash, of which `before` was there and `after` was under way: sector by sector
 * the one or the other.
 */
export function torn(before: Bytes, after: Bytes, random: Random): Bytes {
  const share = random.pick([0.1, 0.5, 0.9]);
  const bytes = new Uint8Array(Math.max(before.length, after.length));
  bytes.set(before);
  let endBytes = before.length;
  for (let place = 0; place < after.length; place += SECTOR_BYTES) {
    if (!random.chance(share)) continue;
    const sector = after.subarray(place, place + SECTOR_BYTES);
    bytes.set(sector, place);
    endBytes = Math.max(endBytes, place + sector.length);
  }
  return bytes.slice(0, endBytes);
}

/** `bytes` with `start` written over its beginning. */
export function over(bytes: Bytes, start: Bytes): Bytes {
  const copy = bytes.slice();
  copy.set(start);
  return copy;
}

/** How many transactions SQLite replays: those before the first frame that does not check out. */
export function replayedTransactions(bytes: Bytes): number {
  const view = new DataView(bytes.buffer);
  let sums: Sums = sumOf(view, 0, 24, true, [0, 0]);
  if (sums[0] !== view.getUint32(24) || sums[1] !== view.getUint32(28)) return 0;
  let transactions = 0;
  for (let start = HEADER_BYTES; start + FRAME_BYTES <= bytes.length; start += FRAME_BYTES) {
    const isOfThisLog = view.getUint32(start + 8) === view.getUint32(16);
    sums = sumsOfFrame(view, start, sums);
    const isIntact =
      sums[0] === view.getUint32(start + 16) && sums[1] === view.getUint32(start + 20);
    if (!isOfThisLog || !isIntact) break;
    if (view.getUint32(start + 4) > 0) transactions++;
  }
  return transactions;
}

/** What the real storage finds wrong with a log before SQLite sees it. */
export function damageIn(bytes: Bytes): string | undefined {
  return damageInFrames(bytes.length, (place, length) => new DataView(bytes.buffer, place, length));
}

function sumsOfFrame(view: DataView, start: number, before: Sums): Sums {
  const head = sumOf(view, start, start + 8, true, before);
  return sumOf(view, start + FRAME_HEADER_BYTES, start + FRAME_BYTES, true, head);
}

/** The page of the row that every commit writes, and those of what is in the writes beside it. */
function pagesOf(writes: readonly LogWrite[]): Bytes[] {
  const states = writes.map(({ hardState }) => JSON.stringify(hardState ?? null));
  const state = Buffer.from(states.join(""));
  return [...pagesWith(state), ...pagesWith(Buffer.concat(writes.flatMap(partsOf)))];
}

function pagesWith(content: Uint8Array): Bytes[] {
  const roomBytes = PAGE_BYTES - PAGE_HEAD.length;
  const pages: Bytes[] = [];
  do {
    const page = new Uint8Array(PAGE_BYTES);
    const start = pages.length * roomBytes;
    const part = content.subarray(start, start + roomBytes);
    page.set(PAGE_HEAD);
    page.set(part, PAGE_BYTES - part.length);
    pages.push(page);
  } while (pages.length * roomBytes < content.length);
  return pages;
}

function partsOf({ snapshot, entries }: LogWrite): Uint8Array[] {
  return [
    ...(snapshot === undefined ? [] : [snapshot.data]),
    ...entries.map(({ body }) => encodeEntryBody(body)),
  ];
}
