/**
 * A store's rows in memory, as the real storage has them in SQLite: written, checked and read by its own code,
 * with bodies as bytes and a checksum in every row. What is flipped here is therefore found, or missed, as on
 * a real disk. What SQLite adds, its pages and their order, is not here.
 */
import {
  encodeEntryBody,
  type LogWrite,
  type Snapshot,
  type StoredState,
} from "../../src/raft/mod.ts";
import {
  applyWrite,
  type Checked,
  checkNothingIsLost,
  EMPTY_STATE,
  entryChecksum,
  type Identity,
  identityChecksum,
  loadSnapshot,
  loadStore,
  type LogRow,
  type PackedSnapshot,
  packSnapshot,
  packWrite,
  type ReadableTables,
  snapshotRowChecksum,
  stateChecksum,
  type StoreState,
  unpackEntries,
  unpackSnapshot,
  type WritableTables,
} from "../../src/bun/mod.ts";
import type { LogImage } from "./log_image.ts";
import type { Random } from "./random.ts";

/** As often as a bit of them is to flip. */
const TABLES = ["identity", "state", "snapshot", "log", "log", "log"] as const;

type TableName = (typeof TABLES)[number];

/** Where errors say that they are. */
const PLACE = "simulated store";

/** Never changed: a write, and a flipped bit, gives new ones. */
export class StoredRows {
  readonly #tables: MemoryTables;
  /** What the storage holds in memory while it is open: no bit of it flips. */
  readonly #state: StoreState;

  private constructor(tables: MemoryTables, state: StoreState) {
    this.#tables = tables;
    this.#state = state;
  }

  /** Those of a store that holds what `image` does. */
  static of(image: LogImage, node: string, incarnation: number): StoredRows {
    const { hardState, snapshot, compacted, lastIndex, lastTerm } = image;
    const tables = new MemoryTables({ store: "store", node, cluster: "simulated" });
    let lastChecksum = 0;
    for (const { index, term, body } of image.entries) {
      const bytes = new Uint8Array(encodeEntryBody(body));
      lastChecksum = entryChecksum(index, term, bytes, lastChecksum);
      tables.insertEntry({ index, term, body: bytes, checksum: lastChecksum });
    }
    const snapshotChecksum =
      snapshot === undefined ? 0 : tables.writeSnapshot(packSnapshot(snapshot));
    const state: StoreState = {
      ...EMPTY_STATE,
      commits: 1,
      incarnation,
      term: hardState.term,
      vote: hardState.vote ?? null,
      commitIndex: hardState.commit,
      compactedIndex: compacted.index,
      compactedTerm: compacted.term,
      lastIndex,
      lastTerm,
      lastChecksum,
      snapshotIndex: snapshot?.index ?? 0,
      snapshotTerm: snapshot?.term ?? 0,
      snapshotChecksum,
    };
    tables.writeState(state);
    return new StoredRows(tables, state);
  }

  get commits(): number {
    return this.#state.commits;
  }

