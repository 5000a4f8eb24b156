/**
 * The writes that a member makes all day, a few entries and the hard state, as an object of numbers and texts
 * alone: Bun hands such a one to another thread in a fraction of the time that lists, objects within
 * objects and buffers take it. Bytes are a text of one character each.
 */
import type { PackedWrite } from "./_packed.ts";

export interface FlatWrite {
  readonly kind: "flatStore";
  readonly term: number;
  /** Empty for none, which is no id. */
  readonly vote: string;
  readonly commit: number;
  readonly firstIndex: number;
  /** Numbers with commas between them, as are `ends`. */
  readonly terms: string;
  readonly ends: string;
  readonly bodies: string;
}

/** What is larger is worth a buffer of its own, which is not copied. */
const MAX_FLAT_BYTES = 16 * 1024;

/** Undefined for a write that has other parts, or is large. */
export function flatten(write: PackedWrite): FlatWrite | undefined {
  const { hardState, entries, snapshot, discardsLog, compactThrough } = write;
  const isPlain = snapshot === undefined && !discardsLog && compactThrough === undefined;
  if (!isPlain || hardState === undefined || entries === undefined) return undefined;
  const { firstIndex, terms, ends, bodies } = entries;
  if (bodies.length > MAX_FLAT_BYTES) return undefined;
  return {
    kind: "flatStore",
    term: hardState.term,
    vote: hardState.vote ?? "",
    commit: hardState.commit,
    firstIndex,
    terms: terms.join(","),
    ends: ends.join(","),
    bodies: Buffer.from(bodies.buffer, bodies.byteOffset, bodies.length).toString("latin1"),
  };
}

export function unflatten(flat: FlatWrite): PackedWrite {
  const { term, vote, commit, firstIndex, terms, ends, bodies } = flat;
  const bytes = new Uint8Array(bodies.length);
  Buffer.from(bytes.buffer).write(bodies, "latin1");
  return {
    hardState: { term, vote: vote === "" ? undefined : vote, commit },
    snapshot: undefined,
    discardsLog: false,
    entries: { firstIndex, terms: numbersOf(terms), ends: numbersOf(ends), bodies: bytes },
    compactThrough: undefined,
  };
}

function numbersOf(text: string): number[] {
  return text.split(",").map(Number);
}
