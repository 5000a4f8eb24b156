/**
 * Reads what JavaScriptCore writes of the code that it makes (`BUN_JSC_useJITDump=1`), in the format of
 * perf's own `jitdump-specification.txt`, and gives it as the text that `perf` looks for in
 * `/tmp/perf-PID.map`: address, size and name of each piece of code.
 */

/** Code in memory: from `address`, `size` bytes. */
export interface CodeRange {
  readonly address: bigint;
  readonly size: bigint;
  /** As JavaScriptCore says it: `JSC-FTL: heartbeat#Csf8qI`. */
  readonly name: string;
}

/** "JiTD", as a machine of the same byte order has it. */
const MAGIC = 0x4a695444;
const HEADER_SIZE_AT = 8;
const LEAST_HEADER = 40;
const RECORD_HEADER = 16;
const CODE_LOAD = 0;
/** In a record of code: address and size of the code, and the name, which ends with a zero. */
const ADDRESS_AT = 32;
const SIZE_AT = 40;
const NAME_AT = 56;

/** The dump of a process that was killed may end anywhere: what is whole counts. Throws on another format. */
export function readJitDump(bytes: Uint8Array): CodeRange[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < LEAST_HEADER || view.getUint32(0, true) !== MAGIC) {
    throw new Error("Cannot read JIT dump: it does not begin as one");
  }
  const ranges: CodeRange[] = [];
  let at = view.getUint32(HEADER_SIZE_AT, true);
  while (at + RECORD_HEADER <= bytes.length) {
    const size = view.getUint32(at + 4, true);
    const end = at + size;
    if (size < RECORD_HEADER || end > bytes.length) break;
    if (view.getUint32(at, true) === CODE_LOAD && size > NAME_AT) ranges.push(readCode(view, at));
    at = end;
  }
  return ranges;
}

function readCode(view: DataView, at: number): CodeRange {
  const nameAt = at + NAME_AT;
  const name = new Uint8Array(view.buffer, view.byteOffset + nameAt, view.byteLength - nameAt);
  return {
    address: view.getBigUint64(at + ADDRESS_AT, true),
    size: view.getBigUint64(at + SIZE_AT, true),
    name: new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
  };
}

/** Of code whose place another took later, the later: what is sampled last is named right. */
export function perfMap(ranges: readonly CodeRange[]): string {
  const kept: CodeRange[] = [];
  // From the latest to the earliest; those kept never overlap.
  const taken = new TakenRanges();
  for (const range of ranges.toReversed()) {
    if (range.size > 0n && taken.take(range.address, range.address + range.size)) kept.push(range);
  }
  return kept
    .toSorted((left, right) => (left.address < right.address ? -1 : 1))
    .map(({ address, size, name }) => `${address.toString(16)} ${size.toString(16)} ${name}\n`)
    .join("");
}

/** Ranges that do not overlap, in ascending order. */
class TakenRanges {
  readonly #starts: bigint[] = [];
  readonly #ends: bigint[] = [];

  /** False, and nothing is taken, if some of it is taken already. */
  take(start: bigint, end: bigint): boolean {
    const place = this.#firstNotBefore(start);
    const isFree =
      (place === 0 || this.#ends[place - 1]! <= start) &&
      (place === this.#starts.length || this.#starts[place]! >= end);
    if (isFree) {
      this.#starts.splice(place, 0, start);
      this.#ends.splice(place, 0, end);
    }
    return isFree;
  }

  #firstNotBefore(start: bigint): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