  /** Throws if the storage would fail at it. */
  apply(write: LogWrite): StoredRows {
    const tables = this.#tables.copy();
    const commits = this.#state.commits + 1;
    const state = applyWrite(tables, { ...this.#state, commits }, packWrite(write));
    tables.writeState(state);
    return new StoredRows(tables, state);
  }

  /** One bit is another than was written, in some table or the one that is given. */
  flip(random: Random, table: TableName = random.pick(TABLES)): StoredRows {
    const tables = this.#tables.copy();
    tables.flip(random, table);
    return new StoredRows(tables, this.#state);
  }

  /** What a start finds. Throws `StoreRefused`. `acknowledged`: how many commits the high-water mark says. */
  load(acknowledged: number): Omit<StoredState, "incarnation"> {
    const { state, snapshot, entries } = loadStore(this.#tables, PLACE);
    checkNothingIsLost(state, acknowledged, PLACE);
    const { term, vote, commitIndex, compactedIndex, compactedTerm } = state;
    return {
      hardState: { term, vote: vote ?? undefined, commit: commitIndex },
      snapshot: snapshot && unpackSnapshot(snapshot),
      compacted: { index: compactedIndex, term: compactedTerm },
      entries: unpackEntries(entries),
    };
  }

  /** Throws `StoreRefused` if it is not as it was stored. */
  readSnapshot(): Snapshot | undefined {
    const packed = loadSnapshot(this.#tables, this.#state, PLACE);
    return packed && unpackSnapshot(packed);
  }
}

class MemoryTables implements ReadableTables, WritableTables {
  #identity: Checked<Identity>;
  #state: Checked<StoreState> | null = null;
  #snapshot: Checked<PackedSnapshot> | null = null;
  #log: LogRow[] = [];

  constructor(identity: Identity) {
    this.#identity = { ...identity, rowChecksum: identityChecksum(identity) };
  }

  copy(): MemoryTables {
    const twin = new MemoryTables(this.#identity);
    twin.#identity = this.#identity;
    twin.#state = this.#state;
    twin.#snapshot = this.#snapshot;
    twin.#log = [...this.#log];
    return twin;
  }

  readIdentity(): Checked<Identity> {
    return this.#identity;
  }

  readState(): Checked<StoreState> | null {
    return this.#state;
  }

  writeState(state: StoreState): void {
    this.#state = { ...state, rowChecksum: stateChecksum(state) };
  }

  readSnapshot(): Checked<PackedSnapshot> | null {
    return this.#snapshot;
  }

  writeSnapshot(snapshot: PackedSnapshot): number {
    const rowChecksum = snapshotRowChecksum(snapshot);
    this.#snapshot = { ...snapshot, rowChecksum };
    return rowChecksum;
  }

  /** In the order in which they lie there. */
  entries(): IterableIterator<LogRow> {
    return this.#log.values();
  }

  insertEntry(row: LogRow): void {
    this.#log.push(row);
  }

  entryHead(index: number): LogRow | null {
    return this.entry(index);
  }

  entry(index: number): LogRow | null {
    return this.#log.find((row) => row.index === index) ?? null;
  }

  deleteFrom(index: number): void {
    this.#log = this.#log.filter((row) => row.index < index);
  }

  deleteThrough(index: number): void {
    this.#log = this.#log.filter((row) => row.index > index);
  }

  /** A bit of some column of some row; of the state's where the table is empty. */
  flip(random: Random, table: TableName): void {
    if (table === "identity") this.#identity = flipped(this.#identity, random);
    else if (table === "log" && this.#log.length > 0) {
      const place = random.below(this.#log.length);
      this.#log[place] = flipped(this.#log[place]!, random);
    } else if (table === "snapshot" && this.#snapshot !== null) {
      this.#snapshot = flipped(this.#snapshot, random);
    } else if (this.#state !== null) this.#state = flipped(this.#state, random);
  }
}

/** `row` with one bit of one of its columns flipped. */
function flipped<Row extends object>(row: Row, random: Random): Row {
  const copy = { ...row };
  const columns = Object.entries(copy).filter(([, value]) => hasBits(value));
  const [name, value] = random.pick(columns);
  Reflect.set(copy, name, flippedValue(value, random));
  return copy;
}

function hasBits(value: unknown): boolean {
  return value instanceof Uint8Array || typeof value === "string"
    ? value.length > 0
    : value !== null;
}

function flippedValue(value: unknown, random: Random): unknown {
  if (typeof value === "number") {
    const bit = 2 ** random.below(32);
    return Math.floor(value / bit) % 2 === 1 ? value - bit : value + bit;
  }
  if (value instanceof Uint8Array) {
    const bytes = Uint8Array.from(value);
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  }
  const text = String(value);
  const place = random.below(text.length);
  const other = String.fromCharCode(text.charCodeAt(place) ^ (1 << random.below(7)));
  return text.slice(0, place) + other + text.slice(place + 1);
}
