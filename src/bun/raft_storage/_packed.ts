/**
 * Writes and entries in the form in which they cross from the thread of the core to that of the disk:
 * all bodies as one run of bytes, in a buffer that is nobody else's. The core goes on using its
 * entries, and those may be views of something large, so they are copied here, once.
 */
import {
  decodeEntryBody,
  decodeMembership,
  encodeEntryBody,
  encodeMembership,
  type Entry,
  type HardState,
  type LogWrite,
  type Snapshot,
} from "../../raft/mod.ts";

export interface PackedEntries {
  /** The index of the first entry; the others follow without a gap. */
  readonly firstIndex: number;
  readonly terms: readonly number[];
  /** Where each body ends in `bodies`; it begins where the one before ends. */
  readonly ends: readonly number[];
  readonly bodies: Uint8Array<ArrayBuffer>;
}

export interface PackedSnapshot {
  readonly index: number;
  readonly term: number;
  readonly membership: Uint8Array<ArrayBuffer>;
  /** Of `data`. */
  readonly checksum: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A `LogWrite`. */
export interface PackedWrite {
  readonly hardState: HardState | undefined;
  readonly snapshot: PackedSnapshot | undefined;
  readonly discardsLog: boolean;
  readonly entries: PackedEntries | undefined;
  readonly compactThrough: number | undefined;
}

export function packWrite(write: LogWrite): PackedWrite {
  const { hardState, snapshot, discardsLog = false, entries, compactThrough } = write;
  return {
    hardState,
    snapshot: snapshot && packSnapshot(snapshot),
    discardsLog,
    entries: entries.length === 0 ? undefined : packEntries(entries),
    compactThrough,
  };
}

/** Whether there is nothing in a write to make durable: it only waits for those before it. */
export function isEmptyWrite(write: PackedWrite): boolean {
  const { hardState, snapshot, discardsLog, entries, compactThrough } = write;
  return (
    !discardsLog &&
    [hardState, snapshot, entries, compactThrough].every((part) => part === undefined)
  );
}

/** What may be handed to another thread instead of being copied once more. */
export function buffersOf({
  entries,
  snapshot,
}: Pick<PackedWrite, "entries" | "snapshot">): ArrayBuffer[] {
  return [entries?.bodies, snapshot?.data]
    .map((bytes) => bytes?.buffer)
    .filter((buffer) => buffer !== undefined);
}

export function packSnapshot(snapshot: Snapshot): PackedSnapshot {
  const { index, term, membership, checksum, data } = snapshot;
  const packed = new Uint8Array(encodeMembership(membership));
  return { index, term, membership: packed, checksum, data: new Uint8Array(data) };
}

/** Throws `RangeError` for a membership that does not decode: it was checked where it was read. */
export function unpackSnapshot(packed: PackedSnapshot): Snapshot {
  const { index, term, checksum, data } = packed;
  const membership = decodeMembership(packed.membership);
  if (!membership.ok) throw new RangeError(`Cannot read a membership: ${membership.detail}`);
  return { index, term, membership: membership.value, checksum, data };
}

/** Throws `RangeError` for a body that does not decode: it was checked where it was read. */
export function unpackEntries({ firstIndex, terms, ends, bodies }: PackedEntries): Entry[] {
  return terms.map((term, place) => {
    // A copy, so that no entry holds on to the bytes of all the others.
    const body = decodeEntryBody(bodies.slice(ends[place - 1] ?? 0, ends[place]));
    const index = firstIndex + place;
    if (!body.ok) throw new RangeError(`Cannot read entry ${index}: ${body.detail}`);
    return { index, term, body: body.value };
  });
}

function packEntries(entries: readonly Entry[]): PackedEntries {
  const encoded = entries.map(({ body }) => encodeEntryBody(body));
  const terms = entries.map(({ term }) => term);
  return packBodies(entries[0]!.index, terms, encoded);
}

/** Puts bodies one after the other. */
export function packBodies(
  firstIndex: number,
  terms: readonly number[],
  encoded: readonly Uint8Array[],
): PackedEntries {
  let end = 0;
  const ends = encoded.map(({ length }) => (end += length));
  const bodies = new Uint8Array(end);
  for (const [place, bytes] of encoded.entries()) bodies.set(bytes, ends[place]! - bytes.length);
  return { firstIndex, terms, ends, bodies };
}
